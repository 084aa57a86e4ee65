"""What the functions on dates do. Doc strings are what people read."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from integration_hub.core.errors import UnusableError
from mapping.formulas import is_empty
from mapping.values import to_date

_DATE_PARTS = re.compile("YYYY|YY|MM|DD|hh|mm|ss")
_MAX_DAYS = 36_600


def parse_date(value: object) -> date | None:
    """The day of a time, or of a text such as 2026-01-31."""
    if is_empty(value):
        return None
    if not isinstance(value, str):
        return to_date(value)
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError as error:
        raise UnusableError("needs a date such as 2026-01-31", value=value) from error


def shift_date(date_: date, days: int) -> date:
    """So many days later, or earlier if negative."""
    if abs(days) > _MAX_DAYS:
        raise UnusableError("shifts by a century at most", value=Decimal(days))
    try:
        return date_ + timedelta(days=days)
    except OverflowError as error:
        raise UnusableError("leaves the calendar", value=date_) from error


def start_month(date_: date) -> date:
    """The first day of the date's month."""
    return date_.replace(day=1)


def end_month(date_: date) -> date:
    """The last day of the date's month."""
    return date_.replace(day=calendar.monthrange(date_.year, date_.month)[1])


def number_weekday(date_: date) -> Decimal:
    """The day of the week: 1 is Monday, 7 is Sunday."""
    return Decimal(date_.isoweekday())


def format_day(date_: object, pattern: str) -> str | None:
    """The date as text; `YYYY` `YY` `MM` `DD` `hh` `mm` `ss` are filled in."""
    if date_ is None:
        return None
    if not isinstance(date_, date):
        raise UnusableError(
            "needs a date or time",
            value=date_,
            action="Use date(…) to make a date of a text.",
        )
    parts = {
        "YYYY": f"{date_.year:04}",
        "YY": f"{date_.year % 100:02}",
        "MM": f"{date_:%m}",
        "DD": f"{date_:%d}",
        "hh": f"{date_:%H}",
        "mm": f"{date_:%M}",
        "ss": f"{date_:%S}",
    }
    return _DATE_PARTS.sub(lambda found: parts[found.group()], pattern)

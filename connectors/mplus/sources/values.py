"""Small conversions from the till's wire values to the hub's.

The till counts money in cents, quantities in units of a tenth to the power of
``decimalPlaces``, and time as the wall clock of the shop (the vendor's WSDL and
tutorials). Wire values come decoded: int, Decimal, bool, text, dict.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
# The lowest VAT rate in use that is not 0 lies well above 1 %.
LARGEST_PERCENTAGE = 100
# The vendor's ``long`` has 64 bits.
LARGEST_WHOLE = 2**63 - 1

_DATE = ("year", "mon", "day")
_CLOCK = ("hour", "min", "sec")
_DATE_PARTS = frozenset(_DATE)
SHOP_ZONE = ZoneInfo("Europe/Amsterdam")

Wire = Mapping[str, Any]
T = TypeVar("T")


class WireError(ValueError):
    """A wire record that makes no sense; the text says why, with the values.

    ``code`` is a short fixed word for the kind of trouble.
    """

    def __init__(self, message: str, *, code: str = "unreadable") -> None:
        super().__init__(message)
        self.code = code


def to_whole(record: Wire, name: str, default: int | None = None) -> int:
    """A whole number of ``record``. Raises WireError where it is none."""
    value = record.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > LARGEST_WHOLE:
            raise WireError(f"{name} has more than 64 bits.", code="number")
        return value
    shown = "missing" if value is None else f"{str(value)[:40]!r}, not a whole number"
    raise WireError(f"{name} is {shown}.", code="number")


def to_money(cents: int) -> Decimal:
    """Cents as an amount: 995 → 9.95."""
    return (Decimal(cents) / HUNDRED).quantize(CENT)


def to_quantity(number: int, places: int | None) -> Decimal:
    """A quantity: (530, 3) → 0.530. Absent places mean 0.

    The vendor's own clients disagree about absent places; its tutorial says 0.
    Places outside 0…9 are a WireError.
    """
    places = places or 0
    if not 0 <= places <= 9:
        raise WireError(f"A quantity has {places} decimal places.", code="quantity")
    return Decimal(number).scaleb(-places)


def to_rate(
    value: int, *, net: int = 0, vat: int = 0, hundredths: bool = False
) -> Decimal:
    """A VAT percentage as a rate: 2100 and 21 both → 21.

    No public source tells the scale. Above 100 it can only be hundredths, and the
    caller may know (``hundredths``). Else the amounts (cents) decide where they fit
    hundredths alone, and what is left is the rate itself.
    """
    if hundredths or value > LARGEST_PERCENTAGE:
        return _tidy(Decimal(value) / HUNDRED)
    if value > 0 and net and vat:
        plain, small = Decimal(value), Decimal(value) / HUNDRED
        if _fits(small, net, vat) and not _fits(plain, net, vat):
            return _tidy(small)
    return Decimal(value)


def to_date(value: Wire | None) -> date | None:
    """A SoapMplusDate; all zeros and absence mean None."""
    year, month, day = (to_whole(value or {}, name, 0) for name in _DATE)
    if not (year or month or day):
        return None
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        shown = f"{year}-{month}-{day}"
        raise WireError(f"{shown} is not a date.", code="date") from None


def to_moment(value: Wire | None) -> datetime | None:
    """A SoapMplusDateTime as an aware time of the shop; all zeros mean None.

    The wall clock counts, in Europe/Amsterdam: the vendor's PHP client writes and
    reads that zone always, and its clients send true, zero and wrong offsets. Offset and ``isdst`` only tell the two hours apart that come twice when
    summer time ends.
    """
    day = to_date(value)
    if day is None or value is None:
        return None
    hour, minute, second = (to_whole(value, name, 0) for name in _CLOCK)
    try:
        clock = time(hour, minute, second)
    except (ValueError, OverflowError):
        shown = f"{hour}:{minute}:{second}"
        raise WireError(f"{shown} is not a time of day.", code="date") from None
    first = datetime.combine(day, clock, SHOP_ZONE)
    later = first.replace(fold=1)
    if first.utcoffset() == later.utcoffset() or value.get("isdst"):
        return first
    offset = timedelta(minutes=to_whole(value, "timezone", 0))
    return first if offset == first.utcoffset() else later


def to_wire_date(day: date) -> dict[str, int]:
    """A date as SoapMplusDate."""
    return {"day": day.day, "mon": day.month, "year": day.year}


def attempt(read: Callable[[], T]) -> T | None:
    """What can be read, None where it makes no sense."""
    try:
        return read()
    except WireError:
        return None


def find_name(record: Wire, name: str, known: Mapping[str, T], *, code: str) -> T:
    """What a name of the API stands for. Raises WireError with ``code`` if unknown."""
    value = to_text(record.get(name))
    if value in known:
        return known[value]
    shown = value[:60] or "missing"
    raise WireError(
        f"{name} is {shown}, which this version of the hub does not know.", code=code
    )


def to_plain(value: Any) -> Any:
    """A wire value for ``extra``: dates and times as such, the rest as it came.

    Amounts stay as the till sends them: whole numbers are cents. A date that is none
    keeps its parts, because nothing hangs on it.
    """
    if isinstance(value, list):
        return [to_plain(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() >= _DATE_PARTS:
        with contextlib.suppress(WireError):
            return to_moment(value) if "hour" in value else to_date(value)
    return {name: to_plain(each) for name, each in value.items()}


def keep_rest(record: Wire, named: frozenset[str]) -> dict[str, Any]:
    """What of ``record`` has no name in the datamodel, by the API's own names."""
    return {
        name: to_plain(value) for name, value in record.items() if name not in named
    }


def list_items(record: Wire, wrapper: str, item: str) -> list[dict[str, Any]]:
    """The records of a wrapped list; absent and empty lists are empty."""
    inner = record.get(wrapper) or {}
    items: list[dict[str, Any]] = inner.get(item) or []
    return items


def to_text(value: Any) -> str:
    """A number or text as text; absent is empty."""
    return "" if value is None else str(value)


def to_id(number: int | None) -> str:
    """A card's number as text; 0 means none (the vendor's legacy client)."""
    return str(number) if number else ""


def _fits(rate: Decimal, net: int, vat: int) -> bool:
    expected = (net * rate / HUNDRED).quantize(Decimal(1), ROUND_HALF_UP)
    # Rounded per line, the sum may be off by a part of a cent per line.
    return abs(expected - vat) <= max(2, abs(net) // 2000)


def _tidy(rate: Decimal) -> Decimal:
    """Without zeros behind the point, and never in exponents: 21.00 → 21."""
    whole = rate.to_integral_value()
    return whole if whole == rate else rate.normalize()

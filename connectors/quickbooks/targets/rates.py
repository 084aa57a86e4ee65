"""Whether a tax code exists and has the right rate on the day it is used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.vat import Piece, show_rate
from integration_hub.core.errors import MappingError

MAP_PAGE = "Choose another tax code in the value map “VAT codes”."
SETTINGS_PAGE = "Choose another tax code in the settings of the integration."
# The settings whose codes lines may have, by name.
CODES = {
    "no_vat_code": "Tax code for what is outside VAT",
    "reverse_charge_code": "Tax code for reverse charge in the same country",
    "eu_goods_code": "Tax code for goods to another EU country",
    "eu_services_code": "Tax code for services to another EU country",
    "export_code": "Tax code for export",
    "margin_code": "Tax code for margin goods",
}


def check_code(
    code: str, rate: Decimal, *, day: date, options: Options, what: str, reference: str
) -> None:
    """Raise MappingError unless QuickBooks has the code, with this rate on this day.

    ``what`` is mapped to it, for people. Nothing is known of codes with several rates.
    """
    problem = _find_problem(code, rate, day, options)
    if not problem:
        return
    is_known = code in options.tax_codes
    raise MappingError(
        f"{what} has {problem}",
        code="tax rate differs" if is_known else "unknown tax code",
        reference=reference if is_known else code,
        action=MAP_PAGE,
    )


def check_settings(pieces: Iterable[Piece], *, day: date, options: Options) -> None:
    """Check the codes that lines have from the settings, as ``check_code`` does."""
    names = {getattr(options, name): name for name in CODES}
    for code, rate in dict.fromkeys((p.tax_code, p.rate) for p in pieces):
        problem = _find_problem(code, rate, day, options) if code in names else ""
        if problem:
            raise MappingError(
                f"The setting “{CODES[names[code]]}” has {problem}",
                code="tax code of a setting",
                reference=f"{names[code]}:{code}",
                action=SETTINGS_PAGE,
            )


def _find_problem(code: str, rate: Decimal, day: date, options: Options) -> str:
    """What is wrong with a code that must have this rate, "" if nothing is known."""
    if not options.tax_codes:
        return ""
    known = options.tax_codes.get(code)
    if known is None:
        return (
            f"tax code {code}, which QuickBooks does not have or does not use any more."
        )
    theirs = known.rate_used_on(day)
    if theirs == rate or not known.spans:
        return ""
    shown = f"is {show_rate(theirs)} %" if theirs is not None else "has no rate"
    return (
        f"tax code “{known.name}”, which {shown} on {day}; {show_rate(rate)} % is "
        f"needed."
    )


def find_rate(
    code: str,
    *,
    day: date,
    options: Options,
    what: str,
    action: str,
    bought: bool = False,
) -> Decimal:
    """The rate of a code on a day; ``bought`` asks for that on purchases.

    Raises MappingError where the code has none that is known.
    """
    known = options.tax_codes.get(code)
    rate = None
    if known is not None:
        rate = known.bought_on(day) if bought else known.rate_used_on(day)
    if rate is not None:
        return rate
    name = known.name if known is not None else code
    side = "purchases" if bought else "sales"
    raise MappingError(
        f"{what} has tax code “{name}”, whose rate on {side} is not known on {day}.",
        code="tax rate unknown",
        reference=code,
        action=action,
    )

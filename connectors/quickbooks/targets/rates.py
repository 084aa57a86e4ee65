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
    code: str,
    rate: Decimal,
    *,
    day: date,
    options: Options,
    what: str,
    reference: str,
    action: str = MAP_PAGE,
) -> None:
    """Raise MappingError unless QuickBooks has the code, with this rate on this day.

    ``what`` uses it, for people. Nothing is known of codes with several rates.
    """
    codes = options.tax_codes
    if not codes:
        return
    known = codes.get(code)
    if known is None:
        raise MappingError(
            f"{what} has tax code {code}, which QuickBooks does not have or does not "
            f"use any more.",
            code="unknown tax code",
            reference=code,
            action=action,
        )
    theirs = known.rate_used_on(day)
    if theirs == rate or not known.spans:
        return
    shown = f"is {show_rate(theirs)} %" if theirs is not None else "has no rate"
    raise MappingError(
        f"{what} has tax code “{known.name}”, which {shown} on {day}; "
        f"{show_rate(rate)} % is needed.",
        code="tax rate differs",
        reference=reference,
        action=action,
    )


def check_settings(pieces: Iterable[Piece], *, day: date, options: Options) -> None:
    """Check the codes that lines have from the settings, as ``check_code`` does."""
    labels = {getattr(options, name): label for name, label in CODES.items()}
    for code, rate in dict.fromkeys((p.tax_code, p.rate) for p in pieces):
        if code in labels:
            check_code(
                code,
                rate,
                day=day,
                options=options,
                what=f"The setting “{labels[code]}”",
                reference=code,
                action=SETTINGS_PAGE,
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
        rate = known.bought_on(day) if bought else known.rate_on(day)
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

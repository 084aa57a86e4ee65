"""What a receipt says of its VAT: how it is counted, the totals, the country."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.datamodel import VatMethod, VatTotal
from connectors.mplus.sources.countries import from_alpha_3
from connectors.mplus.sources.values import (
    Wire,
    find_name,
    list_items,
    to_id,
    to_money,
    to_rate,
    to_text,
    to_whole,
)

_VAT_METHODS = {
    "VAT-METHOD-INCLUSIVE": VatMethod.INCLUSIVE,
    "VAT-METHOD-EXCLUSIVE": VatMethod.EXCLUSIVE,
    "VAT-METHOD-SHIFTED": VatMethod.REVERSE_CHARGE,
    "VAT-METHOD-NONE": VatMethod.NONE,
}


def read_vat_method(record: Wire) -> VatMethod:
    """Whether prices hold VAT. Raises WireError for what is not known."""
    return find_name(record, "vatMethod", _VAT_METHODS, code="unknown_vat_method")


def read_vat_totals(record: Wire) -> tuple[VatTotal, ...]:
    """The totals by VAT code. Raises WireError."""
    groups = list_items(record, "vatGroupList", "vatGroup")
    return tuple(_read_total(group) for group in groups)


def _read_total(group: Wire) -> VatTotal:
    net, vat = to_whole(group, "exclAmount", 0), to_whole(group, "vatAmount", 0)
    return VatTotal(
        vat_code=to_id(group.get("vatCode")),
        vat_rate=to_rate(to_whole(group, "vatPercentage"), net=net, vat=vat),
        net=to_money(net),
        vat=to_money(vat),
    )


def index_rates(vat_totals: Sequence[VatTotal]) -> dict[str, Decimal]:
    """The rate of each VAT code that has only one on this receipt."""
    rates: dict[str, set[Decimal]] = {}
    for each in vat_totals:
        rates.setdefault(each.vat_code, set()).add(each.vat_rate)
    return {code: found.pop() for code, found in rates.items() if len(found) == 1}


def find_country(record: Wire) -> str:
    """The country whose VAT the till charged; "" where it says none or several."""
    groups = list_items(record, "vatGroupList", "vatGroup")
    found = {from_alpha_3(to_text(group.get("countryIso3"))) for group in groups}
    return found.pop() if len(found) == 1 else ""

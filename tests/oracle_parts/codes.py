"""Which account and which tax code a line of a receipt belongs to."""

from __future__ import annotations

from decimal import Decimal

from .countries import EU, ISO2, find_country
from .expected import FAILED, RefusedError
from .lines import NO_CODE, is_deposit, is_gift_card
from .records import TillLine, TillReceipt, TillVat
from .shop import Shop

SHIFTED = "VAT-METHOD-SHIFTED"
NONE = "VAT-METHOD-NONE"
VAT_METHODS = frozenset({"VAT-METHOD-INCLUSIVE", "VAT-METHOD-EXCLUSIVE", SHIFTED, NONE})
TURNOVER_GROUPS = frozenset({"", "TURNOVER-GROUP-TYPE-TURNOVER"})


def find_tax_code(line: TillLine, receipt: TillReceipt, shop: Shop) -> str:
    """The books' tax code of a line. Raises RefusedError where there is none."""
    setup = shop.setup
    coded = line.vat_code not in NO_CODE
    liability = is_gift_card(line) or is_deposit(line) or is_other_group(line)
    if not coded and liability:
        return setup.no_vat
    if is_purchase(line, shop):
        own = map_line(line, receipt, shop) if coded else None
        return own or setup.codes.margin or setup.no_vat
    if setup.supply.get(line.group) == "margin":
        return _require(setup.codes.margin, "no margin code")
    if receipt.vat_method == SHIFTED:
        return find_shifted_code(line, receipt, shop)
    if receipt.vat_method == NONE:
        return find_export_code(receipt, shop)
    return _require(map_line(line, receipt, shop), "unmapped VAT code")


def _require(code: str | None, reason: str) -> str:
    if not code:
        raise RefusedError(FAILED, reason)
    return code


def map_line(line: TillLine, receipt: TillReceipt, shop: Shop) -> str | None:
    """The code mapped for a line's VAT code and rate, in the till's VAT country."""
    if line.vat_code in NO_CODE:
        return None
    for group in receipt.vat:
        if group.code == line.vat_code:
            return map_vat(group, shop)
    percentage = shop.percentages.get(line.vat_code)
    if percentage is None:
        return None
    return map_vat(TillVat(line.vat_code, percentage, 0, 0, ""), shop)


def map_vat(group: TillVat, shop: Shop) -> str | None:
    """The tax code that stands for (country, VAT code, rate)."""
    country = ISO2.get(group.country, group.country) or shop.setup.country
    return shop.setup.vat.get((country, group.code, group.percentage / shop.scale))


def find_shifting_country(receipt: TillReceipt, shop: Shop) -> str:
    """The country of who owes the VAT that is shifted. Raises RefusedError."""
    relation = shop.relations.get(receipt.relation)
    if relation is None:
        raise RefusedError(FAILED, "no relation")
    if not relation.vat_number:
        raise RefusedError(FAILED, "no VAT number")
    country = find_country(relation)
    if not country:
        raise RefusedError(FAILED, "no country")
    if country != shop.setup.country and country not in EU:
        raise RefusedError(FAILED, "reverse charge outside the EU")
    return country


def find_shifted_code(line: TillLine, receipt: TillReceipt, shop: Shop) -> str:
    """The code of a sale whose VAT the customer pays, by who he is."""
    country, setup = find_shifting_country(receipt, shop), shop.setup
    if country == setup.country:
        code = setup.codes.reverse_charge.get(country)
    elif setup.supply.get(line.group) == "services":
        code = setup.codes.eu_services
    else:
        code = setup.codes.eu_goods
    return _require(code, "no reverse charge code")


def find_export_code(receipt: TillReceipt, shop: Shop) -> str:
    """The code of a sale without VAT: to somebody outside the EU, else as mapped."""
    relation = shop.relations.get(receipt.relation)
    country = find_country(relation) if relation else ""
    if country and country not in EU and country != shop.setup.country:
        return _require(shop.setup.codes.export, "no VAT")
    mapped = map_vat(TillVat("0", Decimal(0), 0, 0, ""), shop)
    return _require(mapped, "no VAT")


def is_purchase(line: TillLine, shop: Shop) -> bool:
    """Something bought in: a return has a negative quantity and a discount VAT."""
    if shop.setup.supply.get(line.group) == "purchases":
        return True
    plain = line.group_type in TURNOVER_GROUPS and line.vat_code in NO_CODE
    liability = is_gift_card(line) or is_deposit(line)
    return plain and not liability and line.incl * line.quantity < 0


def is_other_group(line: TillLine) -> bool:
    """A line of a turnover group that is no turnover."""
    return line.group_type not in TURNOVER_GROUPS


def find_account(line: TillLine, shop: Shop) -> str:
    """The account of a line. Raises RefusedError where nobody chose one."""
    setup = shop.setup
    if is_gift_card(line):
        return setup.liabilities["gift_card"]
    if is_deposit(line):
        return setup.liabilities["refundable_deposit"]
    if is_purchase(line, shop):
        return _require(setup.accounts.purchases, "trade-in")
    if is_other_group(line):
        return _require(setup.income.get(line.group), "line that is no turnover")
    return setup.find_income(line.group)

"""What becomes no document, and what a person reads about it."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.contract import Choice
from connectors.quickbooks.targets.orders import plan_orders
from integration_hub.core.errors import (
    MappingError,
    Rejected,
    UnsupportedError,
)
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    card,
    line,
    mapped,
    pay,
    plan,
    receipt,
    settings,
)

TEA = [line("12.10")]
PIN = [pay("PIN", "12.10")]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (receipt(TEA, PIN, date=date(2025, 12, 31)), "before start"),
        (receipt([], [], type=dm.OrderType.TRANSFER), "transfer between tenders"),
        (receipt([line("0.00")], []), "zero sale"),
        (receipt([], [pay("CASH", "5", "a"), pay("CASH", "-5", "b")]), "zero sale"),
        (receipt(TEA, [pay("OWN", "12.10")]), "own use"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sale_is_skipped(order: dm.Order, reason: str) -> None:
    assert plan(order).skip == reason


def test_a_receipt_that_is_not_final_waits() -> None:
    assert plan(receipt(TEA, [], final=False)).wait.startswith("not final")


def test_before_the_start_nothing_else_is_looked_at() -> None:
    order = receipt(TEA, [pay("UNKNOWN", "1.00")], date=date(2025, 1, 1))
    assert plan(order).skip == "before start"


def test_a_total_of_zero_can_be_refused() -> None:
    order = receipt(TEA, [pay("CARD", "12.10")])
    assert isinstance(plan(order, zero_totals="fail").error, UnsupportedError)


def refuse(order: dm.Order, fields: Any = None, **values: Any) -> MappingError:
    """The mapping error of a receipt."""
    error = plan(order, fields=fields, **values).error
    assert isinstance(error, MappingError)
    return error


def test_an_unmapped_tender_is_named() -> None:
    error = refuse(receipt(TEA, [pay("BITCOIN", "12.10")]))
    assert "“Bitcoin” is not mapped" in error.message
    assert error.reference == "BITCOIN"
    assert "“Tenders”" in error.action


def test_a_tender_without_an_account_is_named() -> None:
    order = receipt(TEA, PIN)
    entry = mapped(order)
    fields = ({**entry.tenders[0], "deposit_account": ""},)
    plans = _plan_with(order, tenders=fields)
    assert "no deposit account for branch 1" in plans.message


def test_a_treatment_that_does_not_exist_is_named() -> None:
    error = _plan_with(receipt(TEA, PIN), tenders=({"treatment": "gift"},))
    assert "“gift”" in error.message


def _plan_with(order: dm.Order, **fields: Any) -> MappingError:
    entry = dataclasses.replace(mapped(order), **fields)
    error = plan_orders([entry], {}, settings())[0].error
    assert isinstance(error, MappingError)
    return error


def test_a_tender_of_nothing_need_not_be_mapped() -> None:
    assert plan(receipt(TEA, [*PIN, pay("BITCOIN", "0.00")])).error is None


def test_on_account_without_a_relation_fails() -> None:
    order = receipt(TEA, [pay("ACCOUNT", "12.10")])
    assert "on account" in refuse(order).message


def test_on_account_never_goes_to_the_default_debtor() -> None:
    order = receipt(TEA, [pay("ACCOUNT", "12.10")], customer=ANNA)
    fields = {"customer": {"display_name": " "}}
    error = refuse(order, fields, force_default_debtor="true")
    assert error.code == "no relation"


def test_several_tenders_without_any_customer_fail() -> None:
    order = receipt(TEA, [pay("PIN", "10.00"), pay("CASH", "2.10")])
    assert refuse(order, default_debtor="").reference == "default_debtor"


def test_an_unmapped_vat_code_is_named() -> None:
    error = _plan_with(receipt(TEA, PIN), lines=({"description": "Tea"},))
    assert "VAT code 1 (21 %, NL) has no tax code" in error.message


def test_a_tax_code_that_is_gone_is_named() -> None:
    error = _plan_with(receipt(TEA, PIN), lines=({"tax_code": "t6"},))
    assert (error.code, error.reference) == ("unknown tax code", "t6")


def test_a_tax_code_of_another_rate_fails_before_it_is_sent() -> None:
    error = _plan_with(receipt(TEA, PIN), lines=({"tax_code": "t9"},))
    assert "which is 9 % on 2026-03-14" in error.message


@pytest.mark.parametrize(
    ("history", "told"),
    [("/2026-02-28=21", "has no rate on 2026-03-14"), ("2027-01-01/=19", "is 19 %")],
    ids=["ended", "known since later"],
)
def test_a_tax_code_without_the_rate_that_day_fails_before_it_is_sent(
    history: str, told: str
) -> None:
    facts = {"rate": "21", "rate_id": "r1", "history": history}
    lists = {"tax_codes": (Choice("t21", "High", facts=facts),)}
    error = refuse(receipt(TEA, PIN), lists=lists)
    assert error.code == "tax rate differs"
    assert f"“High”, which {told}" in error.message


@pytest.mark.parametrize(
    ("code", "told"), [("t21", "“t21”, which is 21 % on"), ("gone", "does not have")]
)
@pytest.mark.parametrize(
    "order",
    [
        receipt([card("12.10")], PIN),
        receipt(TEA, [pay("CARD", "2.10"), pay("PIN", "10.00")]),
        receipt(TEA, [pay("CASH", "12.08")], cash_rounding=Decimal("-0.02")),
    ],
    ids=["line", "tender", "rounding"],
)
def test_a_code_that_is_not_outside_vat_names_the_setting(
    order: dm.Order, code: str, told: str
) -> None:
    error = refuse(order, no_vat_code=code)
    assert "“Tax code for what is outside VAT”" in error.message
    assert told in error.message
    assert "settings of the integration" in error.action


@pytest.mark.parametrize("tenders", [PIN, [pay("CARD21", "12.10")]])
def test_a_rate_that_the_company_knows_since_later_is_taken(
    tenders: list[dm.Tender],
) -> None:
    facts = {"rate": "21", "rate_id": "r1", "history": "2027-01-01/=21"}
    lists = {"tax_codes": (Choice("t21", "High", facts=facts),)}
    assert plan(receipt(TEA, tenders), lists=lists).error is None


def test_the_rate_of_the_day_counts() -> None:
    facts = {"rate": "21", "rate_id": "r", "history": "2026-04-01/=21;/2026-03-31=19"}
    lists = {"tax_codes": (Choice("t21", "VAT", facts=facts),)}
    error = refuse(receipt(TEA, PIN), lists=lists)
    assert "which is 19 % on" in error.message


@pytest.mark.parametrize(
    ("order", "setting"),
    [
        (receipt([card("1.00")], [pay("PIN", "1.00")]), "gift_card_account"),
        (receipt([card("1.00")], [pay("PIN", "1.00")]), "no_vat_code"),
        (receipt(TEA, [pay("DEPOSIT", "12.10")]), "customer_deposit_account"),
        (receipt(TEA, [pay("CARD", "12.10")]), "split_tenders_account"),
    ],
)
def test_a_setting_that_is_needed_is_named(order: dm.Order, setting: str) -> None:
    assert refuse(order, **{setting: ""}).reference == setting


def test_a_location_can_be_required() -> None:
    order = receipt(TEA, PIN)
    error = refuse(order, {"header": {}}, location_required="true")
    assert error.code == "location"


def test_a_group_that_is_no_turnover_needs_an_account() -> None:
    order = receipt([line("12.10", type=dm.LineType.OTHER_LIABILITY)], PIN)
    assert "“Drinks” is no turnover" in refuse(order).message
    assert plan(order, fields={"item": {"liability_account": "x"}}).error is None


def test_lines_that_do_not_make_the_tenders_fail_with_both_amounts() -> None:
    error = plan(receipt(TEA, [pay("PIN", "12.00")])).error
    assert isinstance(error, Rejected)
    assert "12.10" in error.message
    assert "12.00" in error.message


def test_sums_that_differ_by_more_than_a_cent_fail() -> None:
    order = receipt(TEA, [pay("PIN", "12.12")], sum_rounding=Decimal("0.02"))
    assert isinstance(plan(order).error, Rejected)


def test_a_voucher_without_goods_fails() -> None:
    tenders = [pay("VOUCHER", "5.00"), pay("PIN", "20.00")]
    error = plan(receipt([card("25.00")], tenders)).error
    assert error is not None
    assert error.code == "voucher without goods"


def test_one_receipt_that_fails_disturbs_no_other() -> None:
    bad, good = mapped(receipt(TEA, [pay("X", "12.10")])), mapped(receipt(TEA, PIN))
    plans = plan_orders([bad, good], {}, settings())
    assert plans[0].error is not None
    assert plans[1].writes

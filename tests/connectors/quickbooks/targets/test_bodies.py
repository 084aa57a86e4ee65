"""What rules add to a document, and lines out of the ordinary."""

from __future__ import annotations

from tests.connectors.quickbooks.targets.receipts import (
    amounts,
    bottle,
    line,
    pay,
    plan,
    receipt,
    sale_of,
)


def test_classes_and_a_memo_are_passed_on() -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    header = {"class": "c1", "memo": "Thank you", "note": "blue bag"}
    body = sale_of(plan(order, fields={"header": header, "line": {"class": "c2"}})).body
    assert body["ClassRef"] == {"value": "c1"}
    assert body["CustomerMemo"] == {"value": "Thank you"}
    assert body["PrivateNote"].endswith("1-2-2026-17 blue bag")
    detail = body["Line"][0]["SalesItemLineDetail"]
    assert detail["ClassRef"] == {"value": "c2"}


def test_goods_without_a_vat_code_need_a_tax_code_from_a_rule() -> None:
    order = receipt([line("12.10", "")], [pay("PIN", "12.10")])
    assert plan(order).error is not None
    made = plan(order, fields={"line": {"tax_code": "none"}})
    assert amounts(made) == [("12.10", "12.10", "none", "1001")]


def test_a_tender_that_nets_to_nothing_names_the_account_of_a_zero_total() -> None:
    tenders = [pay("CASH", "20.00", "a"), pay("CASH", "-20.00", "b")]
    sale = sale_of(plan(receipt([line("1.00"), line("-1.00")], tenders)))
    assert sale.body["DepositToAccountRef"] == {"value": "till"}


def test_vat_amounts_leave_out_lines_without_vat() -> None:
    lines = [line("0.99"), line("0.99"), line("0.99"), bottle("0.25")]
    body = sale_of(plan(receipt(lines, [pay("PIN", "3.22")]))).body
    assert len(body["TxnTaxDetail"]["TaxLine"]) == 1

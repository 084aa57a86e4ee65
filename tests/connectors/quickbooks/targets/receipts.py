"""Receipts for the tests, with what default rules would make of them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors import datamodel as dm
from connectors.contract import Choice, PlanSettings
from connectors.quickbooks.targets.orders import plan_orders
from connectors.writes import Known, Mapped, Plan, Ref

CENT = Decimal("0.01")
DAY = date(2026, 3, 14)
SOURCE = "5f0c3a52-1111-11f0-9c7a-0242ac120002"
RATES = {"1": Decimal(21), "2": Decimal(9), "3": Decimal(0), "": Decimal(0)}
CODES = {"1": "t21", "2": "t9", "3": "t0", "": ""}
SALE = Ref("order", SOURCE, "sale")
CORRECTION = Ref("order", SOURCE, "correction:1")
VALUES = {
    "no_vat_code": "none",
    "default_income_account": "sales",
    "default_expense_account": "cogs",
    "gift_card_account": "cards",
    "deposit_account": "bottles",
    "payment_differences_account": "diff",
    "rounding_account": "round",
    "split_tenders_account": "split",
    "receivable_account": "owed",
    "tips_account": "tips",
    "own_use_account": "drawings",
    "default_debtor": "77",
}
TENDERS = {
    "CASH": {"treatment": "payment", "payment_method": "m1", "deposit_account": "till"},
    "PIN": {"treatment": "payment", "payment_method": "m2", "deposit_account": "pin"},
    "VVV": {"treatment": "third_party", "payment_method": "", "deposit_account": "vvv"},
    "ACCOUNT": {"treatment": "on_account"},
    "CARD": {"treatment": "gift_card"},
    "CARD21": {"treatment": "gift_card", "tax_code": "t21"},
    "DEPOSIT": {"treatment": "deposit"},
    "VOUCHER": {"treatment": "own_voucher"},
    "PROMO": {"treatment": "own_voucher", "deposit_account": "promo"},
    "OWN": {"treatment": "not_a_sale"},
    "BROKEN": {"treatment": "breakage"},
}
ANNA = dm.Customer(id="12", is_company=False, name="Anna de Vries", email="a@x.example")


def tax_list() -> tuple[Choice, ...]:
    """The tax codes of the company."""
    return tuple(
        Choice(
            id, id, facts={"rate": rate, "rate_id": f"r{rate}", "history": f"/={rate}"}
        )
        for id, rate in (("t21", "21"), ("t9", "9"), ("t0", "0"), ("none", "0"))
    )


def settings(**values: Any) -> PlanSettings:
    """Settings of the integration, the given ones over the usual ones."""
    lists = values.pop("lists", {"tax_codes": tax_list()})
    return PlanSettings({**VALUES, **values}, start_date=date(2026, 1, 1), lists=lists)


def line(amount: str, code: str = "1", **facts: Any) -> dm.Line:
    """One line of goods for ``amount`` including VAT."""
    gross, rate = Decimal(amount), RATES[code]
    net = (gross * 100 / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
    return dataclasses.replace(
        dm.Line(
            id="1",
            type=dm.LineType.GOODS,
            article="1001",
            text="Tea",
            quantity=Decimal(1 if gross >= 0 else -1),
            amount_incl=gross,
            amount_excl=net,
            vat_code=code,
            vat_rate=rate,
            turnover_group="40",
            turnover_group_name="Drinks",
        ),
        **facts,
    )


def card(amount: str, **facts: Any) -> dm.Line:
    """A gift card sold."""
    kind = dm.LineType.GIFT_CARD
    return line(amount, "", type=kind, text="Gift card", article="90", **facts)


def bottle(amount: str, code: str = "") -> dm.Line:
    """A refundable deposit."""
    kind = dm.LineType.REFUNDABLE_DEPOSIT
    return line(amount, code, type=kind, text="Bottle", article="95")


def pay(method: str, amount: str, id: str = "", day: date = DAY) -> dm.Tender:
    """One payment."""
    return dm.Tender(
        id=id or f"p-{method}",
        method=method,
        type=dm.TenderType.OTHER,
        amount=Decimal(amount),
        date=day,
        description=method.title(),
        branch="1",
    )


def sum_vat(lines: tuple[dm.Line, ...]) -> tuple[dm.VatTotal, ...]:
    """The till's VAT: per code, of the sum."""
    gross: dict[str, Decimal] = defaultdict(Decimal)
    for each in lines:
        if each.vat_code:
            gross[each.vat_code] += each.amount_incl
    totals = []
    for code, amount in gross.items():
        rate = RATES[code]
        net = (amount * 100 / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
        totals.append(dm.VatTotal(code, rate, net, amount - net))
    return tuple(totals)


def receipt(lines: list[dm.Line], tenders: list[dm.Tender], **facts: Any) -> dm.Order:
    """A receipt that adds up."""
    total = sum((each.amount_incl for each in lines), Decimal(0))
    made = dm.Order(
        id=SOURCE,
        version="1",
        type=dm.OrderType.SALE,
        number=dm.OrderNumber("1", "2", "2026", "17", "1-2-2026-17"),
        date=DAY,
        entered_at=datetime(2026, 3, 14, 12, tzinfo=UTC),
        branch="1",
        entry_branch="1",
        till="2",
        country="NL",
        currency="EUR",
        vat_method=dm.VatMethod.INCLUSIVE,
        total_incl=total + facts.get("sum_rounding", Decimal(0)),
        total_excl=sum((each.amount_excl for each in lines), Decimal(0)),
        lines=tuple(lines),
        tenders=tuple(tenders),
        vat_totals=sum_vat(tuple(lines)),
    )
    return dataclasses.replace(made, **facts)


def mapped(order: dm.Order, **fields: Any) -> Mapped:
    """What the default rules make of a receipt."""
    customer = order.customer
    return Mapped(
        document=order,
        header=fields.get("header", {"location": "loc1"}),
        lines=tuple(
            {
                "description": each.text,
                "tax_code": CODES.get(each.vat_code, ""),
                **fields.get("line", {}),
            }
            for each in order.lines
        ),
        tenders=tuple(TENDERS.get(each.method, {}) for each in order.tenders),
        items=tuple(
            {"sku": each.article, "name": each.text, **fields.get("item", {})}
            for each in order.lines
        ),
        customer=None
        if customer is None
        else {
            "display_name": customer.company_name or customer.name,
            "company_name": customer.company_name,
            "family_name": customer.name,
            "email": customer.email,
            "vat_number": customer.vat_number,
            **fields.get("customer", {}),
        },
    )


def plan(
    order: dm.Order,
    known: dict[Ref, Known] | None = None,
    fields: dict[str, Any] | None = None,
    **values: Any,
) -> Plan:
    """The plan of one receipt."""
    entry = mapped(order, **(fields or {}))
    return plan_orders([entry], known or {}, settings(**values))[0]


def sale_of(made: Plan) -> Any:
    """The body of the planned document."""
    assert made.error is None, made.error
    return next(write for write in made.writes if write.role == "sale")


def amounts(made: Plan) -> list[tuple[str, str, str, str]]:
    """Gross, net, tax code and item of every line of the planned document."""
    return [
        (
            str(entry["SalesItemLineDetail"]["TaxInclusiveAmt"]),
            str(entry["Amount"]),
            entry["SalesItemLineDetail"]["TaxCodeRef"]["value"],
            entry["SalesItemLineDetail"]["ItemRef"]["value"].key,
        )
        for entry in sale_of(made).body["Line"]
    ]

"""Whatever is rung up: each tender's account gets what came into it, and no more."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors import datamodel as dm
from connectors.writes import Known, Plan, Ref, Write
from integration_hub.core.errors import RecordError
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    TENDERS,
    card,
    line,
    pay,
    plan,
    receipt,
)

OWED = "receivables"
SIGNS = {"SalesReceipt": 1, "RefundReceipt": -1, "Invoice": 1, "CreditMemo": -1}
# What a receipt may be refused for; anything else is a defect.
CODES = {
    "credit partly on account",
    "cash back on account",
    "voucher without goods",
    "vat does not add up",
    "no purchase price",
}

cents = st.integers(-5000, 5000).map(lambda amount: Decimal(amount) / 100)
goods = st.builds(line, cents.map(str), st.sampled_from(["1", "2", "3"]))
cards = st.builds(card, st.sampled_from(["-10.00", "25.00"]))
methods = st.sampled_from(["PIN", "CASH", "VVV", "ACCOUNT", "CARD", "VOUCHER", "OWN"])
debts = st.integers(1, 5000).map(lambda amount: debt(Decimal(amount) / 100))


def debt(amount: Decimal) -> dm.Line:
    """A line that settles an earlier debt."""
    return line(str(amount), "", type=dm.LineType.SETTLEMENT, id="9", settles="")


@st.composite
def receipts(draw: st.DrawFn) -> dm.Order:
    """A receipt that adds up: any lines, any tenders, the last one for the rest."""
    lines = draw(st.lists(goods | cards, max_size=4)) + draw(
        st.lists(debts, max_size=1)
    )
    total = sum((each.amount_incl for each in lines), Decimal(0))
    tips = draw(st.sampled_from([Decimal(0), Decimal("1.50")]))
    outstanding = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("5.00")]))
    parts = draw(st.lists(st.tuples(methods, cents), max_size=3))
    paid = sum((amount for _method, amount in parts), Decimal(0))
    rest = total + tips - outstanding - paid
    parts = [*parts, (draw(methods), rest)]
    tenders = [
        pay(method, str(amount), f"p{number}")
        for number, (method, amount) in enumerate(parts)
        if amount
    ]
    return receipt(
        lines, tenders, tips=tips, outstanding=outstanding, customer=ANNA, credits="77"
    )


def answer(made: Plan) -> dict[Ref, Known]:
    """Every question of a plan answered: nothing is open."""
    return {w.ref: Known("", facts={"open": {}}) for w in made.writes if w.asks}


def sum_accounts(writes: tuple[Write, ...]) -> dict[str, Decimal]:
    """What these writes book on the accounts of money and on receivables."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for write in writes:
        total = write.expected_total or Decimal(0)
        account = write.body.get("DepositToAccountRef", {}).get("value", OWED)
        if write.entity in SIGNS:
            sums[account] += SIGNS[write.entity] * total
        elif write.entity == "Payment":
            sums[account] += total
            sums[OWED] -= total
        elif write.entity == "JournalEntry":
            for entry in write.body["Line"]:
                detail = entry["JournalEntryLineDetail"]
                sign = 1 if detail["PostingType"] == "Debit" else -1
                sums[detail["AccountRef"]["value"]] += sign * entry["Amount"]
    return {account: amount for account, amount in sums.items() if amount}


def expect_accounts(order: dm.Order) -> dict[str, Decimal]:
    """What the till's own tenders say of those accounts."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    sums[OWED] += order.outstanding
    for each in order.lines:
        if each.type is dm.LineType.SETTLEMENT:
            sums[OWED] -= each.amount_incl
    for tender in order.tenders:
        fields = TENDERS[tender.method]
        if fields["treatment"] in ("payment", "third_party"):
            sums[fields["deposit_account"]] += tender.amount
        elif fields["treatment"] == "on_account":
            sums[OWED] += tender.amount
    return {account: amount for account, amount in sums.items() if amount}


@given(
    order=receipts(),
    zero=st.sampled_from(["sales_receipt", "two_documents"]),
    mixed=st.sampled_from(["one_document", "two_documents"]),
)
def test_each_account_gets_what_came_into_it(
    order: dm.Order, zero: str, mixed: str
) -> None:
    values = {"zero_totals": zero, "mixed_refunds": mixed}
    made = plan(order, **values)
    made = plan(order, answer(made), **values)
    if made.error is not None:
        assert isinstance(made.error, RecordError)
        assert made.error.code in CODES
        return
    if made.skip or made.wait:
        assert made.skip in ("zero sale", "own use")
        assert expect_accounts(order) == {}
        return
    assert sum_accounts(made.writes) == expect_accounts(order)
    for write in made.writes:
        if write.entity in SIGNS:
            assert write.expected_total is not None
            assert write.expected_total >= 0
        refused = write.entity == "RefundReceipt" and mixed == "two_documents"
        if refused:
            assert all(entry["Amount"] >= 0 for entry in write.body["Line"])
        if (
            write.entity in ("SalesReceipt", "RefundReceipt")
            and zero == "two_documents"
        ):
            assert write.expected_total

"""Rare sales on both sandboxes: what the company's ledger says in the end."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.models import Link, SyncRecord
from integration_hub.demo.shop import REALM, SHOP_FILE
from tests import oracle
from tests.flows.bookkeeper import documents
from tests.flows.shop import BATCH, LINE, record_of, sell, settle
from tests.oracle_parts.books import BooksServer
from tests.oracle_parts.setup import load_setup
from tests.oracle_parts.till import TillServer
from tests.plant import Plant
from tests.posting_examples import read_ledger

pytestmark = pytest.mark.django_db(transaction=True)

POSTED = (
    *("refund_several_tenders", "mixed_signs", "even_exchange", "full_gift_card_sale"),
    *("refund_onto_gift_card", "on_account", "credit_on_account", "settlement", "tip"),
    *("part_own_use", "third_party_voucher", "refund_cash_rounding", "returned_more"),
    *("refund_gift_card_tender", "zero_net_tenders", "own_voucher", "service_charge"),
    *("own_voucher_whole", "single_purpose_sold", "single_purpose_redeemed"),
    *("single_purpose_whole", "bottles_only", "crates_returned", "tip_several_tenders"),
    *("credit_part_on_account", "settlement_with_goods", "settlement_part"),
    *("settlement_several_tenders", "settlement_unnamed", "part_own_use_line"),
    *("part_own_use_line_paid", "part_own_use_line_net", "late_receipt"),
)
CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "as it is": ({}, {}),
    "zero refused": ({"zero_total": "refused"}, {"zero_totals": "two_documents"}),
    "negative lines refused": (
        {"refund_negative_lines": "refused"},
        {"mixed_refunds": "two_documents"},
    ),
    "both refused": (
        {"zero_total": "refused", "refund_negative_lines": "refused"},
        {"zero_totals": "two_documents", "mixed_refunds": "two_documents"},
    ),
    "credits applied by the company": ({"auto_apply_credit": True}, {}),
    "links leave the version": ({"links_bump_version": False}, {}),
    "VAT computed per line": ({"tax_amounts": "recomputed"}, {}),
    "VAT computed per rate": (
        {"tax_amounts": "recomputed", "vat_rounding": "per_rate"},
        {},
    ),
}


def choose(plant: Plant, **settings: str) -> None:
    """Change settings of the integration."""
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, **settings}
    integration.save()


def left_on(plant: Plant, account: str) -> Decimal:
    """The balance of an account, debit positive."""
    rows = [row for row in read_ledger(plant) if row["account"] == account]
    return sum((Decimal(r["debit"]) - Decimal(r["credit"]) for r in rows), Decimal(0))


@pytest.mark.parametrize("case", CASES)
def test_every_sort_is_posted_and_nothing_stays_on_split_tenders(
    plant: Plant, case: str
) -> None:
    switches, settings = CASES[case]
    plant.books.switch(**switches)
    choose(plant, **settings)
    for sort in POSTED:
        plant.till.do("add_receipts", count=2, sort=sort, date="2026-10-05")
    plant.run()
    settle(plant)
    troubles = SyncRecord.objects.exclude(state="synced")
    assert [(r.number, r.state, r.message) for r in troubles] == []
    setup = load_setup(Path(SHOP_FILE))
    verdict = oracle.judge(
        TillServer(plant.till.url, "sandbox", "sandbox"),
        BooksServer(plant.books.url, REALM, plant.token),
        replace(setup, choices=replace(setup.choices, **settings)),
        vat="recomputed" if "tax_amounts" in switches else "honoured",
    )
    assert verdict.problems == ()
    assert left_on(plant, "Split tenders") == 0


FAILED = {
    "credit_partly_on_account": "credits a part to the account",
    "cash_back_on_account": "gives back money",
    "on_account_no_relation": "has no relation",
    "settlement_no_relation": "has no relation",
}


@pytest.mark.parametrize("sort", FAILED)
def test_what_no_document_can_hold_fails_by_name(plant: Plant, sort: str) -> None:
    plant.till.do("add_receipts", count=1, sort=sort, date="2026-10-05")
    plant.run()
    record = SyncRecord.objects.get()
    assert record.state == "failed"
    assert FAILED[sort] in record.message
    assert read_ledger(plant) == []


@pytest.mark.parametrize(
    ("sort", "switch", "setting"),
    [
        ("even_exchange", "zero_total", "A receipt whose total is 0.00"),
        (
            "returned_more",
            "refund_negative_lines",
            "A refund with lines that were sold",
        ),
    ],
)
def test_a_refusal_names_the_setting_that_avoids_it(
    plant: Plant, sort: str, switch: str, setting: str
) -> None:
    plant.books.switch(**{switch: "refused"})
    plant.till.do("add_receipts", count=1, sort=sort, date="2026-10-05")
    plant.run()
    record = SyncRecord.objects.get()
    assert record.state == "failed"
    assert f"“{setting}”" in record.action


MIXED = [{"method": "PIN", "amount": 2000}, {"method": "CONTANT", "amount": -790}]


@pytest.mark.parametrize("requestid", ["per_item", "forgotten"])
@pytest.mark.parametrize("action", ["lose", "late"])
def test_a_journal_entry_whose_answer_is_lost_is_there_once(
    plant: Plant, requestid: str, action: str
) -> None:
    sell(plant)
    plant.run()
    plant.books.switch(requestid=requestid)
    sell(plant, payments=MIXED)
    # The second batch is the one with the journal entry.
    rule: dict[str, Any] = {"match": BATCH, "action": action, "after": 1, "times": 1}
    plant.books.fault(**rule)
    plant.run()
    settle(plant)
    assert plant.states() == {"synced": 2}
    assert len(documents(plant, "JournalEntry")) == 1
    assert left_on(plant, "Split tenders") == 0


def test_a_hub_that_lost_its_memory_finds_its_journal_entries(plant: Plant) -> None:
    sell(plant, payments=MIXED)
    plant.run()
    Link.objects.all().delete()
    SyncRecord.objects.update(state="pending")
    plant.work()
    assert plant.states() == {"synced": 1}
    assert len(documents(plant, "JournalEntry")) == 1
    assert len(documents(plant, "SalesReceipt")) == 1


ON_ACCOUNT = {"payments": [{"method": "OPREKENING"}], "relation": 1001}


def credit(plant: Plant, sale: str, **values: Any) -> str:
    """Take a sale on account back."""
    line = {**LINE, "quantity": -1}
    kind = "RECEIPT-TYPE-CREDIT-RECEIPT"
    taken = {"type": kind, "lines": [line], "credits": sale, **ON_ACCOUNT}
    return sell(plant, **{**taken, **values})


def test_a_credit_pays_the_invoice_that_it_takes_back(plant: Plant) -> None:
    credit(plant, sell(plant, **ON_ACCOUNT))
    plant.run()
    assert plant.states() == {"synced": 2}
    (invoice,) = documents(plant, "Invoice")
    (memo,) = documents(plant, "CreditMemo")
    (payment,) = documents(plant, "Payment")
    assert (invoice["Balance"], memo["RemainingCredit"]) == (0, 0)
    assert payment["PaymentRefNum"] == f"{memo['DocNumber']}-a"
    assert left_on(plant, "Accounts Receivable (A/R)") == 0


def test_a_credit_of_what_was_paid_meanwhile_stays_the_customers(plant: Plant) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    plant.run()
    text = f"Betaling bon {number_of(plant, sale)}"
    debt = {"article": 9041, "quantity": 1, "price": 1210, "text": text}
    sell(plant, lines=[debt], relation=1001)
    credit(plant, sale)
    plant.run()
    assert plant.states() == {"synced": 3}
    (memo,) = documents(plant, "CreditMemo")
    (invoice,) = documents(plant, "Invoice")
    (payment,) = documents(plant, "Payment")
    assert invoice["Balance"] == 0
    # Whichever came first has paid the invoice; the other stays open.
    left = (memo["RemainingCredit"], payment["UnappliedAmt"])
    assert sum(Decimal(str(amount)) for amount in left) == Decimal("12.10")


def number_of(plant: Plant, source_id: str) -> str:
    """The number that the till prints."""
    receipts = plant.till.do("receipts")["receipts"]
    return str(
        next(r["transactionString"] for r in receipts if r["receiptId"] == source_id)
    )


def test_numbers_that_are_replaced_stop_the_flow(plant: Plant) -> None:
    plant.books.switch(numbers="replaced")
    sell(plant, payments=MIXED)
    run = plant.run()
    assert run.stage == "stopped"
    assert documents(plant, "JournalEntry") == []


REFUSED = '{"Fault":{"Error":[{"code":"6190"}],"type":"ValidationFault"}}'


def test_what_was_only_asked_for_counts_as_not_posted(plant: Plant) -> None:
    sell(plant, relation=1001)
    plant.run()
    debt = {"article": 9041, "quantity": 1, "price": 500, "text": "bon 1-1-2026-99"}
    receipt = sell(plant, lines=[debt], relation=1001)
    # The question is answered, and the payment that follows is refused.
    rule = {"action": "status", "status": 400, "body": REFUSED}
    plant.books.fault(match=BATCH, after=1, times=1, **rule)
    plant.run()
    assert record_of(receipt).state == "failed"
    changed = {**debt, "price": 700}
    plant.till.do("change_receipt", receiptId=receipt, lines=[changed])
    plant.run()
    assert record_of(receipt).state == "synced"
    (payment,) = documents(plant, "Payment")
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (7, 7)


def test_what_nobody_paid_waits_for_the_cash_count_and_becomes_an_invoice(
    plant: Plant,
) -> None:
    day = "2026-10-05"
    for sort in ("outstanding_with_relation", "outstanding_no_relation"):
        plant.till.do("add_receipts", count=1, sort=sort, date=day)
    plant.run()
    assert plant.states() == {"waiting": 2}
    plant.till.do("close_day", date=day)
    plant.run()
    assert plant.states() == {"synced": 1, "failed": 1}
    failed = SyncRecord.objects.get(state="failed")
    assert "has no relation" in failed.message
    (invoice,) = documents(plant, "Invoice")
    (payment,) = documents(plant, "Payment")
    left = Decimal(str(invoice["TotalAmt"])) - Decimal(str(payment["TotalAmt"]))
    assert Decimal(str(invoice["Balance"])) == left > 0
    receipt = SyncRecord.objects.get(state="synced").source_id
    plant.till.do("pay_receipt", receiptId=receipt, date="2026-10-07")
    plant.run()
    assert record_of(receipt).state == "synced"
    (invoice,) = documents(plant, "Invoice")
    assert invoice["Balance"] == 0
    assert len(documents(plant, "Payment")) == 2

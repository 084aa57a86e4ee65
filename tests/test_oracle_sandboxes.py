from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.mplus.sandbox import app as till_app
from connectors.sandbox.server import Running, start
from tests.oracle import decide_all
from tests.oracle_parts.expected import FAILED, POSTED, SKIPPED, WAITING, Bundle
from tests.oracle_parts.rules import name_kind
from tests.oracle_parts.setup import load_setup
from tests.oracle_parts.till import TillServer

SHOP = Path(__file__).parents[1] / "integration_hub" / "demo" / "shop.json"
RECEIPTS = 400
# What the till's own name for a sort of receipt must come to.
NOT_POSTED = {
    "breakage_no_cost": {FAILED},
    "cash_back_on_account": {FAILED},
    "cash_out_correction": {SKIPPED},
    "credit_partly_on_account": {FAILED},
    "new_year_night": {SKIPPED},
    "no_vat": {FAILED},
    "no_vat_eu_relation": {FAILED},
    "not_final": {WAITING},
    "on_account_no_relation": {FAILED},
    "outstanding_credit": {WAITING},
    "outstanding_no_relation": {WAITING},
    "outstanding_with_relation": {WAITING},
    "own_use": {SKIPPED},
    "own_use_line": {SKIPPED},
    "reverse_charge_eu_no_vat_number": {FAILED},
    "reverse_charge_no_relation": {FAILED},
    "reverse_charge_no_vat_number": {FAILED},
    "reverse_charge_outside_eu": {FAILED},
    "settlement_no_relation": {FAILED},
    "unknown_type": {FAILED},
    "unreadable_lines": {FAILED},
    "unreadable_tenders": {FAILED},
    "zero_sale": {SKIPPED},
}
ENTITIES = {
    "cash_in": {"JournalEntry"},
    "cash_out": {"JournalEntry"},
    "cash_rounding": {"SalesReceipt"},
    "cash_rounding_split": {"Invoice"},
    "credit_on_account": {"CreditMemo"},
    "even_exchange": {"SalesReceipt"},
    "full_gift_card_sale": {"SalesReceipt"},
    "mixed_signs": {"SalesReceipt"},
    "on_account": {"Invoice"},
    "part_on_account": {"Invoice"},
    "part_own_use": {"SalesReceipt"},
    "refund": {"RefundReceipt"},
    "refund_onto_gift_card": {"SalesReceipt"},
    "refund_several_tenders": {"RefundReceipt"},
    "reverse_charge": {"SalesReceipt", "Invoice"},
    "sale": {"SalesReceipt"},
    "settlement": {"Payment"},
    "sold_and_returned": {"SalesReceipt"},
    "third_party_voucher": {"Invoice"},
    "tip": {"SalesReceipt"},
    "trade_in": {"SalesReceipt"},
    "transfer": {"JournalEntry"},
}
SWITCHES: list[dict[str, Any]] = [
    {},
    {"page_order": "shuffled_page"},
    {"page_order": "shuffled", "max_limit": 150},
    {"max_limit": 70, "percent_times_100": False},
    {"unknown_fields": True, "unknown_enums": True},
]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    box = start(till_app.build({"seed": True, "receipts": RECEIPTS, "days": 30}))
    yield box
    box.stop()


def ask_control(running: Running, name: str, payload: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{running.url}/_sandbox/{name}", data=json.dumps(payload).encode()
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture
def till(running: Running) -> Iterator[TillServer]:
    before = {k: v.default for k, v in till_app.SWITCHES.items()}
    yield TillServer(f"{running.url}/", till_app.IDENT, till_app.SECRET)
    ask_control(running, "switches", before)


def test_each_sort_comes_to_what_it_must(running, till):
    answer = ask_control(running, "do/receipts", {})
    rows = answer if isinstance(answer, list) else answer["receipts"]
    sorts = {row["receiptId"]: row["sort"] for row in rows}
    decisions = decide_all(till, load_setup(SHOP))
    assert len(decisions) == len(sorts) == RECEIPTS
    for decision in decisions:
        sort = sorts[decision.receipt.id]
        right = NOT_POSTED.get(sort, {POSTED})
        assert decision.outcome in right, (sort, decision.reason)
        if decision.bundle and sort in ENTITIES:
            assert name_kind(decision.bundle) in ENTITIES[sort], sort


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_every_receipt_is_read_whatever_the_till_does(running, till, switches):
    before = {r.id: r.total_incl for r in till.receipts()}
    ask_control(running, "switches", switches)
    after = {r.id: r.total_incl for r in till.receipts()}
    assert len(after) == RECEIPTS
    assert after == before


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_decisions_do_not_depend_on_how_the_till_answers(running, till, switches):
    setup = load_setup(SHOP)
    before = {d.receipt.id: (d.reason, d.bundle) for d in decide_all(till, setup)}
    ask_control(running, "switches", switches)
    for decision in decide_all(till, setup):
        reason, bundle = before[decision.receipt.id]
        assert decision.reason == reason
        assert amounts_of(decision.bundle) == amounts_of(bundle)


def amounts_of(bundle: Bundle | None) -> object:
    """What stays the same however the till writes its receipts."""
    if bundle is None:
        return None
    forms = [(form.entity, form.parts) for form in bundle.forms]
    entries = [entry.lines for entry in bundle.entries]
    return forms, entries, bundle.codes, [each.total for each in bundle.received]

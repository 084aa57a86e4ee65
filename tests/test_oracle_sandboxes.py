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
from tests.oracle_parts.expected import FAILED, POSTED, SKIPPED, WAITING
from tests.oracle_parts.setup import load_setup
from tests.oracle_parts.till import TillServer

SHOP = Path(__file__).parents[1] / "integration_hub" / "demo" / "shop.json"
RECEIPTS = 400
# What the till's own name for a sort of receipt must come to.
NOT_POSTED = {
    "cash_in": SKIPPED,
    "cash_out": SKIPPED,
    "credit_on_account": FAILED,
    "even_exchange": FAILED,
    "full_gift_card_sale": FAILED,
    "mixed_signs": FAILED,
    "no_vat": FAILED,
    "not_final": WAITING,
    "own_use": SKIPPED,
    "part_own_use": FAILED,
    "refund_onto_gift_card": FAILED,
    "refund_several_tenders": FAILED,
    "reverse_charge": FAILED,
    "reverse_charge_no_vat_number": FAILED,
    "settlement": FAILED,
    "tip": FAILED,
    "trade_in": FAILED,
    "transfer": SKIPPED,
    "unknown_type": FAILED,
    "unreadable_lines": FAILED,
    "unreadable_tenders": FAILED,
    "zero_sale": SKIPPED,
}
ENTITIES = {
    "cash_rounding": {"SalesReceipt"},
    "cash_rounding_split": {"Invoice"},
    "on_account": {"Invoice"},
    "part_on_account": {"Invoice"},
    "refund": {"RefundReceipt"},
    "sale": {"SalesReceipt"},
    "sold_and_returned": {"SalesReceipt"},
    "third_party_voucher": {"Invoice"},
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
        assert decision.outcome == NOT_POSTED.get(sort, POSTED), sort
        if decision.expected and sort in ENTITIES:
            assert decision.expected.entity in ENTITIES[sort], sort


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
    before = {d.receipt.id: (d.reason, d.expected) for d in decide_all(till, setup)}
    ask_control(running, "switches", switches)
    for decision in decide_all(till, setup):
        reason, expected = before[decision.receipt.id]
        assert decision.reason == reason
        assert (decision.expected is None) == (expected is None)
        if decision.expected and expected:
            assert decision.expected.codes == expected.codes
            assert decision.expected.parts == expected.parts

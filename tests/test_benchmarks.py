"""The benchmarks: their arithmetic, and that RESULTS.md names commands that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from connectors.plain import to_plain

FOLDER = Path(__file__).parents[1] / "benchmarks"
START = 1_000_000.0


@pytest.fixture
def throttled(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("throttled")


def call(minute: float, operation: str = "batch", **values: object) -> dict:
    entry = {"at": START + 60 * minute, "operation": operation, "items": 30}
    return {**entry, "status": 200, **values}


def summarise(throttled: ModuleType, log: list[dict], **created: list[float]) -> dict:
    names = ("SalesReceipt", "Invoice", "RefundReceipt", "Payment", "CreditMemo")
    made = {name: [] for name in (*names, "JournalEntry", "Customer", "Item")}
    made |= {name: [START + 60 * at for at in ats] for name, ats in created.items()}
    return throttled.summarise(log, made, minutes=3, target=30)


def test_the_first_minute_does_not_count(throttled: ModuleType) -> None:
    found = summarise(throttled, [call(0), call(0.5), call(1), call(2.9), call(3)])
    assert found["documents per minute"] == 30
    assert found["reached"]


def test_customers_and_items_are_no_documents(throttled: ModuleType) -> None:
    log = [call(0), call(1), call(2)]
    found = summarise(throttled, log, Customer=[0.5, 1.5], Item=[2.5])
    assert found["documents per minute"] == 29
    assert not found["reached"]


def test_calls_that_were_refused_count_for_nothing(throttled: ModuleType) -> None:
    log = [call(0), call(1), call(2, status=429), call(2, "query", items=1)]
    found = summarise(throttled, log)
    assert found["documents per minute"] == 15
    assert found["answers 429"] == 1
    assert found["reads per minute"] == 0.5


def test_the_results_name_commands_that_exist() -> None:
    text = (FOLDER / "RESULTS.md").read_text()
    scripts = set(re.findall(r"benchmarks/(\w+\.py)", text))
    assert scripts
    assert {name for name in scripts if not (FOLDER / name).exists()} == set()


def test_mapping_by_hand_makes_what_the_rules_make(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    speed = importlib.import_module("mapping_speed")
    receipts = [to_plain(order) for order in speed.make_receipts(50)]
    assert len(receipts[0]["lines"]) == speed.LINES
    speed.check_equal(speed.compile_default(), receipts)

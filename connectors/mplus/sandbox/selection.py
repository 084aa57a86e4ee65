"""Which receipts a getReceipts call gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.mplus.sandbox.store import Entry, Store
from connectors.mplus.sandbox.till import Record
from connectors.sandbox.switches import Switches

ORDERS = ("lowest_first", "shuffled_page", "shuffled")

Test = Callable[[Entry], bool]


class Lateness:
    """The receipts whose transactions are not visible yet.

    When the switch ``late_markers`` is set to k, the k receipts before the newest one
    are held back until ``late_calls`` calls of getReceipts were answered (0: no such
    end), the switch is set to 0, or they are released. Higher markers are visible
    meanwhile, as with tills that write at the same time.
    """

    def __init__(self) -> None:
        self._set_for = 0
        self._hidden: frozenset[str] = frozenset()
        self._calls = 0

    def hidden(self, store: Store, switches: Switches) -> frozenset[str]:
        """The ids of receipts that are not visible now."""
        count = int(switches["late_markers"])
        if count != self._set_for:
            self._set_for = count
            self._calls = 0
            late = store.newest(count + 1)[:-1] if count else []
            self._hidden = frozenset(entry.id for entry in late)
        return self._hidden

    def count_call(self, switches: Switches) -> None:
        """Count an answered call of getReceipts."""
        self._calls += 1
        if switches["late_calls"] and self._calls >= switches["late_calls"]:
            self._hidden = frozenset()

    def release(self) -> int:
        """Make all visible; says how many were not."""
        count = len(self._hidden)
        self._hidden = frozenset()
        return count


def select_receipts(
    store: Store,
    request: Mapping[str, Any],
    *,
    switches: Switches,
    hidden: frozenset[str],
) -> list[Entry]:
    """A page of receipts for a GetReceiptsRequest."""
    tests = [*_build_entry_tests(request), *_build_line_tests(request)]
    if hidden:
        tests.insert(0, lambda entry: entry.id not in hidden)
    if not switches["unknown_receipt_types"]:
        tests.insert(0, lambda entry: not entry.unknown_type)
    found = (
        entry
        for entry in _candidates(store, request)
        if all(test(entry) for test in tests)
    )
    return _take_page(found, limit_page(request, switches), switches["page_order"])


def limit_page(request: Mapping[str, Any], switches: Switches) -> int:
    """How many items an answer holds."""
    if switches["one_item_pages"]:
        return 1
    wanted = request.get("syncMarkerLimit") or switches["default_limit"]
    return int(min(wanted, switches["max_limit"]))


def _candidates(store: Store, request: Mapping[str, Any]) -> Iterator[Entry]:
    start = request.get("syncMarker") or 0
    ids = request.get("receiptIds")
    if not ids:
        yield from store.receipts_from(start)
        return
    known = (store.find_receipt(each) for each in dict.fromkeys(ids))
    entries = (entry for entry in known if entry is not None and entry.marker >= start)
    yield from sorted(entries, key=lambda entry: entry.marker)


def _take_page(found: Iterable[Entry], limit: int, order: str) -> list[Entry]:
    if order == "shuffled":
        # As a server that selects by its own primary key would do.
        return sorted(found, key=lambda entry: entry.id)[:limit]
    page = [entry for entry, _ in zip(found, range(limit), strict=False)]
    if order == "shuffled_page":
        page.sort(key=lambda entry: entry.id)
    return page


def _build_entry_tests(request: Mapping[str, Any]) -> list[Test]:
    tests: list[Test] = []
    first, last = request.get("fromFinancialDate"), request.get("throughFinancialDate")
    branches = frozenset(request.get("branchNumbers", ()))
    employees = frozenset(request.get("employeeNumbers", ()))
    relations = frozenset(request.get("relationNumbers", ()))
    if first:
        tests.append(lambda entry: entry.day >= first)
    if last:
        tests.append(lambda entry: entry.day <= last)
    if branches:
        tests.append(lambda entry: entry.branch in branches)
    if employees:
        tests.append(lambda entry: entry.employee in employees)
    if relations:
        tests.append(lambda entry: entry.relation in relations)
    return tests


def _build_line_tests(request: Mapping[str, Any]) -> list[Test]:
    tests: list[Test] = []
    numbers = frozenset(request.get("articleNumbers", ()))
    groups = frozenset(request.get("articleTurnoverGroups", ()))
    plus = frozenset(read_texts(request.get("articlePluNumbers")))
    if numbers:
        tests.append(_any_line(lambda line: line["articleNumber"] in numbers))
    if groups:
        tests.append(_any_line(lambda line: line["data"]["turnoverGroup"] in groups))
    if plus:
        tests.append(_any_line(lambda line: line["pluNumber"] in plus))
    return tests


def _any_line(matches: Callable[[Record], bool]) -> Test:
    return lambda entry: any(matches(line) for line in entry.read()["lineList"]["line"])


def read_texts(wrapper: Mapping[str, Any] | None) -> list[str]:
    """The texts of a TextList, without empty ones."""
    texts = (each.get("text", "") for each in (wrapper or {}).get("text", ()))
    return [text for text in texts if text]

"""What the till knows, in memory, with a copy in the state file.

Receipts are kept as JSON text beside a small entry with what they are selected by;
30,000 of them as dicts would fill the memory of a small machine.
"""

from __future__ import annotations

import json
import random
import threading
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from connectors.mplus.sandbox.seed.articles import build_article_groups, build_products
from connectors.mplus.sandbox.seed.draft import Catalog
from connectors.mplus.sandbox.seed.receipts import Numbers, RungUp
from connectors.mplus.sandbox.seed.relations import build_relations
from connectors.mplus.sandbox.seed.shop import Record, build_employees
from connectors.sandbox.state import Row, State

_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A receipt and what it is selected by."""

    marker: int
    id: str
    sort: str
    features: tuple[str, ...]
    day: str
    branch: int
    employee: int
    relation: int | None
    text: str

    @classmethod
    def build(cls, rung_up: RungUp) -> Entry:
        """The entry of a receipt that has its sync marker."""
        receipt = rung_up.receipt
        return cls(
            marker=receipt["syncMarker"],
            id=receipt["receiptId"],
            sort=rung_up.sort,
            features=rung_up.features,
            day=receipt["financialDate"],
            branch=receipt["financialBranchNumber"],
            employee=receipt["employeeNumber"],
            relation=receipt.get("relationNumber"),
            text=json.dumps(receipt, separators=(",", ":"), ensure_ascii=False),
        )

    @classmethod
    def restore(cls, body: Record) -> Entry:
        """The entry that ``as_row`` wrote."""
        return cls(**{**body, "features": tuple(body["features"])})

    def as_row(self) -> Row:
        """The entry for the state file; the receipt stays the text it is."""
        return "receipt", self.id, asdict(self)

    @property
    def unknown_type(self) -> bool:
        """Whether its receipt type is one that no published WSDL knows."""
        return self.sort == "unknown_type"

    def read(self) -> Record:
        """The receipt as a record of its own."""
        record: Record = json.loads(self.text)
        return record


class Store:
    """All records. Callers hold ``lock`` while they change something."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._state = State()
        self.clear()

    def clear(self) -> None:
        """Forget everything; the cards are as seeded, there are no receipts."""
        self.numbers = Numbers()
        self.serial = 0
        self.relations: dict[int, Record] = {
            each["relationNumber"]: each for each in build_relations()
        }
        self.products = build_products()
        self.article_groups = build_article_groups()
        self.employees = build_employees()
        self.relation_marker = len(self.relations)
        self.receipt_marker = 0
        self.cash_counts: dict[str, Record] = {}
        self.catalog = Catalog.build(self.products, self.relations.values())
        self._receipts: dict[str, Entry] = {}
        self._markers: list[int] = []
        self._by_marker: dict[int, str] = {}
        self._recent: dict[str, deque[str]] = {}

    def load(self, state: State) -> bool:
        """Take up a state; says whether it held anything."""
        self.clear()
        self._state = state
        found = False
        for kind, _, body in state.rows():
            found = True
            if kind == "receipt":
                self._put(Entry.restore(body))
            elif kind == "relation":
                self.relations[body["relationNumber"]] = body
            elif kind == "cash_count":
                self.cash_counts[body["cashCountId"]] = body
            elif kind == "counters":
                self.numbers.last = body["numbers"]
                self.serial = body["serial"]
                self.relation_marker = body["relations"]
        self._refresh_catalog()
        return found

    def forget(self) -> None:
        """Forget everything, in the state file too."""
        self._state.clear()
        self.clear()

    def add_receipts(self, rung_up: Iterable[RungUp]) -> list[Entry]:
        """Give receipts the next sync markers and keep them."""
        added = []
        for each in rung_up:
            each.receipt["syncMarker"] = self.receipt_marker + 1
            entry = Entry.build(each)
            self._put(entry)
            added.append(entry)
        if self._state.kept:
            self._state.save([*(each.as_row() for each in added), self._counters()])
        return added

    def replace_receipt(self, entry: Entry, receipt: Record, *, features: Any) -> Entry:
        """Keep a changed receipt under the next sync marker."""
        self._remove(entry)
        return self.add_receipts([RungUp(entry.sort, tuple(features), receipt)])[0]

    def replace_relation(self, record: Record) -> None:
        """Keep a changed or new relation under the next sync marker."""
        self.relation_marker += 1
        record["syncMarker"] = self.relation_marker
        self.relations[record["relationNumber"]] = record
        self._refresh_catalog()
        rows = [("relation", str(record["relationNumber"]), record)]
        self._state.save([*rows, self._counters()])

    def keep_cash_count(self, record: Record) -> None:
        """Keep a new or a changed cash count."""
        self.cash_counts[record["cashCountId"]] = record
        self._state.save([("cash_count", record["cashCountId"], record)])

    def find_receipt(self, receipt_id: str) -> Entry | None:
        """A receipt by its id."""
        return self._receipts.get(receipt_id)

    def receipts_from(self, marker: int) -> Iterator[Entry]:
        """Receipts with this marker or a higher one, lowest first."""
        start = bisect_left(self._markers, marker)
        for each in self._markers[start:]:
            yield self._receipts[self._by_marker[each]]

    def newest(self, count: int) -> list[Entry]:
        """The receipts with the highest markers, lowest of them first."""
        markers = self._markers[-count:] if count else []
        return [self._receipts[self._by_marker[each]] for each in markers]

    def find_sale(self, sort: str, rng: random.Random) -> Record | None:
        """One of the last receipts of a sort."""
        known = self._recent.get(sort)
        if not known:
            return None
        return self._receipts[rng.choice(known)].read()

    def take_serial(self) -> int:
        """A number that nobody had before; it seeds what is drawn next."""
        self.serial += 1
        return self.serial

    def _refresh_catalog(self) -> None:
        self.catalog = Catalog.build(self.products, self.relations.values())

    def _put(self, entry: Entry) -> None:
        self._receipts[entry.id] = entry
        self.receipt_marker = max(self.receipt_marker, entry.marker)
        insort(self._markers, entry.marker)
        self._by_marker[entry.marker] = entry.id
        recent = self._recent.setdefault(entry.sort, deque(maxlen=_REMEMBERED))
        if entry.id not in recent:
            recent.append(entry.id)

    def _remove(self, entry: Entry) -> None:
        del self._receipts[entry.id]
        del self._by_marker[entry.marker]
        del self._markers[bisect_left(self._markers, entry.marker)]

    def _counters(self) -> Row:
        counters = {
            "numbers": self.numbers.last,
            "serial": self.serial,
            "relations": self.relation_marker,
        }
        return "counters", "all", counters

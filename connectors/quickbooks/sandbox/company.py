"""One company's books: its objects, their indexes, its ledger and what clients sent.

Objects are wire dictionaries with Decimal amounts. A stored object is never changed,
only replaced, so that it can be written out without a lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from connectors.quickbooks.sandbox.ledger import Ledger
from connectors.sandbox.switches import Switches

Object = dict[str, Any]
# Times of the API carry the Pacific offset; one offset keeps them in text order.
PACIFIC = timezone(timedelta(hours=-8))
TRANSACTIONS = (
    "SalesReceipt",
    "Invoice",
    "CreditMemo",
    "RefundReceipt",
    "Payment",
    "JournalEntry",
)
# The two besides Customer that share its names.
OTHER_NAMES = ("Vendor", "Employee")
INDEXED = {
    **dict.fromkeys(TRANSACTIONS, ("DocNumber", "TxnDate", "CustomerRef")),
    "Payment": ("PaymentRefNum", "TxnDate", "CustomerRef"),
    "Customer": ("DisplayName", "PrimaryEmailAddr"),
    **dict.fromkeys(OTHER_NAMES, ("DisplayName",)),
    "Item": ("Name", "Sku", "FullyQualifiedName"),
}


def format_time(seconds: float) -> str:
    """A moment as the API writes it, to the second."""
    moment = datetime.fromtimestamp(seconds, tz=UTC).astimezone(PACIFIC)
    return moment.isoformat(timespec="seconds")


def index_value(value: Any) -> str:
    """The text by which a value is found: references by id, text in lower case."""
    if isinstance(value, Mapping):
        value = value.get("value") or value.get("Address") or ""
    return str(value).lower()


class Table:
    """The objects of one entity by id, with indexes on some fields."""

    def __init__(self, entity: str) -> None:
        self.objects: dict[str, Object] = {}
        self.index: dict[str, dict[str, dict[str, None]]] = {
            name: {} for name in INDEXED.get(entity, ())
        }

    def put(self, obj: Object) -> None:
        """Store a new or replaced object."""
        self.remove(obj["Id"])
        self.objects[obj["Id"]] = obj
        for name, values in self.index.items():
            if name in obj:
                values.setdefault(index_value(obj[name]), {})[obj["Id"]] = None

    def remove(self, key: str) -> None:
        """Forget an object, if it is there."""
        old = self.objects.pop(key, None)
        if old is None:
            return
        for name, values in self.index.items():
            if name in old:
                values[index_value(old[name])].pop(key, None)

    def find(self, name: str, value: Any) -> Iterator[Object]:
        """The objects whose ``name`` is ``value``."""
        if name in self.index:
            for key in self.index[name].get(index_value(value), ()):
                yield self.objects[key]
            return
        wanted = index_value(value)
        for obj in self.objects.values():
            if index_value(obj.get(name, "")) == wanted:
                yield obj


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """A batch item that is to fail with a fault of the system; ``done`` says whether
    its work is done all the same."""

    code: str
    done: bool


class Company:
    """One company. Whoever changes it holds ``lock``."""

    def __init__(
        self, realm: str, *, switches: Switches, clock: Callable[[], float] = time.time
    ) -> None:
        self.realm = realm
        self.switches = switches
        self.clock = clock
        self.lock = threading.RLock()
        self.tables: dict[str, Table] = {}
        self.ledger = Ledger()
        self.links: dict[tuple[str, str], dict[str, Decimal]] = {}
        self.gone: list[Object] = []
        self.locked: dict[tuple[str, str], str] = {}
        self.failures: list[ItemFailure] = []
        self.highest: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self._dirty: dict[tuple[str, str], Object | None] = {}

    @property
    def is_us(self) -> bool:
        """Whether this is the US edition."""
        return bool(self.info["Country"] == "US")

    @property
    def info(self) -> Object:
        """The CompanyInfo object."""
        return self.tables["CompanyInfo"].objects["1"]

    @property
    def preferences(self) -> Object:
        """The Preferences object."""
        return self.tables["Preferences"].objects["1"]

    @property
    def currency(self) -> str:
        """The home currency's code."""
        home = self.preferences["CurrencyPrefs"]["HomeCurrency"]
        return str(home["value"])

    @property
    def now(self) -> str:
        """The present moment as the API writes it."""
        return format_time(self.clock())

    @property
    def today(self) -> str:
        """The server's date, which is the Pacific one."""
        return self.now[:10]

    def table(self, entity: str) -> Table:
        """The table of an entity."""
        if entity not in self.tables:
            self.tables[entity] = Table(entity)
        return self.tables[entity]

    def get(self, entity: str, key: str) -> Object | None:
        """An object by its id."""
        return self.table(entity).objects.get(key)

    def all(self, entity: str) -> Iterable[Object]:
        """All objects of an entity, in order of their making."""
        return self.table(entity).objects.values()

    def next_id(self, entity: str) -> str:
        """A new id. Transactions share one row of ids, and so do names."""
        row = entity
        if entity in TRANSACTIONS:
            row = "Transaction"
        elif entity in ("Customer", *OTHER_NAMES):
            row = "Name"
        self.highest[row] = self.highest.get(row, 0) + 1
        return str(self.highest[row])

    def put(self, entity: str, obj: Object) -> None:
        """Store an object."""
        self.table(entity).put(obj)
        self._dirty[entity, obj["Id"]] = obj

    def remove(self, entity: str, key: str) -> None:
        """Delete an object; change data capture remembers it."""
        self.table(entity).remove(key)
        self._dirty[entity, key] = None
        self.gone.append(
            {
                "entity": entity,
                "domain": "QBO",
                "status": "Deleted",
                "Id": key,
                "MetaData": {"LastUpdatedTime": self.now},
            }
        )

    def take_dirty(self) -> dict[tuple[str, str], Object | None]:
        """What changed since the last time; None stands for a deleted object."""
        with self.lock:
            dirty, self._dirty = self._dirty, {}
        return dirty

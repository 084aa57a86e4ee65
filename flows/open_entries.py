"""Open entries: what a person has not decided yet, with the money that waits for it.

Whatever is unmapped (a tender, a VAT code, a group, a cash movement) is one entry,
however many records it stops; so is a period that is closed. Only what is not settled
is looked at, however many records there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from connectors import registry
from connectors.contract import Connector
from flows.models import Flow, Integration, RecordState, SyncRecord
from mapping.models import ValueMap
from mapping.valuemaps import is_cut

KEPT_SECONDS = 20
MOST = 200
KEY = "open-entries"
UNMAPPED = "MappingError:"
# What the rules themselves say of a value map without a row for some keys.
NO_ROW = "unmapped"


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """One thing that is not decided: how many records and how much money wait for it.

    ``map_id`` is the value map that mends it, ``keys`` those of the row it misses; None
    and () where it is mended elsewhere. ``is_incomplete``: a row fits these keys, and
    lacks something.
    """

    flow: Flow
    fingerprint: str
    reason: str
    message: str
    action: str
    count: int
    amount: Decimal
    oldest: date | None
    map_id: int | None = None
    keys: tuple[str, ...] = ()
    is_incomplete: bool = False

    @property
    def key(self) -> tuple[int, str]:
        """Flow and cause, as an alert has them too."""
        return self.flow.pk, self.fingerprint

    @property
    def code(self) -> str:
        """What kind of thing is missing."""
        return self.fingerprint.split(":", 2)[1]

    @property
    def reference(self) -> str:
        """Which one."""
        return self.fingerprint.split(":", 2)[2]


def list_entries(flow: Flow | None = None) -> list[OpenEntry]:
    """The open entries of all flows or of one, those with most records first.

    At most MOST; three queries. Kept for a few seconds.
    """
    key = f"{KEY}:{flow.pk if flow else 'all'}"
    kept: list[OpenEntry] | None = cache.get(key)
    if kept is None:
        found = open_records()
        kept = _list(found if flow is None else found.filter(flow=flow))
        cache.set(key, kept, timeout=KEPT_SECONDS)
    return kept


def list_of_map(value_map: ValueMap) -> list[OpenEntry]:
    """The open entries that a value map mends, however many others there are.

    At most MOST; four queries.
    """
    entries = _list(records_of_map(value_map))
    return [entry for entry in entries if entry.map_id == value_map.pk]


def forget() -> None:
    """Count again next time, because a person has just done something."""
    keys = [f"{KEY}:{pk}" for pk in Flow.objects.values_list("pk", flat=True)]
    cache.delete_many([f"{KEY}:all", *keys])


def records_of(flow_id: int, fingerprint: str) -> QuerySet[SyncRecord]:
    """The records that wait for one entry."""
    return open_records().filter(flow=flow_id, fingerprint=fingerprint)


def open_records() -> QuerySet[SyncRecord]:
    """What waits, or has failed, for something that nobody has decided.

    What is read again is tried again already.
    """
    unsettled = SyncRecord.objects.filter(
        state__in=(RecordState.FAILED, RecordState.WAITING), read_again=False
    )
    open_ones = Q(state=RecordState.WAITING) | Q(fingerprint__startswith=UNMAPPED)
    return unsettled.filter(open_ones).exclude(fingerprint="")


def records_of_map(value_map: ValueMap) -> QuerySet[SyncRecord]:
    """All records that wait for a value map."""
    users = Integration.objects.filter(value_maps=value_map.map_set_id)
    key = users.values_list("target__connector", flat=True).first() or ""
    target = registry.all_connectors().get(key)
    mended = target.mended_by.items() if target else ()
    causes = [f"{NO_ROW}:{value_map.name}"]
    causes += [code for code, name in mended if name == value_map.name]
    told = (Q(fingerprint__startswith=f"{UNMAPPED}{cause}:") for cause in causes)
    maps = value_map.map_set_id
    found = open_records().filter(flow__integration__value_maps=maps)
    return found.filter(reduce(or_, told))


def _list(found: QuerySet[SyncRecord]) -> list[OpenEntry]:
    rows = (
        found.order_by()
        .values("flow", "fingerprint")
        .annotate(
            n=Count("pk"),
            sum=Sum("amount"),
            oldest=Min("date"),
            why=Max("reason"),
            text=Max("message"),
            todo=Max("action"),
        )
        .order_by("-n", "fingerprint")[:MOST]
    )
    kept = list(rows)
    known = Flow.objects.select_related("integration__target").defer(
        "integration__target__credentials", "integration__target__tokens"
    )
    flows = known.in_bulk({row["flow"] for row in kept})
    entries = [
        OpenEntry(
            flow=flows[row["flow"]],
            fingerprint=row["fingerprint"],
            reason=row["why"],
            message=row["text"],
            action=row["todo"],
            count=row["n"],
            amount=row["sum"] or Decimal(0),
            oldest=row["oldest"],
        )
        for row in kept
    ]
    return _with_maps(entries)


def _with_maps(entries: Iterable[OpenEntry]) -> list[OpenEntry]:
    """Each with the row of the value map that it misses, where it misses one."""
    entries = list(entries)
    sets = {entry.flow.integration.value_maps_id for entry in entries}
    maps = {
        (found.map_set_id, found.name): found
        for found in ValueMap.objects.filter(map_set__in=sets)
    }
    return [_with_map(entry, maps) for entry in entries]


def _with_map(entry: OpenEntry, maps: dict[tuple[int, str], ValueMap]) -> OpenEntry:
    name, keys = _find_row(entry)
    found = maps.get((entry.flow.integration.value_maps_id, name))
    if found is None:
        return entry
    is_whole = len(keys) <= len(found.key_fields) and not any(map(is_cut, keys))
    fitting = keys if is_whole else ()
    lacking = bool(fitting) and entry.code in _list_incomplete(entry)
    return replace(entry, map_id=found.pk, keys=fitting, is_incomplete=lacking)


def _find_row(entry: OpenEntry) -> tuple[str, tuple[str, ...]]:
    """The name of the value map and the keys of the row that an entry misses."""
    if not entry.fingerprint.startswith(UNMAPPED):
        return "", ()
    if entry.code == NO_ROW:
        name, _, keys = entry.reference.partition(":")
        return name, tuple(keys.split(" / "))
    target = _find_target(entry)
    name = target.mended_by.get(entry.code, "") if target else ""
    is_row = entry.code.startswith(NO_ROW) or entry.code in _list_incomplete(entry)
    return name, tuple(entry.reference.split(":")) if name and is_row else ()


def _list_incomplete(entry: OpenEntry) -> set[str]:
    """The codes of errors that a row is there for, and not whole."""
    target = _find_target(entry)
    needed = target.needed_columns if target else ()
    return {each.code for each in needed if each.code}


def _find_target(entry: OpenEntry) -> type[Connector] | None:
    """None where this hub has no such connector any more."""
    return registry.all_connectors().get(entry.flow.integration.target.connector)

"""Trying changed rules on real records: nothing is stored, nothing is sent.

It is the preview's own path with other rules. The target is only asked for what it
has of one record, and that is kept for a while, so that typing costs no calls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from connectors.contract import Connector
from connectors.datamodel import Order, Unreadable
from connectors.plain import from_json, to_json, to_plain
from connectors.services import open_connection
from flows.engine.bench import Bench, settings_of
from flows.engine.comparing import Change, compare
from flows.engine.kept_lists import kept_list
from flows.engine.previewing import (
    Preview,
    PreviewWrite,
    Subject,
    fail_record,
    open_subject,
    preview_all,
)
from flows.engine.reading import first_page
from flows.models import Flow, Run, SyncRecord
from flows.samples import OFFERED, keep_sealed, select_stored
from integration_hub.core import exactjson
from integration_hub.core.encryption import decrypt, encrypt
from integration_hub.core.errors import ConfigError, HubError
from mapping.engine import CompiledMapping
from mapping.explaining import Reader, Worked, explain
from mapping.functions import functions_of
from mapping.map_services import load_value_maps
from mapping.models import Rule
from mapping.services import load_filters

KEPT_SECONDS = 600
MANY = 50
AT_ONCE = 10
# A page should not keep its server busy for longer.
MOST_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Result:
    """One field of one part of a record: by the stored rules, and by the tried ones.

    ``shown`` is the new result, or what would no longer be filled.
    """

    shown: Worked
    before: Worked | None
    after: Worked | None

    @property
    def is_changed(self) -> bool:
        """Whether the tried rules give something else."""
        if self.before is None or self.after is None:
            return True
        return _outcome(self.before) != _outcome(self.after)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the tried rules make of one record.

    ``wrong`` holds what is wrong with a rule, by its place among the rules.
    ``changes`` are what would change in the target, by the label of the write;
    ``as_they_are`` names customers and items that are there otherwise, and stay so.
    ``names`` tells ids of the target apart, by (scope, field).
    ``problem`` says why only a part could be tried.
    """

    results: Sequence[Result] = ()
    wrong: Mapping[int, str] = field(default_factory=dict)
    preview: Preview | None = None
    changes: Sequence[tuple[str, Sequence[Change]]] = ()
    names: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    problem: str = ""
    as_they_are: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ManyTried:
    """What the tried rules make of many records: those that fail or are left out.

    ``changed`` is how many get another field than by the stored rules.
    """

    count: int
    changed: int
    failing: Sequence[Preview]
    left_out: Sequence[Preview]
    wrong: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Rules:
    """Stored and tried rules of a flow, made ready."""

    stored: CompiledMapping
    tried: CompiledMapping
    wrong: dict[int, str]


def try_subject(flow: Flow, subject: Subject, rules: Sequence[Rule]) -> Trial:
    """What these rules, stored or not, make of one document. Raises ConfigError."""
    ready = _make_ready(flow, rules)
    results = _compare_fields(ready, subject.order)
    try:
        bench = _open_bench(flow, ready.tried)
        (preview,) = preview_all(bench, [subject], asks=False)
        differing = _find_differing(bench, subject, preview)
        names = _list_names(bench.target)
    except HubError as error:
        problem = f"{error.message} {error.action}".strip()
        return Trial(results, ready.wrong, problem=problem)
    changes = [(w.label, found) for w, found in differing if not w.shared]
    as_they_are = [write.label for write, _found in differing if write.shared]
    return Trial(results, ready.wrong, preview, changes, names, as_they_are=as_they_are)


def try_many(
    flow: Flow,
    rules: Sequence[Rule],
    count: int = MANY,
    *,
    seconds: float = MOST_SECONDS,
) -> ManyTried:
    """What these rules make of the newest stored records, as many as time allows.

    Rules that go through long lists may take long; the first few are always tried.
    Raises HubError.
    """
    ready = _make_ready(flow, rules)
    bench = _open_bench(flow, ready.tried)
    opened = [_open(record) for record in keep_sealed(select_stored(flow))[:count]]
    subjects = [each for each in opened if isinstance(each, Subject)]
    previews = [each for each in opened if isinstance(each, Preview)]
    tried, changed = len(previews), 0
    until = time.monotonic() + seconds
    for start in range(0, len(subjects), AT_ONCE):
        if start and time.monotonic() > until:
            break
        part = subjects[start : start + AT_ONCE]
        previews += preview_all(bench, part, asks=False)
        for subject in part:
            found = _compare_fields(ready, subject.order)
            changed += any(each.is_changed for each in found)
        tried += len(part)
    return ManyTried(
        count=tried,
        changed=changed,
        failing=[each for each in previews if each.fate == "fail"],
        left_out=[each for each in previews if each.fate == "skip"],
        wrong=ready.wrong,
    )


def _open(record: Any) -> Subject | Preview:
    """The document of a sealed record, or why there is none any more."""
    try:
        record.payload = decrypt(record.sealed, what=_("The content of this record"))
    except ConfigError as error:
        return fail_record(record, error)
    return open_subject(record)


def next_of_source(flow: Flow) -> list[Order]:
    """What a run would read first, kept for a while. Raises HubError.

    For a flow that has not run yet. What is kept is encrypted.
    """
    key = source_key(flow)
    kept = cache.get(key)
    if kept is None:
        source = open_connection(flow.integration.source)
        page = first_page(flow, source, OFFERED)
        orders = [d for d in page.documents if not isinstance(d, Unreadable)]
        kept = encrypt(json.dumps([to_json(order) for order in orders]))
        cache.set(key, kept, timeout=KEPT_SECONDS)
    documents = [from_json(each) for each in json.loads(decrypt(kept))]
    return [each for each in documents if isinstance(each, Order)]


def source_key(flow: Flow) -> str:
    """Under which the source's next records are kept."""
    return f"trying:{flow.pk}:{sha256(flow.cursor.encode()).hexdigest()}"


def _make_ready(flow: Flow, rules: Sequence[Rule]) -> _Rules:
    fields = open_connection(flow.integration.target).target_fields
    reader = Reader(
        load_value_maps(flow.integration.value_maps),
        filters=load_filters(flow.mapping),
        fields=fields,
        functions=functions_of(flow.mapping.source, flow.mapping.target),
    )
    stored, _wrong = reader.read(
        [r.data for r in flow.mapping.rules.filter(active=True)]
    )
    places = [place for place, rule in enumerate(rules) if rule.active]
    tried, wrong = reader.read([rules[place].data for place in places])
    told = {places[n]: error.message for n, error in wrong.items()}
    return _Rules(stored, tried, told)


def _compare_fields(ready: _Rules, order: Order) -> list[Result]:
    plain = to_plain(order)
    before = {each.key: each for each in explain(ready.stored, plain)}
    after = {each.key: each for each in explain(ready.tried, plain)}
    shown = {**before, **after}
    keys = [*after, *(key for key in before if key not in after)]
    return [Result(shown[key], before.get(key), after.get(key)) for key in keys]


def _outcome(worked: Worked) -> tuple[object, str]:
    return worked.value, worked.error.message if worked.error else ""


def _open_bench(flow: Flow, mapping: CompiledMapping) -> Bench:
    """A bench with the tried rules; lists of the target are those the hub keeps."""
    target = open_connection(flow.integration.target)
    return Bench(
        run=Run(flow=flow),
        flow=flow,
        integration=flow.integration,
        target=target,
        mapping=mapping,
        settings=settings_of(flow, target, kept=True),
    )


def _list_names(target: Connector) -> dict[tuple[str, str], dict[str, str]]:
    """What the ids of fields that choose from a list stand for."""
    named = {}
    for each in target.target_fields:
        if isinstance(each.choices, str) and each.choices:
            choices = kept_list(target, each.choices)
            named[each.scope, each.name] = {c.id: c.name for c in choices}
        elif each.choices:
            named[each.scope, each.name] = dict(each.choices)
    return named


def _find_differing(
    bench: Bench, subject: Subject, preview: Preview
) -> list[tuple[PreviewWrite, Sequence[Change]]]:
    """What of this record the target has otherwise than it would be written now."""
    written = {(w.entity, w.target_id): w for w in preview.writes if w.target_id}
    if subject.record is None or not written:
        return []
    there = _look(bench.target, subject.record, list(written))
    compared = (
        (write, compare(there[name], write.body))
        for name, write in written.items()
        if name in there
    )
    return [(write, found) for write, found in compared if found]


def _look(
    target: Connector, record: SyncRecord, objects: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The objects as the target has them, asked once in a while; kept encrypted.

    They are asked anew where others are wanted, or the record became something else.
    """
    wanted = sha256(repr(sorted(objects)).encode()).hexdigest()
    key = f"looked:{record.pk}:{record.updated_at.timestamp()}:{wanted}"
    kept = cache.get(key)
    if kept is None:
        found = target.look(objects)
        rows = [[*name, dict(body)] for name, body in found.items()]
        kept = encrypt(exactjson.dumps(rows))
        cache.set(key, kept, timeout=KEPT_SECONDS)
    rows = exactjson.loads(decrypt(kept))
    return {(entity, target_id): body for entity, target_id, body in rows}

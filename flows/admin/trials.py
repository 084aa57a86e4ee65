"""What tried rules made of records, as the mapping page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from connectors.datamodel import Order
from connectors.plain import to_plain
from flows.admin.previews import present_preview
from flows.engine.comparing import Change
from flows.templatetags.hub import words
from flows.trying import ManyTried, Result, Trial
from mapping.met import write_step
from mapping.models import Rule
from mapping.rules import Scope

# More parts of one record are not shown field by field.
MOST_PARTS = 20
MOST_ENTRIES = 3
MOST_PATHS = 400


def present_trial(trial: Trial, order: Order, rules: Sequence[Rule]) -> dict[str, Any]:
    """The right side of the page: field by field, then what would be sent."""
    labels = {
        (rule.scope, rule.field): rule.label or words(rule.field) for rule in rules
    }
    parts: dict[tuple[str, int], dict[str, Any]] = {}
    for result in trial.results:
        worked = result.shown
        if worked.place >= MOST_PARTS:
            continue
        name = (worked.scope, worked.place)
        part = parts.setdefault(name, {"title": _title(order, *name), "rows": []})
        label = labels.get((worked.scope, worked.field), words(worked.field))
        names = trial.names.get((worked.scope, worked.field), {})
        part["rows"].append(_row(label, result, names))
    return {
        "parts": list(parts.values()),
        "preview": present_preview(trial.preview) if trial.preview else None,
        "changes": [(label, _list_changes(found)) for label, found in trial.changes],
        "as_they_are": trial.as_they_are,
        "problem": trial.problem,
        "changed": sum(each.is_changed for each in trial.results),
    }


def present_many(tried: ManyTried) -> dict[str, Any]:
    """Which of many records fail or are left out, and how many change."""
    return {
        "count": tried.count,
        "changed": tried.changed,
        "failing": [present_preview(each) for each in tried.failing],
        "left_out": [present_preview(each) for each in tried.left_out],
    }


def list_paths(order: Order) -> list[tuple[str, str]]:
    """(path, value) of everything a rule can use of this record, lists cut short."""
    found = []
    for path, value in _walk("order", to_plain(order)):
        found.append((path, value))
        if len(found) >= MOST_PATHS:
            break
    return found


def _walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _walk(f"{path}{write_step(str(name))}", each)
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value[:MOST_ENTRIES]):
            yield from _walk(f"{path}[{place}]", each)
    elif value not in (None, ""):
        yield path, show_value(value)


def _row(label: str, result: Result, names: Mapping[str, str]) -> dict[str, Any]:
    after, before = result.after, result.before
    return {
        "label": label,
        "value": _name(after.value, names) if after else "",
        "before": _name(before.value, names) if before else "",
        "is_changed": result.is_changed,
        "error": after.error if after else None,
    }


def _name(value: object, names: Mapping[str, str]) -> str:
    """The value, with the name that an id of the target has there."""
    text = show_value(value)
    name = names.get(text)
    return f"{name} ({text})" if name else text


def _title(order: Order, scope: str, place: int) -> str:
    if scope in (Scope.LINE, Scope.ITEM) and place < len(order.lines):
        text = order.lines[place].text
        name = _("Line %s") if scope == Scope.LINE else _("Item of line %s")
        return f"{name % (place + 1)}: {text}" if text else name % (place + 1)
    if scope == Scope.TENDER and place < len(order.tenders):
        tender = order.tenders[place]
        return f"{_('Tender %s') % (place + 1)}: {tender.amount}"
    return {Scope.HEADER.value: _("Document"), Scope.CUSTOMER.value: _("Customer")}.get(
        scope, scope
    )


def _list_changes(changes: Sequence[Change]) -> list[dict[str, str]]:
    return [
        {
            "field": " › ".join(
                str(step) if isinstance(step, int) else words(step)
                for step in change.path
            ),
            "now": change.now,
            "then": change.then,
        }
        for change in changes
    ]


def show_value(value: object) -> str:
    """A value of a rule or a record, as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

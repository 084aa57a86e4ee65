"""What is different between two documents, told object by object in people's words.

Pure. Which rule or filter of one document is which of the other is found by what it
fills or says, so that a moved or renamed one is not told as a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mapping.declared import FieldNames, Names
from mapping.documents import (
    FILTER_PARTS,
    MAP_PARTS,
    MAPPING_PARTS,
    RULE_PARTS,
    Document,
    Part,
    describe_data,
)
from mapping.rules import Scope

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
Pair = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one object that is not as before.

    ``what`` is ADDED, CHANGED or REMOVED and speaks of the whole object.
    """

    thing: str
    what: str
    field: str
    before: str
    after: str


def compare_mappings(
    before: Document, after: Document, names: FieldNames | None = None
) -> list[Change]:
    """What is different between two mappings: name, rules, filters, their orders.

    ``names`` tell what ids that rules give stand for.
    """
    changes = _compare_parts(_("Mapping"), before, after, MAPPING_PARTS)
    for name, parts, title, passes, label in (
        ("rules", RULE_PARTS, _title_rule, RULE_PASSES, _("Rules")),
        ("filters", FILTER_PARTS, _title_filter, FILTER_PASSES, _("Filters")),
    ):
        pairs = list(pair(before.get(name, []), after.get(name, []), passes))
        for old, new in pairs:
            thing = title(new or old)
            changes += _compare_parts(thing, old, new, parts, names)
        changes += _compare_order(label, pairs, before.get(name, []), title)
    return changes


def compare_value_maps(
    before: Document, after: Document, names: Names | None = None
) -> list[Change]:
    """What is different between two value maps: settings, keys, columns, rows.

    ``names`` tell what ids of the two systems stand for.
    """
    map_label = after.get("label") or before.get("label", "")
    thing = _("Value map %s") % map_label
    changes = _compare_parts(thing, before, after, MAP_PARTS)
    for name, label in (("keys", _("Keys")), ("columns", _("Columns"))):
        told = [_tell_declared(each.get(name, [])) for each in (before, after)]
        changes += _compare_texts(thing, _state(before, after), label, *told)
    columns = {
        c["name"]: c for each in (before, after) for c in each.get("columns", [])
    }
    labels = {name: _("Default: %s") % c["label"] for name, c in columns.items()}
    defaults = [
        _tell_values(d.get("default", {}), columns, names) for d in (before, after)
    ]
    changes += _compare_values(thing, _state(before, after), labels, *defaults)
    fields = after.get("keys") or before.get("keys", [])
    labels = {name: c["label"] for name, c in columns.items()}
    for old, new in pair(before.get("rows", []), after.get("rows", []), ROW_PASSES):
        row = f"{map_label}: {_title_row(new or old, fields, names)}"
        told_rows = [_tell_row(each, columns, names) for each in (old, new)]
        state = _state(old, new)
        found = _compare_values(row, state, {**labels, "": _("Label")}, *told_rows)
        if not found and state != CHANGED:
            found = [Change(row, state, "", "", "")]
        changes += found
    return changes


def compare_fields(
    thing: str, before: Document, after: Document, parts: Iterable[Part]
) -> list[Change]:
    """What is different between two objects that these parts describe."""
    return _compare_parts(thing, before, after, parts)


# ----------------------------------------------------------------------------- pairs


def pair(
    before: Sequence[Any],
    after: Sequence[Any],
    passes: Iterable[Callable[[Any], Hashable]],
) -> Iterator[Pair]:
    """Entries of two lists that are the same object; None where there is no other.

    In the order of ``after``, then what is gone. Each pass pairs those that are still
    alone and give the same key, in their order.
    """
    partner: dict[int, int] = {}
    alone = list(range(len(before)))
    for key_of in passes:
        waiting: dict[Hashable, list[int]] = {}
        for place in alone:
            waiting.setdefault(key_of(before[place]), []).append(place)
        for place, entry in enumerate(after):
            found = waiting.get(key_of(entry)) if place not in partner else None
            if found:
                partner[place] = found.pop(0)
        taken = set(partner.values())
        alone = [place for place in alone if place not in taken]
    for place, entry in enumerate(after):
        yield (before[partner[place]] if place in partner else None), entry
    for place in alone:
        yield before[place], None


def _whole(entry: Document) -> Hashable:
    return describe_data(sorted(entry.items()))


def _default_of(rule: Document) -> Hashable:
    return tuple(rule.get(n) for n in ("scope", "field", "origin", "default_on", "on"))


RULE_PASSES: tuple[Callable[[Document], Hashable], ...] = (
    _whole,
    _default_of,
    lambda r: (r["scope"], r["field"], r.get("origin"), r.get("default_on")),
    lambda r: (r["scope"], r["field"]),
)
FILTER_PASSES: tuple[Callable[[Document], Hashable], ...] = (
    _whole,
    lambda each: each["reason"],
    lambda each: describe_data(
        sorted((k, v) for k, v in each.items() if k not in ("reason", "active"))
    ),
)
ROW_PASSES: tuple[Callable[[Document], Hashable], ...] = (
    lambda row: tuple(row["keys"]),
)


# ----------------------------------------------------------------------------- words


def _title_rule(rule: Document) -> str:
    scope = dict(Scope.choices).get(rule["scope"], rule["scope"])
    label: str = rule.get("label", "")
    told = f"{label} ({rule['field']})" if label else rule["field"]
    return str(_("Rule %(scope)s: %(field)s") % {"scope": scope, "field": told})


def _title_filter(each: Document) -> str:
    return str(_("Filter “%s”") % each["reason"])


def _title_row(row: Document, fields: Sequence[Document], names: Names | None) -> str:
    told = []
    for place, key in enumerate(row["keys"]):
        field = fields[place] if place < len(fields) else {}
        value = _("any") if key == "*" else name_value(key, field, names)
        label: str = field.get("label", "")
        told.append(f"{label} {value}".strip())
    return ", ".join(told) or str(_("every value"))


def name_value(value: str, field: Mapping[str, Any], names: Names | None) -> str:
    """An id with its name, where the list that it comes from is known."""
    name = (names or {}).get(field.get("choices", ""), {}).get(value)
    return f"{name} ({value})" if name and name != value else value


def _tell_declared(fields: Iterable[Document]) -> str:
    told = []
    for each in fields:
        more = [describe_data(v) for name, v in each.items() if name != "label"]
        told.append(f"{each['label']} ({', '.join(more)})")
    return ", ".join(told)


def _tell_values(
    values: Mapping[str, str], columns: Mapping[str, Document], names: Names | None
) -> dict[str, str]:
    return {
        name: name_value(value, columns.get(name, {}), names)
        for name, value in values.items()
    }


def _tell_row(
    row: Document | None, columns: Mapping[str, Document], names: Names | None
) -> dict[str, str]:
    if row is None:
        return {}
    return {**_tell_values(row["values"], columns, names), "": row.get("label", "")}


# ----------------------------------------------------------------------- comparisons


def _state(before: Any, after: Any) -> str:
    if not before:
        return ADDED
    return CHANGED if after else REMOVED


def _compare_parts(
    thing: str,
    before: Document | None,
    after: Document | None,
    parts: Iterable[Part],
    names: FieldNames | None = None,
) -> list[Change]:
    state = _state(before, after)
    changes = []
    for part in parts:
        old, new = (_value_of(each, part) for each in (before, after))
        if old == new:
            continue
        was = part.describe(old, _names_of(before, names)) if before else ""
        now = part.describe(new, _names_of(after, names)) if after else ""
        changes.append(Change(thing, state, str(part.label), was, now))
    return changes


def _names_of(document: Document, names: FieldNames | None) -> Mapping[str, str]:
    """Those of the field that a rule fills."""
    key = document.get("scope", ""), document.get("field", "")
    return (names or {}).get(key, {})


def _value_of(document: Document | None, part: Part) -> Any:
    """What a document says; what it does not hold of an object that is, is as usual.

    As usual is also what is said of an object that is not, so that only what is
    special about a new one is told.
    """
    return (document or {}).get(part.name, part.default)


def _compare_values(
    thing: str,
    state: str,
    labels: Mapping[str, _StrOrPromise],
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> list[Change]:
    return [
        change
        for name in dict.fromkeys([*labels, *before, *after])
        for change in _compare_texts(
            thing,
            state,
            labels.get(name, name),
            before.get(name, ""),
            after.get(name, ""),
        )
    ]


def _compare_texts(
    thing: str, state: str, label: _StrOrPromise, before: str, after: str
) -> list[Change]:
    if before == after:
        return []
    return [Change(thing, state, str(label), before, after)]


def _compare_order(
    label: str,
    pairs: Sequence[Pair],
    before: Sequence[Document],
    title: Callable[[Document], str],
) -> list[Change]:
    """Told only where entries that stand in both documents changed places."""
    both = [(old, new) for old, new in pairs if old is not None and new is not None]
    place = {id(each): n for n, each in enumerate(before)}
    places = [place[id(old)] for old, _new in both]
    if places == sorted(places):
        return []
    old_order = sorted(both, key=lambda each: place[id(each[0])])
    told = [", ".join(title(new) for _old, new in each) for each in (old_order, both)]
    return [Change(label, CHANGED, _("Order"), *told)]

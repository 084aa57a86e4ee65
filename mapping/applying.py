"""Makes a stored mapping or value map what a document says. Whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from mapping import documents, restoring
from mapping.differences import FILTER_PASSES, RULE_PASSES, pair
from mapping.documents import FILTER_PARTS, MAP_PARTS, RULE_PARTS, Document, Part, pick
from mapping.models import Filter, Origin, Rule, ValueMap, ValueMapEntry
from mapping.models import Mapping as StoredMapping

STEP = 10


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored row with what a document holds of it."""

    row: Any
    document: Document


@transaction.atomic
def apply_mapping(mapping: StoredMapping, document: Document) -> None:
    """Rules and filters as the document has them, in its order. Not checked here."""
    if mapping.name != document["name"]:
        mapping.name = document["name"]
        mapping.save(update_fields=["name"])
    _apply_rules(mapping, document)
    _apply_filters(mapping, document)


def _apply_rules(mapping: StoredMapping, document: Document) -> None:
    wanted = documents.read_rules(document)
    stored = [_Stored(rule, pick(rule, RULE_PARTS)) for rule in mapping.rules.all()]
    pairs = _pair_rows(stored, document["rules"], wanted, RULE_PASSES)
    kept, new, gone = _lay_over(pairs, RULE_PARTS)
    for rule in (*kept, *new):
        rule.mapping = mapping
    _know_defaults(mapping, [*kept, *new])
    Rule.objects.filter(pk__in=[rule.pk for rule in gone]).delete()
    # First off, so that no two of them are active for one field on the way.
    Rule.objects.filter(pk__in=[rule.pk for rule in kept]).update(active=False)
    names = [part.name for part in RULE_PARTS]
    shipped = ["default_expression", "default_required"]
    Rule.objects.bulk_update(kept, [*names, *shipped, "position"])
    Rule.objects.bulk_create(new)


def _apply_filters(mapping: StoredMapping, document: Document) -> None:
    wanted = documents.read_filters(document)
    stored = [_Stored(each, pick(each, FILTER_PARTS)) for each in mapping.filters.all()]
    pairs = _pair_rows(stored, document["filters"], wanted, FILTER_PASSES)
    kept, new, gone = _lay_over(pairs, FILTER_PARTS)
    for each in new:
        each.mapping = mapping
    Filter.objects.filter(pk__in=[each.pk for each in gone]).delete()
    names = [part.name for part in FILTER_PARTS]
    Filter.objects.bulk_update(kept, [*names, "position"])
    Filter.objects.bulk_create(new)


def _pair_rows(
    stored: Sequence[_Stored],
    entries: Sequence[Document],
    wanted: Sequence[Any],
    passes: Iterable[Any],
) -> list[tuple[Any, Any]]:
    """Stored rows with what is wanted of them; None where there is no other."""
    rows = {id(each.document): each.row for each in stored}
    made = {id(entry): row for entry, row in zip(entries, wanted, strict=True)}
    found = pair([each.document for each in stored], entries, passes)
    return [(rows.get(id(old)), made.get(id(new))) for old, new in found]


def _lay_over(
    pairs: Iterable[tuple[Any, Any]], parts: Iterable[Part]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Stored rows that stay with their new values and places, new ones, gone ones."""
    kept: list[Any] = []
    new: list[Any] = []
    gone: list[Any] = []
    names = [part.name for part in parts]
    for place, (row, wanted) in enumerate(pairs, 1):
        if wanted is None:
            gone.append(row)
            continue
        target = wanted if row is None else row
        for name in names:
            setattr(target, name, getattr(wanted, name))
        target.position = place * STEP
        (new if row is None else kept).append(target)
    return kept, new, gone


def _know_defaults(mapping: StoredMapping, rules: Iterable[Rule]) -> None:
    """Tell rules that come anew what their target ships for them.

    A default that this version of the target does not ship counts as shipped as it is.
    """
    for rule in rules:
        if rule.origin != Origin.DEFAULT:
            rule.default_expression, rule.default_required = "", False
            continue
        if rule.pk and rule.default_expression:
            continue
        rule.default_expression = rule.expression
        rule.default_required = rule.required
        restoring.learn(mapping, [rule])


@transaction.atomic
def apply_value_map(value_map: ValueMap, document: Document) -> None:
    """Settings, keys, columns and rows as the document has them. Not checked here."""
    wanted = documents.read_map(document)
    fields = [*(part.name for part in MAP_PARTS), "key_fields", "columns", "default"]
    for name in fields:
        setattr(value_map, name, getattr(wanted, name))
    value_map.save(update_fields=fields)
    stored = {tuple(entry.keys): entry for entry in value_map.entries.all()}
    kept, new = [], []
    for entry in documents.read_entries(document):
        there = stored.pop(tuple(entry.keys), None)
        if there is None:
            entry.value_map = value_map
            new.append(entry)
        elif (there.values, there.label) != (entry.values, entry.label):
            there.values, there.label = entry.values, entry.label
            kept.append(there)
    value_map.entries.filter(pk__in=[entry.pk for entry in stored.values()]).delete()
    ValueMapEntry.objects.bulk_update(kept, ["values", "label"], batch_size=500)
    ValueMapEntry.objects.bulk_create(new, batch_size=500)

"""Looks whether a document can work, before anything is stored.

Each problem says where in the document it is, so that a file can name the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError
from mapping import checking, documents, map_services, services
from mapping.documents import Document
from mapping.models import Mapping as StoredMapping
from mapping.models import Origin, ValueMap
from mapping.rules import Scope, ValueMapData
from mapping.versions import describe

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: the names and places that lead there."""

    path: Path
    message: str


def check_mapping(
    mapping: StoredMapping, document: Document, maps: Mapping[str, ValueMapData] | None
) -> list[Problem]:
    """What keeps active rules and filters from working.

    ``mapping`` says between which systems, and need not be stored; look-ups are held
    against ``maps``.
    """
    problems = []
    for place, rule in enumerate(document["rules"]):
        if rule.get("active", True):
            found = _check_rule(mapping, rule, maps)
            problems += [Problem(("rules", place, *p.path), p.message) for p in found]
    for place, each in enumerate(document["filters"]):
        if each.get("active", True):
            found = _check_filter(mapping, each, maps)
            problems += [Problem(("filters", place, *p.path), p.message) for p in found]
    return [*problems, *_find_clashes(mapping, document)]


def _check_filter(
    mapping: StoredMapping, data: Document, maps: Mapping[str, ValueMapData] | None
) -> Iterator[Problem]:
    expression, conditions = data.get("expression"), data.get("conditions")
    if conditions is not None and expression:
        text = _("The filter “%s” has conditions and an expression: keep one.")
        yield Problem(("expression",), text % data["reason"])
    elif conditions is not None:
        wrong = checking.check_conditions(conditions)
        if wrong:
            yield Problem(("conditions",), wrong)
    elif expression:
        wrong = checking.check_expression(mapping, expression, Scope.HEADER, maps=maps)
        if wrong:
            yield Problem(("expression",), wrong)
    else:
        yield Problem((), _("The filter “%s” has no conditions.") % data["reason"])


def _check_rule(
    mapping: StoredMapping, rule: Document, maps: Mapping[str, ValueMapData] | None
) -> Iterator[Problem]:
    wrong = checking.check_field(mapping, rule["scope"], rule["field"])
    if wrong:
        yield Problem(("field",), wrong)
    elif rule.get("only_if_empty"):
        wrong = checking.check_only_if_empty(mapping, rule["scope"], rule["field"])
        if wrong:
            yield Problem(("only_if_empty",), wrong)
    expression, table = rule.get("expression", ""), rule.get("table")
    if table is not None and expression:
        text = _("The rule for %s has a table and an expression: keep one.")
        yield Problem(("expression",), text % rule["field"])
    elif table is not None:
        wrong = checking.check_table(mapping, table, rule["scope"], maps=maps)
        if wrong:
            yield Problem(("table",), wrong)
    elif expression:
        wrong = checking.check_expression(mapping, expression, rule["scope"], maps=maps)
        if wrong:
            yield Problem(("expression",), wrong)
    else:
        yield Problem((), _("The rule for %s has no expression.") % rule["field"])


def _find_clashes(mapping: StoredMapping, document: Document) -> Iterator[Problem]:
    seen: list[Any] = []
    for place, rule in enumerate(documents.read_rules(document)):
        rule.mapping = mapping
        if services.find_clash([*seen, rule]):
            text = _("Another active rule fills %s on the same occasion already.")
            yield Problem(("rules", place), text % rule)
        else:
            seen.append(rule)


def check_value_map(document: Document) -> list[Problem]:
    """What is wrong with the rows and defaults of a value map."""
    value_map = documents.read_map(document)
    columns = {column["name"] for column in value_map.columns}
    problems = [
        Problem((name,), _("A value map needs at least one entry under “%s”.") % name)
        for name, declared in (
            ("keys", value_map.key_fields),
            ("columns", value_map.columns),
        )
        if not declared and value_map.origin == Origin.OWN
    ]
    problems += [
        Problem(("default", name), _('There is no column "%s".') % name)
        for name in value_map.default
        if name not in columns
    ]
    seen: set[tuple[str, ...]] = set()
    for place, row in enumerate(document["rows"]):
        wrong = _check_row(value_map, row, seen)
        if wrong:
            problems.append(Problem(("rows", place), wrong))
    return problems


def find_broken(
    mappings: Iterable[StoredMapping],
    before: Mapping[str, ValueMapData],
    after: Mapping[str, ValueMapData],
) -> list[str]:
    """What could not work any more in mappings if value maps were otherwise."""
    broken = []
    for mapping in mappings:
        document = describe(mapping)
        known = check_mapping(mapping, document, before)
        broken += [
            f"{mapping}: {problem.message}"
            for problem in check_mapping(mapping, document, after)
            if problem not in known
        ]
    return broken


def check_users(value_map: ValueMap, document: Document) -> list[str]:
    """What could not look up in a value map any more if it were as a document says."""
    users = StoredMapping.objects.filter(
        flows__integration__value_maps=value_map.map_set_id
    )
    maps = value_map.map_set.value_maps.all()
    before = {each.name: map_services.declare_value_map(each) for each in maps}
    after = {**before, value_map.name: read_map_data(document)}
    return find_broken(users.distinct(), before, after)


def _check_row(
    value_map: ValueMap, row: Document, seen: set[tuple[str, ...]]
) -> str | None:
    try:
        keys = map_services.check_row(value_map, row["keys"], row["values"])
    except ConfigError as error:
        return error.message
    if keys in seen:
        return _("Another row has the same keys: %s.") % " / ".join(keys)
    seen.add(keys)
    return None


def normalize_value_map(document: Document) -> Document:
    """The document as it comes back once it is stored: keys in one form, in order."""
    value_map = documents.read_map(document)
    entries = documents.read_entries(document)
    for entry in entries:
        entry.keys = list(map_services.check_row(value_map, entry.keys, entry.values))
    return documents.make_value_map(value_map, entries)


def read_map_data(document: Document) -> ValueMapData:
    """A value map as look-ups are held against it, without its rows."""
    return map_services.declare_value_map(documents.read_map(document))

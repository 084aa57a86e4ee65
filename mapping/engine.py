"""Applies rules and filters to documents: pure, no database, no network.

Rules are compiled once per run; ``CompiledMapping.apply`` is called for every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contract import TargetField
from mapping.declared import Key, by_key
from mapping.functions import BUILT_IN, Functions
from mapping.paths import Context
from mapping.rules import FilterData, Occasion, RuleData, Scope, ValueMapData
from mapping.steps import Maker, Step, keeps
from mapping.valuemaps import Tables, ValueTable

Document = Mapping[str, Any]
FieldValues = dict[str, Any]
OCCASIONS = (Occasion.CREATE, Occasion.UPDATE)
# The steps of a scope on an occasion, by field.
_Steps = dict[tuple[str, str], dict[str, Step]]


@dataclass(frozen=True, slots=True)
class Fields:
    """What the rules made of one document, by target field.

    ``lines`` and ``items`` are parallel to the document's lines, ``tenders`` to its
    tenders; ``customer`` is None where the document has none. A field whose rule
    gave nothing or an empty text is left out. ``kept`` are the fields, as (scope, name),
    of which an update leaves alone what they have in the target.
    """

    header: FieldValues
    lines: list[FieldValues]
    tenders: list[FieldValues]
    customer: FieldValues | None
    items: list[FieldValues]
    kept: frozenset[Key] = frozenset()


class CompiledFilters:
    """Filters made ready; false if there are none."""

    def __init__(self, steps: Iterable[Step]) -> None:
        # A filter's field is its reason.
        self._steps = tuple(steps)

    def __bool__(self) -> bool:
        return bool(self._steps)

    def reason(self, document: Document) -> str:
        """Why this document is not moved, or an empty text. Raises MappingError."""
        context = {"order": document}
        for step in self._steps:
            if step.work_out(context) is True:
                return step.field
        return ""


class CompiledMapping:
    """Rules and filters made ready for one run."""

    def __init__(
        self,
        rules: Mapping[tuple[str, str], tuple[Step, ...]],
        filters: CompiledFilters,
        kept: frozenset[Key] = frozenset(),
    ) -> None:
        self._rules = rules
        self._kept = kept
        self.filters = filters

    def steps_of(self, scope: str, occasion: str) -> tuple[Step, ...]:
        """The rules of a scope, in their order."""
        return self._rules[scope, occasion]

    def apply(self, document: Document, *, occasion: str = Occasion.CREATE) -> Fields:
        """The target's fields of a plain document (``connectors.plain.to_plain``).

        ``occasion`` is create or update. Raises MappingError.
        """
        rules = {scope: self._rules[scope, occasion] for scope in Scope}
        filled: dict[Scope, list[FieldValues]] = {scope: [] for scope in Scope}
        for scope, _place, context in list_contexts(document):
            filled[scope].append(_fill(rules[scope], context))
        return Fields(
            header=filled[Scope.HEADER][0],
            lines=filled[Scope.LINE],
            tenders=filled[Scope.TENDER],
            customer=next(iter(filled[Scope.CUSTOMER]), None),
            items=filled[Scope.ITEM],
            kept=self._kept if occasion == Occasion.UPDATE else frozenset(),
        )


def list_contexts(document: Document) -> Iterator[tuple[Scope, int, Context]]:
    """What the rules of each scope are worked out for, with its place among its like."""
    base = {"order": document}
    yield Scope.HEADER, 0, base
    lines = [{**base, "line": line} for line in _list(document, "lines")]
    for place, line in enumerate(lines):
        yield Scope.LINE, place, line
    for place, tender in enumerate(_list(document, "tenders")):
        yield Scope.TENDER, place, {**base, "tender": tender}
    customer = document.get("customer")
    if customer is not None:
        yield Scope.CUSTOMER, 0, {**base, "customer": customer}
    for place, line in enumerate(lines):
        yield Scope.ITEM, place, line


def compile_rules(
    rules: Iterable[RuleData],
    maps: Mapping[str, ValueMapData],
    *,
    filters: Iterable[FilterData] = (),
    fields: Iterable[TargetField] = (),
    functions: Functions = BUILT_IN,
    flow: str = "",
) -> CompiledMapping:
    """Make rules ready. ``fields``, where given, are what the target declares.

    ``flow`` is the name that errors begin with. Raises ConfigError for a rule that
    cannot be read, that fills an unknown field, or that fills a field which another one
    fills on the same occasion.
    """
    maker = make_maker(maps, fields=fields, functions=functions, flow=flow)
    made = [(rule, maker.make_rule(rule)) for rule in rules]
    return assemble(maker, made, CompiledFilters(map(maker.make_filter, filters)))


def make_maker(
    maps: Mapping[str, ValueMapData],
    *,
    fields: Iterable[TargetField] = (),
    functions: Functions = BUILT_IN,
    flow: str = "",
) -> Maker:
    """What makes rules ready that look up in these value maps."""
    tables = {name: ValueTable(data) for name, data in maps.items()}
    return Maker(flow, tables, by_key(fields), functions)


def assemble(
    maker: Maker, made: Iterable[tuple[RuleData, Step]], filters: CompiledFilters
) -> CompiledMapping:
    """Put together what was made of rules. Raises ConfigError where two fill a field."""
    compiled: _Steps = {
        (scope, occasion): {} for scope in Scope for occasion in OCCASIONS
    }
    kept: set[Key] = set()
    for rule, step in made:
        for occasion in OCCASIONS:
            if rule.on not in (occasion, Occasion.BOTH):
                continue
            if rule.field in compiled[rule.scope, occasion]:
                raise maker.refuse(rule, "a second rule fills the same field")
            compiled[rule.scope, occasion][rule.field] = step
        if rule.only_if_empty and rule.on != Occasion.CREATE:
            kept.add((rule.scope, rule.field))
    kept |= _keep_created(maker, compiled)
    return CompiledMapping(
        {key: tuple(steps.values()) for key, steps in compiled.items()},
        filters,
        frozenset(kept),
    )


def require_filled(
    rules: Iterable[RuleData], fields: Iterable[TargetField], *, flow: str = ""
) -> None:
    """Raise ConfigError for a field that the target requires and no rule creates."""
    targets = by_key(fields)
    filled = {(rule.scope, rule.field) for rule in rules if rule.on != Occasion.UPDATE}
    for key, target in targets.items():
        if target.required and key not in filled:
            raise Maker(flow, {}, targets, BUILT_IN).refuse_unfilled(key)


def compile_filters(
    filters: Iterable[FilterData], tables: Tables, functions: Functions = BUILT_IN
) -> CompiledFilters:
    """Make filters ready. Raises ConfigError for one that cannot be read."""
    maker = Maker("", tables, {}, functions)
    return CompiledFilters(maker.make_filter(each) for each in filters)


def _keep_created(maker: Maker, compiled: _Steps) -> set[Key]:
    """The fields that only rules for what is created fill: an update leaves them alone.

    Those that an update writes anew have such a rule on an update too.
    """
    kept: set[Key] = set()
    for scope in Scope:
        on_update = compiled[scope, Occasion.UPDATE]
        for name, step in compiled[scope, Occasion.CREATE].items():
            if name in on_update:
                continue
            if keeps(scope, maker.targets.get((scope, name))):
                kept.add((scope, name))
            else:
                on_update[name] = step
    return kept


def _list(document: Document, name: str) -> list[Any] | tuple[Any, ...]:
    value = document.get(name)
    return value if isinstance(value, list | tuple) else ()


def _fill(steps: tuple[Step, ...], context: Context) -> FieldValues:
    values: FieldValues = {}
    for step in steps:
        value = step.give(context)
        if value is not None:
            values[step.field] = value
    return values

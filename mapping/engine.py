"""Applies rules and filters to documents: pure, no database, no network.

Rules are compiled once per run; ``CompiledMapping.apply`` is called for every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contract import TargetField
from integration_hub.core.errors import (
    ConfigError,
    ExpressionError,
    MappingError,
    UnusableError,
)
from mapping.compiler import Tables, compile_node
from mapping.expressions import parse_expression
from mapping.fields import check_value
from mapping.functions import BUILT_IN, Functions
from mapping.paths import Context, Evaluate
from mapping.rules import ROOTS, FilterData, Occasion, RuleData, Scope, ValueMapData
from mapping.valuemaps import ValueTable
from mapping.values import describe_value

Document = Mapping[str, Any]
FieldValues = dict[str, Any]

FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Fields:
    """What the rules made of one document, by target field.

    ``lines`` and ``items`` are parallel to the document's lines, ``tenders`` to its
    tenders; ``customer`` is None where the document has none. A field whose rule
    gave nothing or an empty text is left out.
    """

    header: FieldValues
    lines: list[FieldValues]
    tenders: list[FieldValues]
    customer: FieldValues | None
    items: list[FieldValues]


@dataclass(frozen=True, slots=True)
class _Step:
    """A compiled rule or filter."""

    name: str
    title: str
    field: str
    evaluate: Evaluate
    required: bool
    personal: bool
    target: TargetField | None = None

    def give(self, context: Context) -> object:
        """What the field gets, None for nothing. Raises MappingError for a required one."""
        value = self.work_out(context)
        if value is not None and value != "":
            return value
        if self.required:
            raise MappingError(
                f"{self.title} is required but gives nothing.",
                code="required",
                reference=self.name,
                action="Fill in what is missing in the source, or change the rule.",
            )
        return None

    def work_out(self, context: Context) -> object:
        """The value for this context. Raises MappingError naming the rule."""
        try:
            value = self.evaluate(context)
            return check_value(value, self.target)
        except UnusableError as error:
            raise self._name_rule(error) from error

    def _name_rule(self, error: UnusableError) -> MappingError:
        value = describe_value(error.value, personal=self.personal)
        return MappingError(
            f"{self.title} {error.message}; the value is {value}.",
            code="value",
            reference=self.name,
            action=error.action or "Change the rule, or the value in the source.",
        )


class CompiledFilters:
    """Filters made ready; false if there are none."""

    def __init__(self, steps: Iterable[_Step]) -> None:
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
        rules: Mapping[tuple[str, str], tuple[_Step, ...]],
        filters: CompiledFilters,
    ) -> None:
        self._rules = rules
        self.filters = filters

    def steps_of(self, scope: str, occasion: str) -> tuple[_Step, ...]:
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
) -> CompiledMapping:
    """Make rules ready. ``fields``, where given, are what the target declares.

    Raises ConfigError for a rule that cannot be read, that fills an unknown field, or
    that fills a field which another one fills on the same occasion.
    """
    tables = {name: ValueTable(data) for name, data in maps.items()}
    targets = {(field.scope, field.name): field for field in fields}
    compiled: dict[tuple[str, str], dict[str, _Step]] = {
        (scope, occasion): {}
        for scope in Scope
        for occasion in (Occasion.CREATE, Occasion.UPDATE)
    }
    for rule in rules:
        step = _compile_rule(rule, tables, targets, functions)
        for occasion in (Occasion.CREATE, Occasion.UPDATE):
            if rule.on not in (occasion, Occasion.BOTH):
                continue
            if rule.field in compiled[rule.scope, occasion]:
                raise _refuse_rule(rule, "a second rule fills the same field")
            compiled[rule.scope, occasion][rule.field] = step
    return CompiledMapping(
        {key: tuple(steps.values()) for key, steps in compiled.items()},
        compile_filters(filters, tables, functions),
    )


def compile_filters(
    filters: Iterable[FilterData], tables: Tables, functions: Functions = BUILT_IN
) -> CompiledFilters:
    """Make filters ready. Raises ConfigError for one that cannot be read."""
    return CompiledFilters(_compile_filter(each, tables, functions) for each in filters)


def _compile_filter(data: FilterData, tables: Tables, functions: Functions) -> _Step:
    rule = RuleData(FILTER, data.reason, data.expression)
    target = TargetField(data.reason, data.reason, type="boolean")
    return _compile(rule, ROOTS[Scope.HEADER], tables, target, functions)


def _compile_rule(
    rule: RuleData,
    tables: Tables,
    targets: Mapping[tuple[str, str], TargetField],
    functions: Functions,
) -> _Step:
    roots = ROOTS.get(rule.scope)
    if roots is None:
        raise _refuse_rule(rule, f'there is no scope "{rule.scope}"')
    target = targets.get((rule.scope, rule.field))
    if targets and target is None:
        raise _refuse_rule(rule, "the target has no such field")
    return _compile(rule, roots, tables, target, functions)


def _compile(
    rule: RuleData,
    roots: tuple[str, ...],
    tables: Tables,
    target: TargetField | None,
    functions: Functions,
) -> _Step:
    try:
        expression = parse_expression(rule.expression, roots, functions)
        evaluate = compile_node(expression.node, tables)
    except ExpressionError as error:
        raise ExpressionError(
            f"{_title(rule)}: {error.message}",
            position=error.position,
            reference=rule.name,
            action=_MEND,
        ) from error
    except ConfigError as error:
        raise _refuse_rule(rule, error.message.rstrip(".")) from error
    return _Step(
        name=rule.name,
        title=_title(rule),
        field=rule.field,
        evaluate=evaluate,
        required=rule.required or bool(target and target.required),
        personal=expression.personal or rule.scope == Scope.CUSTOMER,
        target=target,
    )


def _title(rule: RuleData) -> str:
    if rule.scope == FILTER:
        return f'Filter "{rule.field}"'
    if rule.label and rule.scope in Scope:
        return f"Rule “{rule.label}” ({Scope(rule.scope).label})"
    return f"Rule {rule.name}"


_MEND = "Open the mapping and mend the rule, or restore its default."


def _refuse_rule(rule: RuleData, problem: str) -> ConfigError:
    return ConfigError(
        f"{_title(rule)}: {problem}.",
        code="rule",
        reference=rule.name,
        action=_MEND,
    )


def _list(document: Document, name: str) -> list[Any] | tuple[Any, ...]:
    value = document.get(name)
    return value if isinstance(value, list | tuple) else ()


def _fill(steps: tuple[_Step, ...], context: Context) -> FieldValues:
    values: FieldValues = {}
    for step in steps:
        value = step.give(context)
        if value is not None:
            values[step.field] = value
    return values

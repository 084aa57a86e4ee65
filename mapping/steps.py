"""Single rules and filters made ready, with the names that errors call them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import TargetField
from integration_hub.core.errors import (
    ConfigError,
    ExpressionError,
    MappingError,
    UnusableError,
)
from mapping.compiler import compile_node
from mapping.conditions import build_group, read_group
from mapping.declared import Key, name_field
from mapping.expressions import parse_expression
from mapping.fields import check_value
from mapping.functions import Functions
from mapping.nodes import Expression
from mapping.paths import Context, Evaluate
from mapping.rules import ROOTS, FilterData, RuleData, Scope
from mapping.tables import build_table, read_table
from mapping.valuemaps import Tables
from mapping.values import describe_value

FILTER = "filter"
_MEND = "Open the mapping and mend the rule, or restore its default."
_MEND_FILTER = "Open the mapping and mend the filter."


@dataclass(frozen=True, slots=True)
class Step:
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
            raise self._refuse_nothing()
        return None

    def work_out(self, context: Context) -> object:
        """The value for this context. Raises MappingError naming the rule."""
        try:
            value = self.evaluate(context)
            return check_value(value, self.target)
        except UnusableError as error:
            raise self._name_value(error) from error
        except MappingError as error:
            raise self._name_rule(error) from error

    def _refuse_nothing(self) -> MappingError:
        return MappingError(
            f"{self.title} is required but gives nothing.",
            code="required",
            reference=self.name,
            action="Fill in what is missing in the source, or change the rule.",
        )

    def _name_rule(self, error: MappingError) -> MappingError:
        """What a value map says, with the rule that asked it."""
        return MappingError(
            f"{self.title}: {error.message}",
            code=error.code,
            reference=error.reference,
            action=error.action,
        )

    def _name_value(self, error: UnusableError) -> MappingError:
        value = describe_value(error.value, personal=self.personal)
        return MappingError(
            f"{self.title} {error.message}; the value is {value}.",
            code="value",
            reference=self.name,
            action=error.action or "Change the rule, or the value in the source.",
        )


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes steps. ``targets`` are what the target declares, empty where unknown."""

    flow: str
    tables: Tables
    targets: Mapping[Key, TargetField]
    functions: Functions

    def make_rule(self, rule: RuleData) -> Step:
        """A rule made ready. Raises ConfigError."""
        roots = ROOTS.get(rule.scope)
        if roots is None:
            raise self.refuse(rule, f'there is no scope "{rule.scope}"')
        target = self.targets.get((rule.scope, rule.field))
        if self.targets and target is None:
            raise self.refuse(rule, "the target has no such field")
        if rule.only_if_empty and not keeps(rule.scope, target):
            raise self.refuse(
                rule,
                "the target writes this field anew with every update, so it cannot be "
                "filled only if empty",
            )
        try:
            expression = self._read_rule(rule, roots)
            evaluate = compile_node(expression.node, self.tables)
        except ConfigError as error:
            raise self._refuse_part(rule, error) from error
        return Step(
            name=rule.name,
            title=self._title(rule),
            field=rule.field,
            evaluate=evaluate,
            required=rule.required or bool(target and target.required),
            personal=expression.personal or rule.scope == Scope.CUSTOMER,
            target=target,
        )

    def make_filter(self, data: FilterData) -> Step:
        """A filter made ready; its field is its reason. Raises ConfigError."""
        rule = RuleData(FILTER, data.reason, data.expression)
        roots = ROOTS[Scope.HEADER]
        try:
            if data.conditions is not None:
                expression = build_group(read_group(data.conditions, roots), roots)
            else:
                expression = parse_expression(data.expression, roots, self.functions)
            evaluate = compile_node(expression.node, self.tables)
        except ConfigError as error:
            raise self._refuse_part(rule, error) from error
        return Step(
            name=rule.name,
            title=self._title(rule),
            field=rule.field,
            evaluate=evaluate,
            required=False,
            personal=expression.personal,
            target=TargetField(data.reason, data.reason, type="boolean"),
        )

    def refuse(self, rule: RuleData, problem: str) -> ConfigError:
        """The error of a rule that cannot work."""
        return ConfigError(
            f"{self._title(rule)}: {problem}.",
            code="rule",
            reference=rule.name,
            action=_MEND_FILTER if rule.scope == FILTER else _MEND,
        )

    def refuse_unfilled(self, key: Key) -> ConfigError:
        """The error of a required field that no active rule fills."""
        scope, name = key
        what = name_field(scope, name, self.targets.get(key))
        subject = f'Flow "{self.flow}": no' if self.flow else "No"
        return ConfigError(
            f'{subject} active rule fills "{what}", which the target requires.',
            code="rule",
            reference=f"{scope}.{name}",
            action="Open the mapping and add a rule for it, or switch one on.",
        )

    def _read_rule(self, rule: RuleData, roots: tuple[str, ...]) -> Expression:
        if rule.table is not None:
            table = read_table(rule.table, roots, self.functions)
            return build_table(table, roots, self.functions)
        return parse_expression(rule.expression, roots, self.functions)

    def _refuse_part(self, rule: RuleData, error: ConfigError) -> ConfigError:
        if not isinstance(error, ExpressionError):
            return self.refuse(rule, error.message.rstrip("."))
        return ExpressionError(
            f"{self._title(rule)}: {error.message}",
            position=error.position,
            reference=rule.name,
            action=_MEND_FILTER if rule.scope == FILTER else _MEND,
        )

    def _title(self, rule: RuleData) -> str:
        """How errors name a rule: with its flow, its object and its field."""
        target = self.targets.get((rule.scope, rule.field))
        if rule.scope == FILTER:
            title = f'filter "{rule.field}"'
        else:
            title = f'rule "{name_field(rule.scope, rule.field, target)}"'
            if rule.label and rule.label != (target and target.label):
                title += f" ({rule.label})"
        if self.flow:
            return f'Flow "{self.flow}", {title}'
        return title[:1].upper() + title[1:]


def keeps(scope: str, target: TargetField | None) -> bool:
    """Whether an update can leave alone what a field has in the target.

    Lines and tenders are written anew where a target does not say otherwise.
    """
    if target is not None:
        return target.keeps
    return scope not in (Scope.LINE, Scope.TENDER)

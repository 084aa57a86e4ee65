"""What every rule makes of one document, one by one: for looking, not for moving.

Where a run stops at the first rule that fails, this goes on, and a rule that cannot be
read does not keep the others from being worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import TargetField
from integration_hub.core.errors import ConfigError, MappingError
from mapping.engine import (
    CompiledFilters,
    CompiledMapping,
    Document,
    assemble,
    list_contexts,
    make_maker,
)
from mapping.functions import BUILT_IN, Functions
from mapping.rules import FilterData, Occasion, RuleData, ValueMapData
from mapping.steps import Step

OCCASIONS = {
    Occasion.BOTH: (Occasion.CREATE, Occasion.UPDATE),
    Occasion.CREATE: (Occasion.CREATE,),
    Occasion.UPDATE: (Occasion.UPDATE,),
}


@dataclass(frozen=True, slots=True)
class Worked:
    """What one rule made of one part of a document.

    ``place`` counts lines and tenders from 0. ``value`` is None where the rule gave
    nothing; with an ``error`` it is unknown.
    """

    scope: str
    place: int
    field: str
    value: object
    error: MappingError | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What it is about."""
        return self.scope, self.place, self.field


def explain(
    mapping: CompiledMapping, document: Document, *, occasion: str = Occasion.CREATE
) -> list[Worked]:
    """Every field of every part of a plain document, in the order of the rules."""
    found = []
    for scope, place, context in list_contexts(document):
        for step in mapping.steps_of(scope, occasion):
            value, error = None, None
            try:
                value = step.give(context)
            except MappingError as refused:
                error = refused
            found.append(Worked(scope, place, step.field, value, error))
    return found


class Reader:
    """Makes rules ready to be tried; what was read once is not read again."""

    def __init__(
        self,
        maps: Mapping[str, ValueMapData],
        *,
        filters: Iterable[FilterData] = (),
        fields: Iterable[TargetField] = (),
        functions: Functions = BUILT_IN,
    ) -> None:
        """Raises ConfigError for a filter that cannot be read."""
        self._maker = make_maker(maps, fields=fields, functions=functions)
        self._filters = CompiledFilters(map(self._maker.make_filter, filters))
        self._read: dict[str, Step | ConfigError] = {}

    def read(
        self, rules: Sequence[RuleData]
    ) -> tuple[CompiledMapping, dict[int, ConfigError]]:
        """The rules that can be used, and what is wrong with the others by place."""
        good: list[tuple[RuleData, Step]] = []
        wrong: dict[int, ConfigError] = {}
        filled: set[tuple[str, str, str]] = set()
        for place, rule in enumerate(rules):
            fills = {
                (rule.scope, rule.field, each) for each in OCCASIONS[Occasion(rule.on)]
            }
            step = self._read_one(rule)
            if isinstance(step, ConfigError):
                wrong[place] = step
            elif fills & filled:
                wrong[place] = ConfigError(
                    "Another active rule already fills this field."
                )
            else:
                filled |= fills
                good.append((rule, step))
        return assemble(self._maker, good, self._filters), wrong

    def _read_one(self, rule: RuleData) -> Step | ConfigError:
        name = repr(rule)
        if name not in self._read:
            try:
                self._read[name] = self._maker.make_rule(rule)
            except ConfigError as error:
                self._read[name] = error
        return self._read[name]

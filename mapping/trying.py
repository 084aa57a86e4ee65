"""What a filter would do with documents, before it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration_hub.core.errors import MappingError
from mapping.engine import compile_filters
from mapping.rules import FilterData, ValueMapData
from mapping.valuemaps import ValueTable

MAX_EXAMPLES = 5

# A document as plain data, under the name that people know its record by.
Sample = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Samples:
    """Documents to try on; ``note`` says why there are none, or not all."""

    documents: Sequence[Sample] = ()
    note: str = ""


@dataclass(slots=True)
class Trial:
    """How many documents pass, which would be skipped, and which would fail and why."""

    passed: int = 0
    skipped: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many were tried."""
        return self.passed + len(self.skipped) + len(self.failed)


def try_filter(
    data: FilterData, samples: Iterable[Sample], maps: Mapping[str, ValueMapData]
) -> Trial:
    """Try a filter on documents. Raises ConfigError for one that cannot be read."""
    tables = {name: ValueTable(each) for name, each in maps.items()}
    filters = compile_filters([data], tables)
    trial = Trial()
    for name, document in samples:
        try:
            reason = filters.reason(document)
        except MappingError as error:
            trial.failed.append((name, error.message))
        else:
            if reason:
                trial.skipped.append(name)
            else:
                trial.passed += 1
    return trial

"""Rules, filters and value maps as plain data: what the engine compiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices


class Scope(TextChoices):
    """What a rule is worked out for."""

    HEADER = "header", "document"
    LINE = "line", "line"
    TENDER = "tender", "tender"
    CUSTOMER = "customer", "customer"
    ITEM = "item", "item"


ROOTS: Mapping[str, tuple[str, ...]] = {
    Scope.HEADER: ("order",),
    Scope.LINE: ("order", "line"),
    Scope.TENDER: ("order", "tender"),
    Scope.CUSTOMER: ("order", "customer"),
    Scope.ITEM: ("order", "line"),
}


class Occasion(TextChoices):
    """When a rule applies."""

    BOTH = "both", "create and update"
    CREATE = "create", "create only"
    UPDATE = "update", "update only"


class Missing(TextChoices):
    """What a value map does when no row fits."""

    FAIL = "fail", "fail the record"
    DEFAULT = "default", "use the default"
    EMPTY = "empty", "leave empty"


@dataclass(frozen=True, slots=True)
class RuleData:
    """One active rule: an expression, or a conditional ``table`` (see ``tables``).

    ``only_if_empty`` leaves a value alone that the field has in the target when it is
    updated.
    """

    scope: str
    field: str
    expression: str = ""
    label: str = ""
    required: bool = False
    on: str = Occasion.BOTH
    only_if_empty: bool = False
    table: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """How errors name the rule: scope.field."""
        return f"{self.scope}.{self.field}"


@dataclass(frozen=True, slots=True)
class FilterData:
    """One active filter: where it is true, skip with the reason.

    It has an expression, or ``conditions`` (a group of ``conditions``).
    """

    expression: str
    reason: str
    conditions: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KeyField:
    """One key of a value map.

    ``type`` "number" makes 21.00 and 21 the same; "country" takes EU and non-EU too.
    """

    name: str
    label: str
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a value map; a key "*" is any."""

    keys: tuple[str, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValueMapData:
    """One value map with its rows."""

    name: str
    label: str
    keys: tuple[KeyField, ...]
    columns: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    missing: str = Missing.FAIL
    default: Mapping[str, str] = field(default_factory=dict)
    force: bool = False

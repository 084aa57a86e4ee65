"""How an integration is set up, for its target to plan with and to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.contract.answers import Choice


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """The integration's defaults, by name, as the target's settings form has them.

    ``hub`` stands in the marks: whose documents these are. ``lists`` holds the
    target's own lists that ``Connector.plan_lists`` names, as ``choices`` gave them;
    the hub may keep them for hours, those of ``Connector.run_lists`` for one run.
    """

    values: Mapping[str, Any]
    hub: str = "hub"
    prefix: str = ""
    start_date: date | None = None
    lists: Mapping[str, Sequence[Choice]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetUp:
    """How an integration is set up, for the target to look at.

    ``maps`` holds the rows of the value maps by name, as (keys, values by column);
    ``currency`` is that of the source's documents, "" if it varies.
    """

    settings: PlanSettings
    maps: Mapping[str, Sequence[tuple[Sequence[str], Mapping[str, str]]]]
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SetUpLine:
    """One thing that has to be right before anything is posted.

    ``text`` says what is wrong, or what is worth knowing, ``action`` what to do.
    ``page`` is where: "settings" or "settings:FIELD", "map:NAME", "connection" (the
    target's), "source" or an address of the target's own; the hub's own lines say
    "flow:ID".
    """

    label: str
    ok: bool
    text: str = ""
    action: str = ""
    page: str = ""

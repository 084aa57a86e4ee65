"""The company and how an integration is set up, as the set-up check looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from connectors.contract import Choice, SetUp, SetUpLine
from connectors.quickbooks import company, lists
from connectors.quickbooks.client import Client, Record

CHOOSE = "Choose it in the settings of the integration."


@dataclass(frozen=True)
class Facts:
    """The company and the set-up; each list is asked for once.

    ``pages`` is the address of the company's settings, "" where there is none.
    """

    client: Client
    set_up: SetUp
    pages: str
    kept: dict[str, list[Choice]] = field(default_factory=dict)

    @cached_property
    def preferences(self) -> Record:
        """The company's preferences."""
        return self.client.read_preferences()

    @cached_property
    def currency(self) -> str:
        """The currency of the books, "" if it is not said."""
        return company.find_currency(self.preferences)

    def list_of(self, name: str) -> dict[str, Choice]:
        """What may be chosen from a list, by id."""
        if name not in self.kept:
            today = datetime.now(UTC).date()
            self.kept[name] = lists.read_list(self.client, name, today=today)
        return {choice.id: choice for choice in self.kept[name] if choice.active}

    def setting(self, name: str) -> str:
        """The value of a setting, "" if it is not chosen."""
        return str(self.set_up.settings.values.get(name) or "").strip()

    def rows(self, name: str) -> Iterable[tuple[Any, Mapping[str, str]]]:
        """The rows of a value map."""
        return self.set_up.maps.get(name, ())

    def part(self, name: str) -> Mapping[str, Any]:
        """A group of the preferences."""
        return part_of(self.preferences, name)

    def line(
        self, label: str, ok: bool, text: str, action: str, page: str = ""
    ) -> SetUpLine:
        """A line; a green one says no more. The page is the company's if none is told."""
        if ok:
            return SetUpLine(label, ok=True)
        return SetUpLine(label, False, text, action, page or self.pages)


def settings_page(name: str) -> str:
    """Where a setting of the integration is chosen."""
    return f"settings:{name}"


def part_of(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part that is an object, an empty one in place of anything else."""
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}

"""What a connector can do; asking for what it does not have raises UnsupportedError."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from connectors.contract.accounts import Account
from connectors.contract.answers import CheckResult, Choice, Page
from connectors.contract.declarations import (
    Composed,
    Feed,
    Field,
    NeededColumn,
    OAuth,
    TargetField,
)
from connectors.contract.set_up import PlanSettings, SetUp, SetUpLine
from connectors.datamodel import Document, Kind, Unreadable
from connectors.formulas import Formula
from connectors.writes import (
    Delivery,
    Envelope,
    Found,
    Known,
    Mapped,
    Member,
    Outcome,
    Plan,
    Ref,
    Sighting,
    TotalRow,
    Write,
)
from integration_hub.core.errors import RecordError, UnsupportedError
from integration_hub.core.limits import Limit


class Connector(ABC):
    """One external system. Subclasses live in ``connectors/NAME/connector.py``.

    ``base_urls`` has the default of the setting ``base_url`` per environment,
    ``remote_id_header`` names the header with the system's own id of a call.
    ``currency`` is that of a source's documents, "" if it varies.
    ``default_rules`` (scope, field, expression, label, required, on) and
    ``value_map_templates`` (name, label, keys, columns, missing) are data that the
    hub installs and people may change. ``formulas`` are functions of its own for the
    rules of mappings from or to it. ``takes_changes`` says that it plans documents
    that changed after they were posted; for others the hub reports each change.
    ``mended_by`` names the value map that mends a MappingError, by its code; where that
    begins with "unmapped", the reference holds the keys of the missing row, parted by
    colons. ``needed_columns`` are those that rows of its value maps cannot do without.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    credentials: ClassVar[tuple[Field, ...]] = ()
    settings: ClassVar[tuple[Field, ...]] = ()
    oauth: ClassVar[OAuth | None] = None
    feeds: ClassVar[tuple[Feed, ...]] = ()
    writes: ClassVar[tuple[Kind, ...]] = ()
    target_fields: ClassVar[tuple[TargetField, ...]] = ()
    composed: ClassVar[tuple[Composed, ...]] = ()
    target_settings: ClassVar[tuple[Field, ...]] = ()
    choice_lists: ClassVar[tuple[str, ...]] = ()
    plan_lists: ClassVar[tuple[str, ...]] = ()
    run_lists: ClassVar[tuple[str, ...]] = ()
    takes_changes: ClassVar[bool] = False
    currency: ClassVar[str] = ""
    mended_by: ClassVar[Mapping[str, str]] = {}
    needed_columns: ClassVar[tuple[NeededColumn, ...]] = ()
    default_rules: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    value_map_templates: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    formulas: ClassVar[tuple[Formula, ...]] = ()
    limits: ClassVar[tuple[Limit, ...]] = ()
    base_urls: ClassVar[Mapping[str, str]] = {}
    remote_id_header: ClassVar[str] = ""
    batch_size: ClassVar[int] = 1
    parallel: ClassVar[int] = 1

    def __init__(self, account: Account) -> None:
        self.account = account

    @classmethod
    def identify(
        cls, credentials: Mapping[str, str], settings: Mapping[str, Any]
    ) -> str:
        """Which account this is, whatever it is called and whoever logs in; "" unknown.

        The company that the sign-in told; without one the address, what leads there
        and the login. ``settings`` are complete. Raises ConfigError.
        """
        if cls.oauth is not None and cls.oauth.callback_fields:
            told = [str(credentials.get(n) or "") for n in cls.oauth.callback_fields]
            return ":".join(told) if all(told) else ""
        leading = [field.name for field in cls.settings if field.leads]
        login = [field.name for field in cls.credentials if field.type != "secret"]
        parts = [
            settings.get(name) for name in {"base_url": "", **dict.fromkeys(leading)}
        ]
        parts += [credentials.get(name) for name in login]
        return "\n".join(str(part or "").strip() for part in parts)

    def find_room(self) -> int:
        """How many members the next envelope had best have, 1 to ``batch_size``.

        For systems that meter the members too. A guess: what is sent waits its turn.
        """
        return self.batch_size

    @abstractmethod
    def check(self) -> CheckResult:
        """Say whether the system can be used; never raises for what it can say."""

    def check_set_up(self, set_up: SetUp) -> list[SetUpLine]:
        """What has to be right before a flow of an integration may be switched on.

        Asked anew each time. Raises what reading does.
        """
        return []

    def check_feed(self, feed: str) -> list[SetUpLine]:
        """What has to be right here before a flow that reads this feed is switched on.

        Asked anew each time. Raises what reading does.
        """
        return []

    def choices(self, name: str) -> list[Choice]:
        """The entries of one list. Raises UnsupportedError for an unknown name."""
        raise UnsupportedError(f"{self.label} has no list called {name}.")

    def read(self, feed: str, cursor: str, limit: int) -> Page:
        """One page from ``cursor`` ("" = the beginning) on, lowest first."""
        raise UnsupportedError(f"{self.label} has no feed called {feed}.")

    def rewind(self, feed: str, cursor: str) -> str:
        """The cursor moved back by the feed's overlap; asked once per run, at its start.

        For sources whose positions can become visible out of order. What is read
        again because of it is recognised by (id, version).
        """
        return cursor

    def read_one(self, feed: str, key: str) -> Document | Unreadable:
        """One document by its source id. Raises NotFound."""
        raise UnsupportedError(f"{self.label} cannot read one {feed} by its id.")

    def read_many(
        self, feed: str, keys: Sequence[str]
    ) -> dict[str, Document | Unreadable]:
        """Documents by their source ids, those that can be read at all.

        For sources that can ask for many at once, or share what several need.
        """
        found = {}
        for key in keys:
            try:
                found[key] = self.read_one(feed, key)
            except RecordError:
                continue
        return found

    def plan(
        self,
        mapped: Sequence[Mapped],
        known: Mapping[Ref, Known],
        settings: PlanSettings,
    ) -> list[Plan]:
        """Pure: one plan per document, in the same order."""
        raise UnsupportedError(f"{self.label} cannot be written to.")

    def hold_basis(self, settings: PlanSettings) -> str:
        """What decides which records a closed period holds; never the same again.

        Records that were held on another basis are planned anew.
        """
        return ""

    def member(
        self,
        write: Write,
        known: Mapping[Ref, Known],
        position: int,
        *,
        use_fallback: bool = False,
    ) -> Member:
        """Pure: the exact member of a write whose needs are all in ``known``."""
        raise UnsupportedError(f"{self.label} cannot be written to.")

    def deliver(self, envelope: Envelope) -> Delivery:
        """Exactly one remote call. Raises the definite errors and OutcomeUnknown."""
        raise UnsupportedError(f"{self.label} cannot be written to.")

    def find(self, writes: Sequence[Write]) -> dict[Ref, Found]:
        """What is there already of these writes, in as few calls as possible."""
        raise UnsupportedError(f"{self.label} cannot be searched.")

    def look(
        self, objects: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Mapping[str, Any]]:
        """What objects hold now, in the form of bodies, by (entity, id).

        What is gone is not in the answer. Targets that cannot show it give nothing.
        """
        return {}

    def survey(self, start: date, end: date, hub: str) -> Iterator[Sighting]:
        """The documents of some business days that bear a mark or our number form.

        ``end`` is included. ``hub`` is that of ``PlanSettings``: only what bears its
        mark is ours. Asked once per run and day before the first create, in windows
        of the target's largest page, because reads are metered.
        """
        raise UnsupportedError(f"{self.label} cannot be searched.")

    def link(self, entity: str, target_id: str) -> str:
        """The address where a person sees this object in the system, or ""."""
        return ""

    def totals(
        self, feed: str, start: date, end: date, branches: Sequence[str] = ()
    ) -> Iterator[TotalRow]:
        """Sums and counts by day, branch, VAT rate and tender, ends included."""
        raise UnsupportedError(f"{self.label} gives no totals of {feed}.")

    def find_undo_obstacles(
        self, targets: Sequence[tuple[str, Known]], settings: PlanSettings
    ) -> list[RecordError | None]:
        """Why these (entity, what we left) cannot be taken back together, None if so.

        In the same order. Asked before anything is taken back, so that nothing is
        taken back by half.
        """
        return [None for _ in targets]

    def undo(self, targets: Sequence[tuple[str, Known]]) -> list[Outcome]:
        """Void or delete (entity, what we left), refused where somebody changed it."""
        raise UnsupportedError(f"{self.label} cannot undo.")

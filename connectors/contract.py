"""What a connector declares and can do: the contract (``writes`` has what it moves).

A connector is built from an ``Account`` (one configured connection). It declares what
it supports; asking for more raises ``UnsupportedError``. Nothing here knows a
particular system.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Protocol

from connectors.datamodel import Document, Kind, Unreadable
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
from integration_hub.core.http import Session
from integration_hub.core.limits import Limit

# --------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a credentials, settings or mapping form.

    ``type`` is text, secret, integer, boolean, choice, date or email; ``choices``
    names a list of ``Connector.choices`` or holds (value, label) pairs. ``leads`` says
    that a connection's setting decides where secrets are sent.
    """

    name: str
    label: str
    type: str = "text"
    required: bool = False
    default: str = ""
    help: str = ""
    choices: str | tuple[tuple[str, str], ...] = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class TargetField(Field):
    """A field of the target that rules may fill; ``scope`` says on what.

    Scopes: header, line, tender, customer, item. ``max_length`` 0 means any.
    """

    scope: str = "header"
    max_length: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """What a source can be read for, with its own cursor.

    ``overlap`` is how many positions before the cursor are read again each time.
    """

    key: str
    label: str
    kind: Kind
    page_size: int = 100
    overlap: int = 50


@dataclass(frozen=True, slots=True)
class OAuth:
    """OAuth 2 addresses and scopes. Addresses are resolved from ``discovery``.

    ``discovery`` has an address per environment, in which ``{base_url}`` stands for
    the connection's; the setting ``discovery_url`` goes before it.
    ``callback_fields`` are query parameters of the callback that belong to the
    credentials (QuickBooks: realmId). The client id and secret are the credentials
    ``client_id`` and ``client_secret``. ``revoke_as_json`` says how the token is sent
    when it is revoked; the standard is a form.
    """

    discovery: Mapping[str, str]
    scopes: tuple[str, ...]
    callback_fields: tuple[str, ...] = ()
    refresh_lifetime_key: str = "x_refresh_token_expires_in"
    revoke_as_json: bool = False


class TokenSource(Protocol):
    """Gives bearer tokens of one connection; refreshes are shared by all processes."""

    def access_token(self) -> str:
        """A token valid for at least a minute. Raises AuthError, Unavailable."""

    def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, refreshing if nobody else has."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured connection, as a connector sees it.

    ``environment`` is "sandbox" or "live". ``session`` is the only way to the wire.
    """

    id: int
    name: str
    environment: str
    credentials: Mapping[str, str]
    settings: Mapping[str, Any]
    session: Session
    tokens: TokenSource | None = None


# ------------------------------------------------------------------ check, lists


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What ``check`` found. ``problem`` and ``action`` are for people."""

    ok: bool
    who: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    action: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list of the system. ``facts`` helps to match (rate, type)."""

    id: str
    name: str
    code: str = ""
    active: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


# ------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class Page:
    """Documents (or what stands in their place) and where reading goes on.

    ``cursor`` is opaque text; ``more`` is false when nothing is left for now.
    """

    documents: tuple[Document | Unreadable, ...]
    cursor: str
    more: bool


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
    ``page`` is where: "settings", "map:NAME", "connection", or an address of the
    target's own.
    """

    label: str
    ok: bool
    text: str = ""
    action: str = ""
    page: str = ""


# --------------------------------------------------------------------- the verbs


class Connector(ABC):
    """One external system. Subclasses live in ``connectors/NAME/connector.py``.

    ``base_urls`` has the default of the setting ``base_url`` per environment,
    ``remote_id_header`` names the header with the system's own id of a call.
    ``currency`` is that of a source's documents, "" if it varies.
    ``default_rules`` (scope, field, expression, label, required, on) and
    ``value_map_templates`` (name, label, keys, columns, missing) are data that the
    hub installs and people may change. ``takes_changes`` says that it plans documents
    that changed after they were posted; for others the hub reports each change.
    ``mended_by`` names the value map that mends a MappingError, by its code; where that
    begins with "unmapped", the reference holds the keys of the missing row, parted by
    colons.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    credentials: ClassVar[tuple[Field, ...]] = ()
    settings: ClassVar[tuple[Field, ...]] = ()
    oauth: ClassVar[OAuth | None] = None
    feeds: ClassVar[tuple[Feed, ...]] = ()
    writes: ClassVar[tuple[Kind, ...]] = ()
    target_fields: ClassVar[tuple[TargetField, ...]] = ()
    target_settings: ClassVar[tuple[Field, ...]] = ()
    choice_lists: ClassVar[tuple[str, ...]] = ()
    plan_lists: ClassVar[tuple[str, ...]] = ()
    run_lists: ClassVar[tuple[str, ...]] = ()
    takes_changes: ClassVar[bool] = False
    currency: ClassVar[str] = ""
    mended_by: ClassVar[Mapping[str, str]] = {}
    default_rules: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    value_map_templates: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    limits: ClassVar[tuple[Limit, ...]] = ()
    base_urls: ClassVar[Mapping[str, str]] = {}
    remote_id_header: ClassVar[str] = ""
    batch_size: ClassVar[int] = 1
    parallel: ClassVar[int] = 1

    def __init__(self, account: Account) -> None:
        self.account = account

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

    def undo(self, targets: Sequence[tuple[str, Known]]) -> list[Outcome]:
        """Void or delete (entity, what we left), refused where somebody changed it."""
        raise UnsupportedError(f"{self.label} cannot undo.")

"""What a connector is asked to write, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.datamodel import Order
from integration_hub.core.errors import ConfigError, RecordError
from integration_hub.core.http import Exchange


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a body for the remote id of another write."""

    kind: str
    key: str
    role: str


@dataclass(frozen=True, slots=True)
class Write:
    """One object that a record needs in the target.

    (kind, key, role), its ``ref``, is its identity within the integration. ``body`` is JSON-ready
    but for ``Ref`` values, each replaced by the remote id when the envelope is
    filled. ``entity`` is the target's own word for it. ``search`` are the values
    ``find`` looks for, ``mark`` the text that proves a hit is ours (empty: a hit by
    search is enough, as for an item by SKU). ``shared`` writes (customers, items)
    belong to no single record. ``update_of`` names the write whose object this one
    changes; its id and version are filled in by the target when the body is made.
    ``fallback`` is laid over ``body`` when the name it wants is already taken by
    something that is not ours (a search hit that is not ours, or a ``Conflict``).
    ``asks`` marks a question that goes along with writes and changes nothing, and is
    asked anew when its answer may be old. It waits for what earlier records write,
    unless it needs nothing but writes of its own record.
    ``expects`` are the facts that a shared object must have for this plan to be right;
    where it turns out to have others, its records are planned again before they are
    sent, and their plan must no longer expect it. So are records whose document came
    back with another total than ``expected_total``.
    """

    kind: str
    key: str
    role: str
    entity: str
    body: Mapping[str, Any]
    number: str = ""
    needs: tuple[Ref, ...] = ()
    search: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    shared: bool = False
    asks: bool = False
    update_of: Ref | None = None
    fallback: Mapping[str, Any] = field(default_factory=dict)
    expects: Mapping[str, str] = field(default_factory=dict)
    expected_total: Decimal | None = None
    date: date | None = None
    label: str = ""
    ref: Ref = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for again and again while the write waits.
        object.__setattr__(self, "ref", Ref(self.kind, self.key, self.role))

    def is_surprised_by(self, known: Known) -> bool:
        """Whether what is there is not what the plan took it for, or of another total."""
        totals = {known.total, self.expected_total} - {None}
        return len(totals) > 1 or any(
            known.facts.get(name, value) not in (value, "")
            for name, value in self.expects.items()
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub remembers of a write that is in the target."""

    id: str
    number: str = ""
    version: str = ""
    total: Decimal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    entity: str = ""


# Among the facts of a document: a person changed it since we left it.
TOUCHED = "touched"
# And: it was taken back, by the hub itself.
UNDONE = "undone"
# The code of an error that leaves a change after posting to a person.
CHANGED = "changed after posting"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A document with what the rules made of it, ready to be planned.

    ``lines`` and ``tenders`` are parallel to the document's; ``items`` is parallel
    to ``lines``; ``customer`` is None where the document has none. ``changed`` says
    that something of the record was posted and its source says something else now;
    ``before`` is then what was posted, None where that is not known any more, and
    ``on_update`` the same document by the rules that apply when its object in the target
    is updated. Of that one, ``kept`` are the fields, as (scope, name), whose values in
    the target are left alone.
    """

    document: Order
    header: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    tenders: tuple[Mapping[str, Any], ...]
    items: tuple[Mapping[str, Any], ...]
    customer: Mapping[str, Any] | None
    changed: bool = False
    before: Mapped | None = None
    on_update: Mapped | None = None
    kept: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the systems that is recorded, never plugged.

    ``what`` is e.g. "VAT 21 %"; amounts are in the document's currency.
    """

    what: str
    source: Decimal
    target: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Margin:
    """A line of goods sold under the margin scheme, negative for a return.

    ``purchase`` is what the whole line was bought for, None where that is not known.
    """

    article: str
    text: str
    quantity: Decimal
    sale: Decimal
    purchase: Decimal | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the till's total to the total expected in the target, part by part.

    ``settled`` is the part of the target's total that pays earlier debts.
    """

    till_total: Decimal
    liability_tenders: Decimal = Decimal(0)
    tips: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    settled: Decimal = Decimal(0)

    @property
    def target_total(self) -> Decimal:
        """Till total less what was booked as lines, plus tips and rounding."""
        return self.till_total - self.liability_tenders + self.tips + self.rounding


# What a plan waits for, as far as the hub does something about it.
NOT_FINAL = "not final"
CLOSED_PERIOD = "closed period"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one record needs in the target, in order.

    Exactly one of these holds: ``skip`` says why it is not moved, ``wait`` why not
    yet, ``error`` why it cannot, or ``writes`` is not empty. ``writes`` always holds
    all writes of the record, also those that are linked already. ``cause`` tells a
    person what a record waits for; records with one fingerprint are counted together.
    ``wait`` begins with NOT_FINAL where the source has to be asked again, and is
    CLOSED_PERIOD where only another ``Connector.hold_basis`` can change the plan.
    ``days`` are closed days on which what is missing may stand already: those are
    surveyed too, before it is held or written elsewhere. ``stands`` are documents that
    have to be as the hub left them: they are looked at, and the record is planned again
    with TOUCHED among the facts of what is not, before anything is sent.
    """

    key: str
    writes: tuple[Write, ...] = ()
    later: tuple[Write, ...] = ()
    skip: str = ""
    wait: str = ""
    error: RecordError | None = None
    cause: RecordError | None = None
    days: tuple[date, ...] = ()
    stands: tuple[Ref, ...] = ()
    bridge: Bridge | None = None
    differences: tuple[Difference, ...] = ()
    margins: tuple[Margin, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One write in an envelope, with its exact final body."""

    position: int
    entity: str
    operation: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One remote write call. ``id`` is its remote idempotency key (a UUID)."""

    id: str
    members: tuple[Member, ...]


# The code of a refusal that says: this idempotency key was used before.
DUPLICATE_REQUEST = "duplicate request"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one member.

    ``state``: created, updated, unchanged, refused (definite, with ``error``) or
    in_doubt. ``facts`` is JSON-ready: VAT per rate, balance. An error with the code
    CLOSED_PERIOD lets the record wait instead of failing it.
    """

    position: int
    state: str
    known: Known | None = None
    error: RecordError | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcomes of one envelope and the exchange that carried it.

    ``stop`` is to be raised once the outcomes are stored: what was done shows that
    nothing more should be (documents come back with another number, say).
    """

    outcomes: tuple[Outcome, ...]
    exchange: Exchange
    stop: ConfigError | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A hit of ``find``. ``ours`` is false when the mark is missing.

    With an ``error`` nothing is known: the system cannot be asked for this write, so
    it may be there or not. It must not be sent, and its records fail with the error.
    """

    known: Known
    ours: bool
    error: RecordError | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document seen by ``survey``. ``day`` is its business day, None if it has none.

    ``ref`` is read from our mark; None where it bears none, or another hub's.
    """

    entity: str
    known: Known
    ref: Ref | None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Sums of one day and branch, split by VAT rate or tender where known."""

    day: date
    branch: str
    measure: str
    label: str
    amount: Decimal
    count: int

"""QuickBooks Online as a connector: what it declares, and its verbs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from connectors.contract import (
    Account,
    CheckResult,
    Choice,
    Connector,
    Field,
    OAuth,
    PlanSettings,
    SetUp,
    SetUpLine,
)
from connectors.datamodel import Kind
from connectors.quickbooks import checks, company, defaults, lists
from connectors.quickbooks.client import Client, all_concerned
from connectors.quickbooks.targets import (
    closing,
    lookups,
    orders,
    outcomes,
    totals,
    undoing,
)
from connectors.quickbooks.targets.fields import COMPOSED, TARGET_FIELDS
from connectors.quickbooks.targets.options import read_options
from connectors.quickbooks.targets.settings import TARGET_SETTINGS
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
from integration_hub.core.addresses import is_loopback
from integration_hub.core.errors import RecordError, UnsupportedError
from integration_hub.core.limits import Limit

SANDBOX = "http://127.0.0.1:18084"
PAGES = {
    "SalesReceipt": "salesreceipt?txnId={}",
    "Invoice": "invoice?txnId={}",
    "RefundReceipt": "refundreceipt?txnId={}",
    "CreditMemo": "creditmemo?txnId={}",
    "Payment": "recvpayment?txnId={}",
    "JournalEntry": "journal?txnId={}",
    "Customer": "customerdetail?nameId={}",
}
HOSTS = {
    "live": "https://qbo.intuit.com/app/",
    "sandbox": "https://sandbox.qbo.intuit.com/app/",
}


class QuickBooks(Connector):
    """One company of QuickBooks Online, written to by its accounting API."""

    key = "quickbooks"
    label = "QuickBooks Online"
    credentials = (
        Field("client_id", "Client id", required=True),
        Field("client_secret", "Client secret", type="secret", required=True),
    )
    settings = (
        Field(
            "base_url",
            "Address of the API",
            help="Leave empty for Intuit's own address (or the local sandbox's).",
            leads=True,
        ),
        Field(
            "discovery_url",
            "Address of the sign-in service",
            help="Its OpenID discovery document. Leave empty for the usual one.",
            leads=True,
        ),
        Field(
            "batch_counts_items",
            "Every item of a batch counts against the limit of calls per minute",
            type="boolean",
            help="Intuit does not say whether it does. Switch it on if calls are "
            "refused as too many; it is slower.",
        ),
    )
    oauth = OAuth(
        discovery={
            "live": "https://developer.api.intuit.com/.well-known/openid_configuration",
            "sandbox": "{base_url}/.well-known/openid_sandbox_configuration",
        },
        scopes=("com.intuit.quickbooks.accounting",),
        callback_fields=("realmId",),
        refresh_lifetime_key="x_refresh_token_expires_in",
        revoke_as_json=True,
    )
    writes = (Kind.ORDER, Kind.CUSTOMER, Kind.PRODUCT)
    target_fields = TARGET_FIELDS
    composed = COMPOSED
    target_settings = TARGET_SETTINGS
    default_rules = defaults.RULES
    value_map_templates = defaults.VALUE_MAPS
    choice_lists = lists.CHOICE_LISTS
    plan_lists = ("tax_codes", "deposit_accounts")
    run_lists = ("closing",)
    takes_changes = True
    mended_by = defaults.MENDED_BY
    needed_columns = defaults.NEEDED
    # Intuit: 500 calls and 40 batches a minute, 10 calls a second; a minute is taken
    # a little longer and a second holds fewer, because calls are not equally long on
    # their way.
    limits = (
        Limit("calls", 500, 60.5, spacing=0.1),
        Limit("burst", 8, 1.1, spacing=0.125),
        Limit("batches", 40, 61, spacing=1.5),
    )
    base_urls: ClassVar[Mapping[str, str]] = {
        "live": "https://quickbooks.api.intuit.com",
        "sandbox": SANDBOX,
    }
    remote_id_header = "intuit_tid"
    batch_size = 30
    parallel = 4

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.client = Client(account)

    def find_room(self) -> int:
        """Less than a full batch where its items are counted and few calls are left.

        500 a minute is no multiple of 30, and reads spend from it too.
        """
        return self.client.find_room(self.batch_size)

    def check(self) -> CheckResult:
        """Company, edition, currency; a company of the United States is refused."""
        return company.check_company(self.client)

    def check_set_up(self, set_up: SetUp) -> list[SetUpLine]:
        """Company, settings and value maps, line by line."""
        pages = self._find_site()
        return checks.check_set_up(
            self.client, set_up, pages=f"{pages}settings" if pages else ""
        )

    def choices(self, name: str) -> list[Choice]:
        """The entries of one list, asked now. Raises ConfigError if it is refused."""
        today = datetime.now(UTC).date()
        if name not in self.choice_lists:
            return super().choices(name)
        with all_concerned():
            return lists.read_list(self.client, name, today=today)

    def plan(
        self,
        mapped: Sequence[Mapped],
        known: Mapping[Ref, Known],
        settings: PlanSettings,
    ) -> list[Plan]:
        """Pure: what each receipt needs. Raises ConfigError for the settings."""
        return orders.plan_orders(mapped, known, settings)

    def hold_basis(self, settings: PlanSettings) -> str:
        """The last closed day and what is done with what is late."""
        return closing.describe_basis(read_options(settings))

    def member(
        self,
        write: Write,
        known: Mapping[Ref, Known],
        position: int,
        *,
        use_fallback: bool = False,
    ) -> Member:
        """Pure: the exact body; an update gets Id and SyncToken."""
        return outcomes.make_member(write, known, position, use_fallback=use_fallback)

    def deliver(self, envelope: Envelope) -> Delivery:
        """One batch call. See ``Client.send_batch`` for what it raises.

        Also raises a RecordError where the call was refused whole: which of its
        members was wrong shows when they are sent alone.
        """
        items = [outcomes.make_item(member) for member in envelope.members]
        answers, faults, exchange = self.client.send_batch(envelope.id, items)
        system = self.account.name
        if faults:
            error = outcomes.judge_whole(envelope.members, faults, system=system)
            if error is not None:
                error.exchange = exchange
                raise error
            return Delivery(tuple(outcomes.doubt_all(envelope.members)), exchange)
        by_id = {str(answer.get("bId")): answer for answer in answers}
        results = tuple(
            outcomes.read_outcome(
                member, by_id.get(str(member.position)), system=system
            )
            for member in envelope.members
        )
        stop = outcomes.find_renumbered(envelope.members, results, system=system)
        return Delivery(results, exchange, stop)

    def find(self, writes: Sequence[Write]) -> dict[Ref, Found]:
        """Documents by number, items by SKU, customers by name and e-mail."""
        return lookups.find_writes(self.client, writes)

    def look(
        self, objects: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The objects as QuickBooks has them now."""
        return dict(lookups.look_at(self.client, objects))

    def survey(self, start: date, end: date, hub: str) -> Iterator[Sighting]:
        """The sales documents and payments of these days that may be ours."""
        return lookups.survey_days(self.client, start, end, hub)

    def link(self, entity: str, target_id: str) -> str:
        """The page of QuickBooks' own interface, "" where there is none.

        The local sandbox has no pages.
        """
        page, site = PAGES.get(entity), self._find_site()
        return site + page.format(target_id) if page and site and target_id else ""

    def _find_site(self) -> str:
        """Where people use the company, "" for a local sandbox."""
        address = urlsplit(str(self.account.settings.get("base_url", "")))
        if is_loopback(address.hostname or ""):
            return ""
        return HOSTS.get(self.account.environment, HOSTS["live"])

    def totals(
        self, feed: str, start: date, end: date, branches: Sequence[str] = ()
    ) -> Iterator[TotalRow]:
        """Sums of our documents of kind ``order``; see ``totals.sum_documents``."""
        if feed != Kind.ORDER:
            raise UnsupportedError(f"{self.label} gives no totals of {feed}.")
        return totals.sum_documents(self.client, start, end, locations=branches)

    def find_undo_obstacles(
        self, targets: Sequence[tuple[str, Known]], settings: PlanSettings
    ) -> list[RecordError | None]:
        """Closed periods, and payments of others."""
        closed = read_options(settings).closed_through
        return undoing.find_obstacles(self.client, targets, closed_through=closed)

    def undo(self, targets: Sequence[tuple[str, Known]]) -> list[Outcome]:
        """Void documents that nobody changed."""
        return undoing.void_all(self.client, targets)

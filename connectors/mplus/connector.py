"""MplusKASSA: a point of sale, read over its SOAP API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.contract import (
    Account,
    CheckResult,
    Choice,
    Connector,
    Feed,
    Field,
    Page,
    SetUpLine,
)
from connectors.datamodel import Document, Kind, Unreadable
from connectors.mplus.checking import check_cash_counts, check_till
from connectors.mplus.client import LIVE_ADDRESS, SANDBOX_ADDRESS, Client, find_address
from connectors.mplus.counting import (
    OVERLAP,
    DayPosition,
    find_count,
    read_counts,
    rewind_days,
)
from connectors.mplus.lists import LISTS
from connectors.mplus.reading import Position, read_batch, rewind
from connectors.mplus.sources.receipts import CURRENCY, receipt_id
from connectors.mplus.totals import sum_cash_counts, sum_receipts
from connectors.mplus.translation import Translator
from connectors.writes import TotalRow
from integration_hub.core.errors import UnsupportedError
from integration_hub.core.limits import Limit

RECEIPTS = Feed("receipts", "Receipts", Kind.ORDER, page_size=200, overlap=50)
# Read by day, so the overlap is days.
CASH_COUNTS = Feed(
    "cash_counts", "Cash counts", Kind.ORDER, page_size=200, overlap=OVERLAP.days
)


class MplusConnector(Connector):
    """A source of receipts and cash counts."""

    key = "mplus"
    label = "MplusKASSA"
    currency = CURRENCY
    credentials = (
        Field(
            "ident",
            "Ident",
            required=True,
            help="MplusKASSA gives out ident, secret and port together.",
        ),
        Field("secret", "Secret", type="secret", required=True),
    )
    settings = (
        Field(
            "base_url",
            "Server",
            help="With or without https:// in front: api.mpluskassa.nl.",
            leads=True,
        ),
        Field(
            "port",
            "Port",
            type="integer",
            help="Every shop has a port of its own.",
            leads=True,
        ),
        Field(
            "cash_methods",
            "Cash payment methods",
            help="Codes with commas between them, if their names do not tell: "
            "CONTANT,KAS2. They decide what is cash rounding.",
        ),
    )
    feeds = (RECEIPTS, CASH_COUNTS)
    choice_lists = tuple(LISTS)
    base_urls = {"sandbox": SANDBOX_ADDRESS, "live": LIVE_ADDRESS}
    # The till has a small pool of workers that also serve the counters.
    limits = (Limit("calls", calls=300, seconds=60.0, spacing=0.02),)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = Client(account)
        self._translator = Translator(self._client, account)

    @classmethod
    def identify(
        cls, credentials: Mapping[str, str], settings: Mapping[str, Any]
    ) -> str:
        """Server and port: every shop has a port of its own, whoever logs in there."""
        return find_address(settings, system=cls.label).lower()

    def check(self) -> CheckResult:
        """Version and branches, or what exactly is wrong."""
        return check_till(self._client, self.account)

    def check_feed(self, feed: str) -> list[SetUpLine]:
        """Cash counts can be read: a flow of them has nothing else."""
        needed = feed == CASH_COUNTS.key
        return [check_cash_counts(self._client, needed=needed)]

    def choices(self, name: str) -> list[Choice]:
        """One of the till's lists, asked anew."""
        if name not in LISTS:
            return super().choices(name)
        return LISTS[name](self._client, self._translator.shop)

    def read(self, feed: str, cursor: str, limit: int) -> Page:
        """One page of receipts or cash counts."""
        if feed == CASH_COUNTS.key:
            counts = read_counts(self._client, DayPosition.parse(cursor), limit)
            found = self._translator.translate_counts(counts.records)
            return Page(found, str(counts.position), counts.more)
        self._require(feed)
        batch = read_batch(self._client, Position.parse(cursor), limit)
        documents = self._translator.translate(batch.records)
        return Page(documents, str(batch.position), batch.more)

    def rewind(self, feed: str, cursor: str) -> str:
        """50 markers back: those of concurrent tills can become visible late.

        Cash counts: a month, because they are made late, finalised and mended.
        """
        if feed == CASH_COUNTS.key:
            return str(rewind_days(DayPosition.parse(cursor)))
        self._require(feed)
        return str(rewind(Position.parse(cursor), RECEIPTS.overlap))

    def read_one(self, feed: str, key: str) -> Document | Unreadable:
        """One receipt or cash count by its id."""
        if feed == CASH_COUNTS.key:
            record = find_count(self._client, key)
            return self._translator.translate_counts([record])[0]
        self._require(feed)
        return self._translator.translate([self._client.receipt(key)])[0]

    def read_many(
        self, feed: str, keys: Sequence[str]
    ) -> dict[str, Document | Unreadable]:
        """Receipts by their ids in one call; one by one what it does not give.

        No public source tells whether every till heeds the ids that are asked for.
        """
        if feed != RECEIPTS.key or not keys:
            return super().read_many(feed, keys)
        given = self._client.receipts(ids=keys)
        records = [record for record in given if receipt_id(record) in keys]
        translated = self._translator.translate(records)
        found: dict[str, Document | Unreadable] = {each.id: each for each in translated}
        left = [key for key in keys if key not in found]
        return found | super().read_many(feed, left) if left else found

    def totals(
        self, feed: str, start: date, end: date, branches: Sequence[str] = ()
    ) -> Iterator[TotalRow]:
        """Sums by financial date; see ``totals`` for the measures."""
        if feed == CASH_COUNTS.key:
            return sum_cash_counts(
                self._client, self._translator, start=start, end=end, branches=branches
            )
        self._require(feed)
        return sum_receipts(
            self._client, self._translator, start=start, end=end, branches=branches
        )

    def _require(self, feed: str) -> None:
        if feed != RECEIPTS.key:
            raise UnsupportedError(f"{self.label} has no feed called {feed}.")

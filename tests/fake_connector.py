"""Two made-up systems without a wire: a till that is read and books that are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from connectors.contract import (
    CheckResult,
    Choice,
    Connector,
    Feed,
    Field,
    OAuth,
    Page,
    PlanSettings,
)
from connectors.datamodel import (
    Customer,
    Kind,
    Line,
    LineType,
    Order,
    OrderNumber,
    OrderType,
    Tender,
    TenderType,
    VatMethod,
    VatTotal,
)
from connectors.writes import (
    Bridge,
    Found,
    Known,
    Mapped,
    Member,
    Plan,
    Ref,
    Sighting,
    Write,
)
from integration_hub.core.errors import Rejected, Unavailable


def make_order(number: str = "1", total: str = "12.10", **changes: Any) -> Order:
    """A receipt of one article at 21 %, paid by card."""
    amount = Decimal(total)
    net = (amount / Decimal("1.21")).quantize(Decimal("0.01"))
    line = Line(
        id=f"line-{number}",
        type=LineType.GOODS,
        article="1001",
        text="Bread <plain>",
        quantity=Decimal(1),
        amount_incl=amount,
        amount_excl=net,
        vat_code="1",
        vat_rate=Decimal(21),
    )
    tender = Tender("t", "CARD", TenderType.CARD, amount, date(2026, 3, 1))
    values: dict[str, Any] = {
        "id": f"id-{number}",
        "version": "1",
        "type": OrderType.SALE,
        "number": OrderNumber("1", "2", "2026", number, f"1-2-2026-{number}"),
        "date": date(2026, 3, 1),
        "entered_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "branch": "1",
        "entry_branch": "1",
        "till": "2",
        "country": "NL",
        "currency": "EUR",
        "vat_method": VatMethod.INCLUSIVE,
        "total_incl": amount,
        "total_excl": net,
        "lines": (line,),
        "tenders": (tender,),
        "vat_totals": (VatTotal("1", Decimal(21), net, amount - net),),
        "customer": Customer(id="77", is_company=True, name="Bakery Example"),
        "extra": {"barcode": "99", "stamps": [{"colour": "red"}]},
    }
    return Order(**{**values, **changes})


class TillConnector(Connector):
    """Gives the receipts that a test puts into ``receipts``."""

    key = "till"
    label = "Test till"
    credentials = (
        Field("ident", "Ident", required=True),
        Field("secret", "Secret", type="secret", required=True, help="Ask them."),
    )
    settings = (Field("port", "Port", type="integer"),)
    feeds = (Feed("receipts", "Receipts", Kind.ORDER, page_size=50),)
    receipts: ClassVar[list[Order]] = []
    result: ClassVar[CheckResult] = CheckResult(ok=True, who="Shop", warnings=("Old.",))

    def check(self) -> CheckResult:
        return self.result

    def read(self, feed: str, cursor: str, limit: int) -> Page:
        return Page(tuple(self.receipts), "end", more=False)


class BooksConnector(Connector):
    """Plans one sale for each receipt; those of 0.00 fail, negative ones are skipped."""

    key = "books"
    label = "Test books"
    credentials = (Field("client_secret", "Client secret", type="secret"),)
    oauth = OAuth(discovery={"sandbox": "{base_url}/discovery"}, scopes=("all",))
    writes = (Kind.ORDER,)
    target_settings = (
        Field("tax_code", "Tax code", required=True, choices="tax_codes"),
        Field("account", "Account", choices="accounts"),
        Field("strict", "Strict", type="boolean"),
        Field("lines_by", "Lines", choices=(("a", "by article"), ("g", "by group"))),
    )
    choice_lists = ("tax_codes", "accounts")
    value_map_templates = (
        {"name": "vat", "label": "VAT", "keys": [], "columns": [], "missing": "fail"},
    )
    base_urls: ClassVar[Mapping[str, str]] = {"sandbox": "http://127.0.0.1:9"}
    asked: ClassVar[list[str]] = []
    is_down: ClassVar[bool] = False

    def check(self) -> CheckResult:
        return CheckResult(ok=False, problem="Wrong secret.", action="Enter it again.")

    def choices(self, name: str) -> list[Choice]:
        if self.is_down:
            raise Unavailable("The books cannot be reached.", action="Try later.")
        self.asked.append(name)
        return [Choice("5", "High", "21"), Choice("6", "Old", active=False)]

    def plan(
        self,
        mapped: Sequence[Mapped],
        known: Mapping[Ref, Known],
        settings: PlanSettings,
    ) -> list[Plan]:
        return [self._plan(each.document) for each in mapped]

    def _plan(self, order: Order) -> Plan:
        if order.total_incl == 0:
            error = Rejected("A total of 0.00 is refused.", action="Skip it.")
            return Plan(order.id, error=error)
        if order.total_incl < 0:
            return Plan(order.id, skip="a refund")
        write = Write(
            kind="order",
            key=order.id,
            role="sale",
            entity="Sale",
            body={"Total": order.total_incl, "Memo": "<b>"},
            number=f"S{order.id}",
            label="Sale",
        )
        return Plan(order.id, writes=(write,), bridge=Bridge(order.total_incl))

    def member(
        self,
        write: Write,
        known: Mapping[Ref, Known],
        position: int,
        *,
        use_fallback: bool = False,
    ) -> Member:
        return Member(position, write.entity, "create", write.body)

    def find(self, writes: Sequence[Write]) -> dict[Ref, Found]:
        return {}

    def survey(self, start: date, end: date, hub: str) -> Iterator[Sighting]:
        return iter(())

    def link(self, entity: str, target_id: str) -> str:
        return f"https://books.example/{entity}/{target_id}"

"""The integration's settings, read once into a typed object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.contract import Choice, PlanSettings
from integration_hub.core.errors import MappingError

TRUE = frozenset({"true", "on", "yes", "1"})
# Among the list of closed periods: no day is closed.
OPEN = "open"
SETTINGS_PAGE = "Choose it in the settings of the integration."
# Settings that hold an id of the company's.
REFERENCES = (
    "no_vat_code",
    "reverse_charge_code",
    "eu_goods_code",
    "eu_services_code",
    "export_code",
    "margin_code",
    "default_income_account",
    "default_expense_account",
    "gift_card_account",
    "deposit_account",
    "customer_deposit_account",
    "payment_differences_account",
    "rounding_account",
    "split_tenders_account",
    "receivable_account",
    "tips_account",
    "own_use_account",
    "purchases_account",
    "over_short_account",
    "in_transit_account",
    "default_debtor",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A sales rate and the days it holds, ends included; None is open."""

    rate: Decimal
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code with its sales rate over time; ``rate_id`` is "" without one rate.

    ``bought`` is the rate on purchases over time.
    """

    name: str
    rate_id: str
    spans: tuple[Span, ...]
    bought: tuple[Span, ...] = ()

    def rate_on(self, day: date) -> Decimal | None:
        """The sales rate valid on a day, None if unknown."""
        return _find_rate(self.spans, day)

    def bought_on(self, day: date) -> Decimal | None:
        """The purchase rate valid on a day, None if unknown."""
        return _find_rate(self.bought, day)

    def rate_used_on(self, day: date) -> Decimal | None:
        """The rate that a document of this day gets, None if unknown or ended.

        Before the first rate it is the first: a company that was set up later knows
        its rates since then only.
        """
        if self.spans and all((span.start or day) > day for span in self.spans):
            return min(self.spans, key=lambda span: span.start or day).rate
        return self.rate_on(day)


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings form of the integration holds; ids as text, "" if unset.

    ``deposit_accounts`` are the accounts that money may come into, none if unknown.
    ``applies_credits``: the company applies credits to invoices by itself.
    ``copy`` is no setting: it tells the numbers of a receipt that is posted once more
    from those before, a letter.
    """

    hub: str
    prefix: str
    start_date: date | None
    no_vat_code: str
    reverse_charge_code: str
    eu_goods_code: str
    eu_services_code: str
    export_code: str
    margin_code: str
    default_income_account: str
    default_expense_account: str
    gift_card_account: str
    deposit_account: str
    customer_deposit_account: str
    payment_differences_account: str
    rounding_account: str
    split_tenders_account: str
    receivable_account: str
    tips_account: str
    own_use_account: str
    purchases_account: str
    over_short_account: str
    in_transit_account: str
    default_debtor: str
    force_default_debtor: bool
    location_required: bool
    journal_vat: str
    zero_totals: str
    mixed_refunds: str
    lines_by: str
    missing_item: str
    closed_period: str = "hold"
    after_posting: str = "report"
    closed_through: date | None = None
    first_month: int = 1
    applies_credits: bool = False
    tax_codes: Mapping[str, TaxCode] = field(default_factory=dict)
    deposit_accounts: frozenset[str] = frozenset()
    copy: str = ""

    def require(self, name: str, label: str) -> str:
        """The account or code called ``name``. Raises MappingError if it is not set."""
        value = str(getattr(self, name))
        if value:
            return value
        raise MappingError(
            f"The setting “{label}” is needed for this receipt and is not set.",
            code="setting missing",
            reference=name,
            action=SETTINGS_PAGE,
        )


def read_options(settings: PlanSettings) -> Options:
    """Type the settings."""
    values = settings.values
    codes_and_accounts: dict[str, Any] = {n: _text(values, n) for n in REFERENCES}
    return Options(
        **codes_and_accounts,
        hub=settings.hub,
        prefix=settings.prefix,
        start_date=settings.start_date,
        force_default_debtor=_flag(values, "force_default_debtor"),
        location_required=_flag(values, "location_required"),
        journal_vat=_text(values, "journal_vat") or "on_top",
        zero_totals=_text(values, "zero_totals") or "sales_receipt",
        mixed_refunds=_text(values, "mixed_refunds") or "one_document",
        lines_by=_text(values, "lines_by") or "article",
        missing_item=_text(values, "missing_item") or "create",
        closed_period=_text(values, "closed_period") or "hold",
        after_posting=_text(values, "after_posting") or "report",
        closed_through=read_closed_through(settings),
        first_month=read_first_month(settings),
        applies_credits=read_applies_credits(settings),
        tax_codes=read_tax_codes(settings.lists.get("tax_codes", ())),
        deposit_accounts=frozenset(
            choice.id
            for choice in settings.lists.get("deposit_accounts", ())
            if choice.active
        ),
    )


def read_closed_through(settings: PlanSettings) -> date | None:
    """The last day that nothing may be posted on: books closed or VAT filed."""
    closing = settings.lists.get("closing", ())
    days = [choice.id for choice in closing if choice.id != OPEN]
    days.append(_text(settings.values, "vat_filed_through"))
    return max((date.fromisoformat(day) for day in days if day), default=None)


def read_first_month(settings: PlanSettings) -> int:
    """The month that the books' year begins with."""
    closing = settings.lists.get("closing", ())
    return next((int(c.facts.get("first_month", "1")) for c in closing), 1)


def read_applies_credits(settings: PlanSettings) -> bool:
    """Whether the company applies credits to invoices by itself."""
    closing = settings.lists.get("closing", ())
    return any(choice.facts.get("applies_credits") == "true" for choice in closing)


def read_tax_codes(choices: Sequence[Choice]) -> dict[str, TaxCode]:
    """Tax codes in use by id, from the list that ``choices("tax_codes")`` gave."""
    return {
        choice.id: TaxCode(
            name=choice.name,
            rate_id=choice.facts.get("rate_id", ""),
            spans=parse_history(choice.facts.get("history", "")),
            bought=parse_history(choice.facts.get("bought", "")),
        )
        for choice in choices
        if choice.active
    }


def format_history(spans: Sequence[Span]) -> str:
    """Spans as text, ``from/to=rate`` separated by semicolons."""
    return ";".join(
        f"{s.start or ''}/{s.end or ''}={s.rate.normalize():f}" for s in spans
    )


def parse_history(text: str) -> tuple[Span, ...]:
    """The spans that ``format_history`` wrote; none of a text that it did not."""
    spans = []
    for part in filter(None, text.split(";")):
        days, _, rate = part.partition("=")
        start, _, end = days.partition("/")
        try:
            spans.append(Span(Decimal(rate), _to_date(start), _to_date(end)))
        except (ValueError, InvalidOperation):
            return ()
    return tuple(spans)


def _find_rate(spans: Sequence[Span], day: date) -> Decimal | None:
    for span in spans:
        if (span.start or day) <= day <= (span.end or day):
            return span.rate
    return None


def _to_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value).strip()


def _flag(values: Mapping[str, Any], name: str) -> bool:
    return _text(values, name).lower() in TRUE

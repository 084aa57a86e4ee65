"""What the shop used, broke or gave away itself, at purchase cost. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.datamodel import Line, Tender, TenderType
from connectors.quickbooks.targets.adjustments import spread
from connectors.quickbooks.targets.journals import Entry
from connectors.quickbooks.targets.movements import plan_entries
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.rates import find_rate
from connectors.quickbooks.targets.tenders import MAP_PAGE, find_treatment, read_payment
from connectors.quickbooks.targets.vat import HUNDRED, ZERO, round_cents, show_rate
from connectors.writes import Difference, Known, Mapped, Plan, Ref
from integration_hub.core.errors import MappingError, RecordError

SKIPPED = "own use"
UNMAPPED = "unmapped own use"


@dataclass(frozen=True, slots=True)
class Use:
    """A part of the goods that went to one account."""

    account: str
    tax_code: str
    amount: Decimal
    skipped: bool


def find_unmapped(mapped: Mapped) -> Plan | None:
    """The plan that waits, where the till says own use and nobody said what it is."""
    order = mapped.document
    for tender, fields in zip(order.tenders, mapped.tenders, strict=True):
        own = tender.type is TenderType.OWN_USE and tender.amount
        if own and not fields.get("treatment"):
            name = tender.description or tender.method
            cause = MappingError(
                f"The tender “{name}” is own use, breakage or promotion and is not "
                f"mapped.",
                code=UNMAPPED,
                reference=tender.method,
                action=MAP_PAGE,
            )
            return Plan(order.id, wait=UNMAPPED, cause=cause)
    return None


def plan_own_use(mapped: Mapped, known: Mapping[Ref, Known], options: Options) -> Plan:
    """The journal entry of a receipt that is wholly own use, or why there is none."""
    try:
        uses = [
            read_use(tender, fields)
            for tender, fields in zip(
                mapped.document.tenders, mapped.tenders, strict=True
            )
            if tender.amount
        ]
        if all(use.skipped for use in uses):
            return Plan(mapped.document.id, skip=SKIPPED)
        entries, vats = make_entries(mapped, uses, options)
        plan = plan_entries(mapped, entries, known, options, nothing=SKIPPED)
    except RecordError as error:
        return Plan(mapped.document.id, error=error)
    differences = (
        Difference(f"VAT {rate} %", ZERO, vat, SKIPPED) for rate, vat in vats.items()
    )
    return replace(plan, differences=(*plan.differences, *differences))


def read_use(tender: Tender, fields: Mapping[str, Any]) -> Use:
    """What a tender says. Raises MappingError without an account."""
    treatment = find_treatment(tender, fields)
    if treatment == "not_a_sale":
        return Use("", "", tender.amount, skipped=True)
    account = read_payment(tender, fields).account
    # Only what the owner takes is taxed: breakage and promotion are costs.
    code = str(fields.get("tax_code") or "") if treatment == "own_use" else ""
    return Use(account, code, tender.amount, skipped=False)


def make_entries(
    mapped: Mapped, uses: list[Use], options: Options
) -> tuple[list[Entry], dict[str, Decimal]]:
    """The entries at cost, and the VAT on them by rate.

    The cost is divided by what each tender took. Raises MappingError.
    """
    purchases = options.require("default_expense_account", "Expense account")
    cost = find_cost(mapped.document.lines)
    weights = [use.amount for use in uses]
    # Tenders that cancel each other out took no goods.
    shares = spread(cost, weights) if sum(weights, ZERO) else [ZERO for _ in uses]
    entries: list[Entry] = []
    vats: dict[str, Decimal] = {}
    for use, share in zip(uses, shares, strict=True):
        if use.skipped or not share:
            continue
        if not use.tax_code:
            entries += [Entry(use.account, share), Entry(purchases, -share)]
            continue
        rate = find_rate(
            use.tax_code,
            day=mapped.document.date,
            options=options,
            what="Own use",
            action=MAP_PAGE,
        )
        vat = round_cents(share * rate / HUNDRED)
        name = show_rate(rate)
        vats[name] = vats.get(name, ZERO) + vat
        taxed = Entry(
            purchases, -share, tax_code=use.tax_code, tax_on="Sales", tax_amount=-vat
        )
        entries += [Entry(use.account, share + vat), taxed]
    return entries, {rate: vat for rate, vat in vats.items() if vat}


def find_cost(lines: tuple[Line, ...]) -> Decimal:
    """Purchase price × quantity of all lines, in cents.

    Raises MappingError naming a line without a purchase price.
    """
    cost = ZERO
    for line in lines:
        if line.purchase_price:
            cost += line.purchase_price * line.quantity
        elif line.amount_incl:
            raise MappingError(
                f"“{line.text}” has no purchase price, so that its cost is not known.",
                code="no purchase price",
                reference=line.article,
                action="Book this receipt by hand and skip it here. Give the article a "
                "purchase price in the till for the next one.",
            )
    return round_cents(cost)

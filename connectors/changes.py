"""What changed between two versions of a document, as far as the books care."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.datamodel import Line, Order, Tender, TenderType


def list_changes(before: Order, after: Order) -> tuple[str, ...]:
    """The parts that differ: date, branch, customer, lines, VAT, tenders.

    None for what the books do not hold: a text, an employee, that it was mailed.
    """
    return tuple(name for name, read in _PARTS.items() if read(before) != read(after))


def tender_facts(tender: Tender) -> tuple[str, TenderType, Decimal, date, str]:
    """What a payment is for the books, but for its id: method, type, amount, ..."""
    return (tender.method, tender.type, tender.amount, tender.date, tender.branch)


def _customer(order: Order) -> str:
    return order.customer.id if order.customer is not None else order.customer_id


def _lines(order: Order) -> tuple[Any, ...]:
    return (order.type, order.total_incl, tuple(_line(line) for line in order.lines))


def _line(line: Line) -> tuple[Any, ...]:
    return (
        line.type,
        line.article,
        line.quantity,
        line.amount_incl,
        line.amount_excl,
        line.turnover_group,
        line.discount,
        line.settles,
        tuple(_line(sub) for sub in line.sub_lines),
    )


def _vat(order: Order) -> tuple[Any, ...]:
    totals = sorted(
        (total.vat_code, total.vat_rate, total.net, total.vat)
        for total in order.vat_totals
    )
    codes = tuple((line.vat_code, line.vat_rate) for line in order.lines)
    return (order.vat_method, order.country, order.currency, tuple(totals), codes)


def _tenders(order: Order) -> tuple[Any, ...]:
    tenders = sorted((t.id, tender_facts(t)) for t in order.tenders)
    rest = (order.outstanding, order.tips, order.cash_rounding, order.sum_rounding)
    return (tuple(tenders), rest)


_PARTS: dict[str, Callable[[Order], Any]] = {
    "date": lambda order: order.date,
    "branch": lambda order: order.branch,
    "customer": _customer,
    "lines": _lines,
    "VAT": _vat,
    "tenders": _tenders,
}

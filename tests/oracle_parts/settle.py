"""What pays earlier debts at the till, and which document it pays."""

from __future__ import annotations

import re

from .expected import FAILED, Received, RefusedError
from .numbers import make_numbers, suffix
from .records import TillLine, TillReceipt
from .shop import Shop

# How a till prints the number of a receipt: branch-till-year-number.
PRINTED = re.compile(r"\d+-\d+-\d{4}-\d+")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def receive_settlements(
    receipt: TillReceipt,
    lines: tuple[TillLine, ...],
    shop: Shop,
    *,
    account: str,
    method: str | None,
) -> list[Received]:
    """One Payment per line that settles a debt. Raises RefusedError."""
    relation = shop.names_customer(receipt)
    if relation is None:
        raise RefusedError(FAILED, "settlement without a relation")
    if any(line.incl < 0 for line in lines):
        raise RefusedError(FAILED, "negative settlement")
    numbers = make_numbers(receipt, shop.setup.prefix)
    return [
        Received(
            receipt=receipt,
            numbers=suffix(numbers, f"-s{position}"),
            day=receipt.day,
            total=line.incl,
            customer=relation,
            account=account,
            method=method,
            target=_find_invoice(_find_named(line, shop), receipt, shop),
        )
        for position, line in enumerate(lines, 1)
    ]


def find_credited(receipt: TillReceipt, shop: Shop) -> str:
    """The number of the Invoice of the receipt that is credited, "" without one."""
    return _find_invoice(shop.by_id.get(receipt.credits), receipt, shop)


def _find_named(line: TillLine, shop: Shop) -> TillReceipt | None:
    printed, named = PRINTED.search(line.text), ID.search(line.text)
    if named:
        return shop.by_id.get(named[0].lower())
    return shop.by_number.get(printed[0]) if printed else None


def _find_invoice(found: TillReceipt | None, receipt: TillReceipt, shop: Shop) -> str:
    if found is None or found.relation != receipt.relation or found.id == receipt.id:
        return ""
    return make_numbers(found, shop.setup.prefix)[0]

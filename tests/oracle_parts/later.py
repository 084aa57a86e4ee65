"""What becomes of cash that pays an Invoice later and is rounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .expected import Bundle, Entry
from .numbers import make_numbers, suffix
from .shop import Shop
from .tenders import COIN, is_later


def round_apart(bundle: Bundle, shop: Shop) -> Iterator[Bundle]:
    """The Invoice as it was before the cash came, and an entry of what was rounded.

    The Payment is then of what it pays, and the entry makes up for it on the cash's
    account.
    """
    (form,), rounding = bundle.forms, bundle.bridge.rounding
    if not rounding or not any(
        is_later(p, form.receipt) for p in form.receipt.payments
    ):
        return
    differences = shop.setup.accounts.payment_differences
    rounded = [part for part in form.lines if part.account == differences]
    coins = [payment for payment in form.payments if payment.amount % COIN == 0]
    if [part.gross for part in rounded] != [rounding] or not coins:
        return
    cash = max(coins, key=lambda payment: payment.day)
    exact = replace(cash, amount=cash.amount - rounding)
    numbers = make_numbers(form.receipt, shop.setup.prefix, "J")
    entry = Entry(
        form.receipt,
        suffix(numbers, "-c"),
        cash.day,
        {(cash.account, ""): rounding, (differences, ""): -rounding},
    )
    plain = replace(
        form,
        total=form.total - rounding,
        lines=tuple(part for part in form.lines if part not in rounded),
        payments=tuple(exact if each == cash else each for each in form.payments),
    )
    bridge = replace(bundle.bridge, rounding=0)
    yield replace(bundle, bridge=bridge, forms=(plain,), entries=(entry,))

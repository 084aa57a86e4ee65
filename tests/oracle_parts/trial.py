"""The trial balance that the books must have, from what must be in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .expected import Bundle, Decision, Expected
from .setup import Setup


def compute_trial_balance(
    decisions: Iterable[Decision], setup: Setup
) -> dict[str, int]:
    """Debit less credit of every account that is not 0.00, in cents."""
    balances: dict[str, int] = defaultdict(int)
    for decision in decisions:
        if decision.bundle is not None:
            for account, amount in post_bundle(decision.bundle, setup):
                balances[account] += amount
    return {account: amount for account, amount in balances.items() if amount}


def post_bundle(bundle: Bundle, setup: Setup) -> list[tuple[str, int]]:
    """The postings of everything that one receipt becomes; a debit is positive."""
    accounts, postings = setup.accounts, list[tuple[str, int]]()
    for form in bundle.forms:
        postings += post_form(form, setup)
    for received in bundle.received:
        if received.total:
            postings.append((received.account, received.total))
            postings.append((accounts.receivables, -received.total))
    for entry in bundle.entries:
        postings += [(account, amount) for (account, _), amount in entry.lines.items()]
        postings += [(accounts.vat, amount) for amount in entry.taxes.values()]
    return postings


def post_form(form: Expected, setup: Setup) -> list[tuple[str, int]]:
    """Money or a debt against turnover and VAT, and the payments of the debt."""
    accounts = setup.accounts
    on_account = form.entity in ("Invoice", "CreditMemo")
    account = accounts.receivables if on_account else form.account
    postings = [(account, form.sign * form.total)] if form.total else []
    for part in form.lines:
        postings.append((part.account, -part.net))
        postings.append((accounts.vat, part.net - part.gross))
    for payment in form.payments:
        postings.append((payment.account, payment.amount))
        postings.append((accounts.receivables, -payment.amount))
    return postings

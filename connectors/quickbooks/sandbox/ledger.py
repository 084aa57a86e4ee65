"""Double entry: the postings of each transaction and the balances they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

Key = tuple[str, str]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Posting:
    """One line in the ledger. ``amount`` is in the home currency: positive is debit.

    ``tax_code`` is set on net lines, ``tax_rate`` on the tax itself, ``customer`` on
    receivables; all are ids.
    """

    account: str
    amount: Decimal
    tax_code: str = ""
    tax_rate: str = ""
    customer: str = ""
    department: str = ""

    def as_row(self) -> dict[str, str]:
        """The posting as JSON."""
        return {**asdict(self), "amount": str(self.amount)}


def read_posting(row: dict[str, Any]) -> Posting:
    """A posting from its JSON."""
    return Posting(**{**row, "amount": Decimal(row["amount"])})


class Ledger:
    """All postings, by the transaction (entity, id) that made them."""

    def __init__(self) -> None:
        self._postings: dict[Key, tuple[Posting, ...]] = {}
        self._accounts: dict[str, Decimal] = {}
        self._customers: dict[str, Decimal] = {}

    def post(self, key: Key, postings: Sequence[Posting]) -> None:
        """Replace the postings of a transaction; they must balance."""
        if sum((posting.amount for posting in postings), ZERO) != 0:
            raise ArithmeticError(f"The postings of {key} do not balance.")
        self._add(self._postings.pop(key, ()), sign=-1)
        if postings:
            self._postings[key] = tuple(postings)
            self._add(postings, sign=1)

    def postings(self, key: Key) -> tuple[Posting, ...]:
        """The postings of one transaction."""
        return self._postings.get(key, ())

    def all(self) -> Iterator[tuple[Key, tuple[Posting, ...]]]:
        """Every transaction with its postings."""
        yield from list(self._postings.items())

    def balance(self, account: str) -> Decimal:
        """Debit less credit of an account."""
        return self._accounts.get(account, ZERO)

    def customer_balance(self, customer: str) -> Decimal:
        """What a customer owes."""
        return self._customers.get(customer, ZERO)

    def _add(self, postings: Sequence[Posting], *, sign: int) -> None:
        for posting in postings:
            amount = posting.amount * sign
            accounts, customers = self._accounts, self._customers
            accounts[posting.account] = accounts.get(posting.account, ZERO) + amount
            if posting.customer:
                owed = customers.get(posting.customer, ZERO)
                customers[posting.customer] = owed + amount

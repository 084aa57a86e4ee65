"""The exact opposite of what was posted, and what is posted in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .closing import ONE_DAY
from .expected import Bundle, Decision, Entry, Expected, Part, Received
from .numbers import make_numbers, suffix
from .shop import Shop

OPPOSITE = {
    "SalesReceipt": "RefundReceipt",
    "RefundReceipt": "SalesReceipt",
    "Invoice": "CreditMemo",
    "CreditMemo": "Invoice",
}
ON_ACCOUNT = ("Invoice", "CreditMemo")
# A number, the letter of an earlier version, and what tells documents of it apart.
NAMED = re.compile(r"(?P<base>.+?\d)(?P<letter>[a-z]?)(?P<rest>(-[a-z]\d*)?)")


def replace_all(versions: Sequence[Decision], shop: Shop) -> Bundle:
    """What was posted first, and for each later version the opposite and the new one."""
    first, *others = versions
    standing = whole = first.bundle or Bundle()
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    for version in others:
        undone = Turner(shop, next(letters)).turn(standing)
        standing = renew(version.bundle or Bundle(), next(letters), shop)
        whole = Bundle(
            bridge=standing.bridge,
            forms=(*whole.forms, *undone.forms, *standing.forms),
            received=(*whole.received, *undone.received, *standing.received),
            entries=(*whole.entries, *undone.entries, *standing.entries),
            codes=standing.codes,
            added=standing.added,
        )
    return whole


@dataclass(frozen=True, slots=True)
class Turner:
    """Makes the opposite of what was posted; ``letter`` is behind its numbers."""

    shop: Shop
    letter: str

    def turn(self, bundle: Bundle) -> Bundle:
        """Every document and entry the other way, and what joins them."""
        pairs = [(form, self._turn_form(form)) for form in bundle.forms]
        entries = [self._turn_entry(entry) for entry in bundle.entries]
        entries += [each for form in bundle.forms for each in self._give_back(form)]
        return Bundle(
            forms=tuple(turned for _form, turned in pairs),
            received=tuple(
                self._join(form, turned)
                for form, turned in pairs
                if turned.entity in ON_ACCOUNT
            ),
            entries=tuple(entries),
        )

    def _turn_form(self, form: Expected) -> Expected:
        entity, account, method = OPPOSITE[form.entity], form.account, form.method
        if form.entity == "Invoice" and not form.balance:
            entity, account = "RefundReceipt", self.shop.setup.accounts.split
            method = None
        return replace(
            form,
            entity=entity,
            account=account,
            method=method,
            numbers=rename(form.numbers, self.letter),
            lines=tuple(map(_turn_part, form.lines)),
            payments=(),
            balance=form.total if entity in ON_ACCOUNT else 0,
            term="",
            due="",
            day=find_day(form.day, self.shop),
            other_day=None,
        )

    def _turn_entry(self, entry: Entry) -> Entry:
        return replace(
            entry,
            numbers=rename(entry.numbers, self.letter),
            lines={key: -amount for key, amount in entry.lines.items()},
            taxes={code: -amount for code, amount in entry.taxes.items()},
            day=find_day(entry.day, self.shop),
            other_day=None,
        )

    def _give_back(self, form: Expected) -> Iterator[Entry]:
        """The money of each payment out of its account again, on its day."""
        setup = self.shop.setup
        other = setup.accounts.receivables if form.balance else setup.accounts.split
        numbers = make_numbers(form.receipt, setup.prefix, "J")
        for place, payment in enumerate(form.payments, start=1):
            yield Entry(
                receipt=form.receipt,
                numbers=suffix(numbers, f"{self.letter}-{place}"),
                day=find_day(payment.day, self.shop),
                lines={
                    (other, ""): payment.amount,
                    (payment.account, ""): -payment.amount,
                },
            )

    def _join(self, form: Expected, turned: Expected) -> Received:
        """The payment of 0.00 that sets both off, as far as they are open."""
        assert form.customer is not None
        numbers = make_numbers(form.receipt, self.shop.setup.prefix)
        return Received(
            receipt=form.receipt,
            numbers=suffix(numbers, f"{self.letter}-a"),
            day=turned.day,
            total=0,
            customer=form.customer,
            applies=form.total,
            turned=(form.numbers, turned.numbers),
        )


def renew(bundle: Bundle, letter: str, shop: Shop) -> Bundle:
    """A bundle on open days, with a letter behind its numbers."""
    forms = (
        replace(
            form,
            numbers=rename(form.numbers, letter),
            day=find_day(form.day, shop),
            other_day=None,
            payments=tuple(
                replace(payment, day=find_day(payment.day, shop))
                for payment in form.payments
            ),
        )
        for form in bundle.forms
    )
    received = (
        replace(
            each,
            numbers=rename(each.numbers, letter),
            day=find_day(each.day, shop),
            other_day=None,
        )
        for each in bundle.received
    )
    entries = (
        replace(
            each,
            numbers=rename(each.numbers, letter),
            day=find_day(each.day, shop),
            other_day=None,
        )
        for each in bundle.entries
    )
    return replace(
        bundle, forms=tuple(forms), received=tuple(received), entries=tuple(entries)
    )


def rename(numbers: tuple[str, ...], letter: str) -> tuple[str, ...]:
    """Numbers with another letter, which stands before what tells documents apart."""
    named: list[str] = []
    for number in numbers:
        found = NAMED.fullmatch(number)
        assert found is not None
        named += suffix((found["base"],), letter + found["rest"])
    return tuple(named)


def find_day(day: date, shop: Shop) -> date:
    """A day, or the first that is open."""
    closed = shop.closed_through
    return max(day, closed + ONE_DAY) if closed else day


def _turn_part(part: Part) -> Part:
    return replace(part, gross=-part.gross, net=-part.net)

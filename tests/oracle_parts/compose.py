"""From a receipt that must be in the books to the documents that must be there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from .expected import (
    FAILED,
    Bridge,
    Bundle,
    Entry,
    Expected,
    ExpectedPayment,
    Part,
    Received,
    RefusedError,
)
from .numbers import make_numbers, suffix
from .parts import PartMaker
from .records import TillLine, TillReceipt
from .settle import find_credited, receive_settlements
from .shop import Shop
from .sums import sum_added, sum_codes
from .tenders import Tenders


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes the documents of one receipt.

    ``lines`` carry its total, ``settlements`` are those of them that pay earlier
    debts; ``owed`` is what nobody has paid yet.
    """

    receipt: TillReceipt
    tenders: Tenders
    shop: Shop
    lines: tuple[TillLine, ...]
    settlements: tuple[TillLine, ...]
    tips: int
    rounding: int
    owed: int = 0

    def compose(self) -> Bundle:
        """All documents. Raises RefusedError."""
        maker = PartMaker(self.receipt, self.tenders, self.shop, self.lines)
        parts = maker.make(tips=self.tips, rounding=self.rounding)
        bridge = Bridge(
            till=self.receipt.total_incl,
            liability=self.tenders.as_lines,
            tips=self.tips,
            rounding=self.rounding,
            settled=sum(line.incl for line in self.settlements),
        )
        forms, entries = self._make_forms(parts, bridge.target)
        return Bundle(
            bridge=bridge,
            forms=tuple(forms),
            received=(*self._receive(divided=bool(entries)), *self._apply(forms)),
            entries=tuple(entries),
            codes=sum_codes(parts, maker.sum_till(), self.shop.setup.no_vat),
            added=sum_added(parts),
        )

    @property
    def left_open(self) -> int:
        """What is on account, and what nobody has paid."""
        return self.tenders.on_account + self.owed

    # --------------------------------------------------------------- sales forms

    def _make_forms(
        self, parts: list[Part], target: int
    ) -> tuple[list[Expected], list[Entry]]:
        payments, left_open = self._read_payments(), self.left_open
        self._check_signs(payments)
        if self.settlements:
            return self._make_beside_settlements(parts, target, payments)
        if not parts and not left_open and not self.lines:
            return [], self._divide(payments)
        if left_open < 0:
            return [self._make_form("CreditMemo", parts, balance=-left_open)], []
        if left_open:
            return [self.make_invoice(parts, left_open)], []
        if not target and self._must_split_zero():
            return self._split_by_sign(parts), self._divide(payments)
        entity = "RefundReceipt" if target < 0 else "SalesReceipt"
        if entity == "RefundReceipt" and self._must_split_refund(parts):
            return self._split_by_sign(parts), self._divide(payments)
        if len(payments) > 1 and all(each.amount > 0 for each in payments):
            return [self.make_invoice(parts, 0)], []
        if len(payments) > 1:
            return [self._make_split(entity, parts)], self._divide(payments)
        account = payments[0].account if payments else ""
        method = payments[0].method if payments else None
        form = self._make_form(entity, parts, account=account, method=method)
        return [form], []

    def _check_signs(self, payments: list[ExpectedPayment]) -> None:
        left_open = self.left_open
        if left_open and not self.shop.names_customer(self.receipt):
            reason = "no relation" if self.owed else "on account without a relation"
            raise RefusedError(FAILED, reason)
        if left_open < 0 and payments:
            raise RefusedError(FAILED, "credit partly on account")
        if left_open > 0 and any(each.amount < 0 for each in payments):
            raise RefusedError(FAILED, "cash back on account")

    def _make_beside_settlements(
        self, parts: list[Part], target: int, payments: list[ExpectedPayment]
    ) -> tuple[list[Expected], list[Entry]]:
        """What is sold on a receipt that also settles debts: a document of its own."""
        if any(line.incl < 0 for line in self.settlements):
            raise RefusedError(FAILED, "negative settlement")
        if self.left_open < 0:
            raise RefusedError(FAILED, "credit partly on account")
        if self.left_open > max(target, 0):
            raise RefusedError(FAILED, "cash back on account")
        one = payments[0] if len(payments) == 1 else None
        entries = [] if one else self._divide(payments)
        if not parts:
            return [], entries
        if self.left_open:
            return [self._make_part_paid(parts, target, payments)], entries
        entity = "RefundReceipt" if target < 0 else "SalesReceipt"
        if not target and self._must_split_zero():
            return self._split_by_sign(parts), entries
        if entity == "RefundReceipt" and self._must_split_refund(parts):
            return self._split_by_sign(parts), self._divide(payments)
        if one is None:
            return [self._make_split(entity, parts)], entries
        method = one.method if target else None
        form = self._make_form(entity, parts, account=one.account, method=method)
        return [form], entries

    def _make_part_paid(
        self, parts: list[Part], target: int, payments: list[ExpectedPayment]
    ) -> Expected:
        """An Invoice of the goods, paid by what is left of the money for debts."""
        form, paid = self.make_invoice(parts, self.left_open), target - self.left_open
        if not paid:
            return replace(form, payments=())
        account = self.shop.setup.accounts.split
        whole = replace(payments[0], account=account, method="", amount=paid)
        if len(payments) == 1:
            whole = replace(payments[0], amount=paid)
        return replace(form, payments=(whole,))

    def _make_form(
        self,
        entity: str,
        parts: Iterable[Part],
        *,
        account: str = "",
        method: str | None = None,
        balance: int = 0,
        numbers: tuple[str, ...] = (),
    ) -> Expected:
        setup, relation = self.shop.setup, self.shop.names_customer(self.receipt)
        lines = tuple(parts)
        total = abs(sum(part.gross for part in lines))
        return Expected(
            receipt=self.receipt,
            entity=entity,
            numbers=numbers or make_numbers(self.receipt, setup.prefix),
            day=self.receipt.day,
            total=total,
            customer=relation,
            location=setup.locations.get(self.receipt.branch, ""),
            lines=lines,
            account=account if total else "",
            method=method,
            balance=balance,
        )

    def make_invoice(self, parts: list[Part], balance: int) -> Expected:
        """An Invoice with a payment per tender."""
        payments = self._read_payments()
        form = self._make_form("Invoice", parts, balance=balance)
        days = form.customer.days if form.customer and balance else None
        due = (self.receipt.day + timedelta(days=days)).isoformat() if days else ""
        term = "" if days is None else self.shop.setup.terms.get(days, "")
        return replace(form, payments=tuple(payments), term=term, due=due)

    def _make_split(
        self, entity: str, parts: Iterable[Part], numbers: tuple[str, ...] = ()
    ) -> Expected:
        split = self.shop.setup.accounts.split
        if not split:
            raise RefusedError(FAILED, "no account for split tenders")
        return self._make_form(entity, parts, account=split, numbers=numbers)

    def _split_by_sign(self, parts: list[Part]) -> list[Expected]:
        """What is sold and what comes back, each on a document of its own."""
        sold = [part for part in parts if part.gross > 0]
        back = [part for part in parts if part.gross < 0]
        numbers = suffix(make_numbers(self.receipt, self.shop.setup.prefix), "-r")
        forms = [self._make_split("SalesReceipt", sold)] if sold else []
        if back:
            forms.append(self._make_split("RefundReceipt", back, numbers))
        return forms

    def _must_split_zero(self) -> bool:
        choice = self.shop.setup.choices.zero_totals
        if choice == "fail":
            raise RefusedError(FAILED, "total of zero")
        return choice == "two_documents"

    def _must_split_refund(self, parts: list[Part]) -> bool:
        mixed = any(part.gross > 0 for part in parts)
        return mixed and self.shop.setup.choices.mixed_refunds == "two_documents"

    # ------------------------------------------------------------------- tenders

    def _read_payments(self) -> list[ExpectedPayment]:
        setup = self.shop.setup
        return [
            ExpectedPayment(
                account=setup.tenders[method].find_account(branch),
                method=setup.tenders[method].payment_method,
                amount=amount,
                day=day,
            )
            for (method, branch, day), amount in self.tenders.left.items()
        ]

    def _divide(self, payments: list[ExpectedPayment]) -> list[Entry]:
        """The entry that brings *split tenders* back to 0.00."""
        split, lines = self.shop.setup.accounts.split, dict[tuple[str, str], int]()
        for payment in payments:
            key = payment.account, ""
            lines[key] = lines.get(key, 0) + payment.amount
        total = sum(lines.values())
        if total:
            lines[split, ""] = -total
        if not payments:
            return []
        numbers = make_numbers(self.receipt, self.shop.setup.prefix, "J")
        return [Entry(self.receipt, numbers, self.receipt.day, lines)]

    # --------------------------------------------------- settlements and credits

    def _receive(self, *, divided: bool) -> list[Received]:
        if not self.settlements:
            return []
        payments, split = self._read_payments(), self.shop.setup.accounts.split
        account, method = split, None
        if len(payments) == 1 and not divided:
            account, method = payments[0].account, payments[0].method
        return receive_settlements(
            self.receipt,
            self.settlements,
            self.shop,
            account=account,
            method=method,
        )

    def _apply(self, forms: Iterable[Expected]) -> list[Received]:
        """The payment of 0.00 that sets a credit off against what is still owed."""
        found = [
            Received(
                receipt=self.receipt,
                numbers=suffix(form.numbers, "-a"),
                day=self.receipt.day,
                total=0,
                customer=form.customer,
                target=find_credited(self.receipt, self.shop),
                applies=form.total,
            )
            for form in forms
            if form.entity == "CreditMemo" and form.customer
        ]
        return [received for received in found if received.target]

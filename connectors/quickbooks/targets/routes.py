"""Which documents a receipt becomes, and on which accounts: its money decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.datamodel import LineType, Order
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.composition import sum_settled
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.tenders import Payment, Tenders
from connectors.quickbooks.targets.vat import ZERO, Piece
from connectors.writes import Known, Ref
from integration_hub.core.errors import Rejected, UnsupportedError

KIND = "order"
SALE = "sale"
RETURNED = "return"
LOOK = "Look at this receipt in the till, or book it by hand and skip it here."


@dataclass(frozen=True, slots=True)
class Form:
    """A document to be: its lines in its own sign, -1 where the till's are turned."""

    role: str
    entity: str
    sign: int
    pieces: tuple[Piece, ...]

    @property
    def total(self) -> Decimal:
        """What the document comes to."""
        return sum((piece.gross for piece in self.pieces), ZERO)


@dataclass(frozen=True, slots=True)
class Receiving:
    """The account that money comes into, with the payment method if it is known."""

    account: str
    method: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """The documents of a receipt and where its money goes.

    ``receiving`` is the account of the documents, ``settling`` that of what settles
    earlier debts. ``payments`` are those of an Invoice. ``divided`` are tenders that a
    journal entry divides over their accounts.
    """

    forms: tuple[Form, ...]
    receiving: Receiving
    settling: Receiving
    payments: tuple[Payment, ...] = ()
    divided: tuple[Payment, ...] = ()


@dataclass(frozen=True)
class Router:
    """The money of one receipt. ``known`` tells what was posted of it before."""

    order: Order
    tenders: Tenders
    pieces: tuple[Piece, ...]
    options: Options
    known: Mapping[Ref, Known]

    def choose(self) -> Route:
        """The route. Raises Rejected for money that makes no document."""
        self._refuse_odd()
        if self.still_open < 0:
            memo = make_form(SALE, documents.CREDIT_MEMO, -1, self.pieces)
            return self._route((memo,))
        if self.is_invoiced:
            return self._invoice()
        return self._receipt()

    @property
    def money(self) -> tuple[Payment, ...]:
        """What came into accounts, by tender."""
        return self.tenders.payments

    @property
    def settled(self) -> Decimal:
        """What of it settles earlier debts."""
        return sum_settled(self.order)

    @property
    def paid(self) -> Decimal:
        """What of it is for the documents."""
        return sum((payment.amount for payment in self.money), -self.settled)

    @property
    def still_open(self) -> Decimal:
        """What is on account, and what nobody has paid."""
        return self.tenders.on_account + self.order.outstanding

    @property
    def is_invoiced(self) -> bool:
        """Whether the goods are an Invoice: they are, or were, not paid at once.

        Or they are paid in several tenders, for which a SalesReceipt has no room.
        """
        if self.paid + self.still_open <= 0:
            return False
        there = self.known.get(Ref(KIND, self.order.id, SALE))
        if there is not None and there.entity == documents.INVOICE:
            return True
        later = any(payment.date > self.order.date for payment in self.money)
        waited = self.still_open or "on_account" in self.tenders.treatments or later
        several = len(self.money) > 1 and not self.settled
        return bool(waited) or (several and all(p.amount > 0 for p in self.money))

    def _refuse_odd(self) -> None:
        """Raise Rejected for sorts of money that no document can hold."""
        lines = (x for x in self.order.lines if x.type == LineType.SETTLEMENT)
        if any(line.amount_incl < 0 for line in lines):
            raise refuse("gives back what settled a debt", "negative settlement")
        if self.still_open < 0 and (self.money or self.settled):
            raise refuse(
                "credits a part to the account and gives back the rest",
                "credit partly on account",
            )
        gives = self.paid < 0 or any(payment.amount < 0 for payment in self.money)
        if gives and (self.still_open > 0 or self.is_invoiced):
            raise refuse(
                "is, or was, on account and gives back money", "cash back on account"
            )

    def _invoice(self) -> Route:
        invoice = make_form(SALE, documents.INVOICE, 1, self.pieces)
        if not self.settled:
            return self._route((invoice,), payments=self._list_payments())
        route = self._route((invoice,), divided=len(self.money) > 1)
        if not self.paid:
            return route
        whole = replace(
            self.money[0],
            account=route.settling.account,
            payment_method=route.settling.method,
            amount=self.paid,
            parts=(),
        )
        return replace(route, payments=(whole,))

    def _list_payments(self) -> tuple[Payment, ...]:
        """The payments of an Invoice; what was posted before stays as it was."""
        listed = [part for payment in self.money for part in self._split_off(payment)]
        return tuple(payment for payment in listed if payment.amount)

    def _split_off(self, payment: Payment) -> tuple[Payment, ...]:
        """A payment in the parts that were posted one after another."""
        there = self.known.get(Ref(KIND, self.order.id, f"payment:{payment.id}"))
        first, *rest = payment.split(there.total if there else None)
        return (first, *(part for each in rest for part in self._split_off(each)))

    def _receipt(self) -> Route:
        """SalesReceipt or RefundReceipt, or one of each where one is refused."""
        if not self.pieces:
            return self._route((), divided=len(self.money) > 1)
        sign = -1 if self.paid < 0 else 1
        entity = documents.REFUND_RECEIPT if sign < 0 else documents.SALES_RECEIPT
        whole = make_form(SALE, entity, sign, self.pieces)
        self._refuse_zero()
        if not self._must_split(whole):
            return self._route((whole,), divided=len(self.money) > 1)
        sold = tuple(p for p in self.pieces if p.gross >= 0)
        returned = tuple(p for p in self.pieces if p.gross < 0)
        forms = (
            make_form(SALE, documents.SALES_RECEIPT, 1, sold),
            make_form(RETURNED, documents.REFUND_RECEIPT, -1, returned),
        )
        usable = tuple(form for form in forms if form.total)
        divided = len(self.money) > 1 or bool(self.paid)
        return self._route(usable, divided=divided, apart=True)

    def _refuse_zero(self) -> None:
        """Raise UnsupportedError where the settings say that a total of 0.00 fails."""
        if not self.paid and self.options.zero_totals == "fail":
            raise UnsupportedError(
                "This receipt's total is 0.00, and the setting “A receipt whose total "
                "is 0.00” says that it fails.",
                code="total of 0.00",
                action="Change the setting and choose Retry, or book it by hand in "
                "QuickBooks and skip it here.",
            )

    def _must_split(self, whole: Form) -> bool:
        """Whether the company does not take the document whole."""
        if not self.paid:
            return self.options.zero_totals == "two_documents"
        negative = whole.sign < 0 and any(p.gross < 0 for p in whole.pieces)
        return negative and self.options.mixed_refunds == "two_documents"

    def _route(
        self,
        forms: tuple[Form, ...],
        *,
        payments: tuple[Payment, ...] = (),
        divided: bool = False,
        apart: bool = False,
    ) -> Route:
        """A route on the one tender's account, or on *split tenders*.

        ``apart`` puts the documents there also where the money need not be divided.
        """
        split, own = Receiving(self.options.split_tenders_account), self._find_own()
        settling = split if divided or not own.account else own
        receiving = split if apart else settling
        used = [split] if divided else []
        used += [receiving for form in forms if form.entity in documents.RECEIPTS]
        used += [settling] if self.settled else []
        if split in used:
            self.options.require("split_tenders_account", "Split tenders")
        return Route(
            forms=forms,
            receiving=receiving,
            settling=settling,
            payments=payments,
            divided=self.money if divided else (),
        )

    def _find_own(self) -> Receiving:
        if self.money:
            return Receiving(self.money[0].account, self.money[0].payment_method)
        return Receiving(self.tenders.accounts[0] if self.tenders.accounts else "")


def make_form(role: str, entity: str, sign: int, pieces: tuple[Piece, ...]) -> Form:
    """A form of lines that are in the till's sign."""
    if sign < 0:
        pieces = tuple(documents.turn(piece) for piece in pieces)
    return Form(role, entity, sign, pieces)


def refuse(what: str, code: str) -> Rejected:
    """The error of a receipt that no document can hold."""
    return Rejected(f"This receipt {what}.", code=code, action=LOOK)

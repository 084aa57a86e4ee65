"""From the lines of a receipt to its document and payments as writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from connectors.datamodel import VatMethod
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.composition import Composition
from connectors.quickbooks.targets.customers import find_owner
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.numbers import (
    RECEIPT,
    make_mark,
    make_note,
    make_number,
    make_payment_number,
)
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.settling import Sale
from connectors.quickbooks.targets.tenders import Payment, Tenders
from connectors.quickbooks.targets.vat import ZERO, Piece, sum_vat
from connectors.writes import Difference, Mapped, Ref, Write
from integration_hub.core.errors import MappingError

KIND = "order"


@dataclass(frozen=True)
class Draft:
    """A receipt on its way to a document."""

    mapped: Mapped
    tenders: Tenders
    composition: Composition
    items: Items
    options: Options

    def make_sale(self) -> Sale:
        """The document and its payments. Raises MappingError for what is missing."""
        self._check_location()
        sale = Sale(
            write=self._make_document(),
            pieces=self.pieces,
            sign=self.sign,
            customer=self.owner[1],
            bridge=self.composition.bridge,
            differences=list_expected(self.composition),
        )
        if self.entity != documents.INVOICE:
            return sale
        payments = tuple(
            self._make_payment(payment, position, sale.write)
            for position, payment in enumerate(self.tenders.payments, start=1)
        )
        return replace(sale, payments=payments)

    @cached_property
    def entity(self) -> str:
        """Which document the tenders ask for."""
        if self.tenders.on_account or len(self.tenders.payments) > 1:
            return documents.INVOICE
        if self.tenders.expected_total < 0:
            return documents.REFUND_RECEIPT
        return documents.SALES_RECEIPT

    @cached_property
    def sign(self) -> int:
        """-1 for a document in which the till's signs are turned."""
        return -1 if self.tenders.expected_total < 0 else 1

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The lines in the document's sign."""
        if self.sign > 0:
            return self.composition.pieces
        return tuple(documents.turn(piece) for piece in self.composition.pieces)

    @cached_property
    def owner(self) -> tuple[dict[str, Any] | None, Write | None]:
        """The CustomerRef and the write it needs."""
        return find_owner(
            self.mapped,
            self.options,
            own=bool(self.tenders.on_account) or self.shifted,
            named=self.entity == documents.INVOICE,
        )

    @property
    def shifted(self) -> bool:
        """Whether VAT is shifted to the relation, so that it must be its own."""
        return self.mapped.document.vat_method is VatMethod.REVERSE_CHARGE

    @property
    def printed(self) -> str:
        """The number as the till prints it."""
        number = self.mapped.document.number
        return number.text if number else ""

    def _check_location(self) -> None:
        order = self.mapped.document
        if self.options.location_required and not self.mapped.header.get("location"):
            raise MappingError(
                f"Branch {order.branch} has no location.",
                code="location",
                reference=order.branch,
                action="Map it in the value map “Branches”.",
            )

    def _make_document(self) -> Write:
        order = self.mapped.document
        number = make_number(
            order.number,
            source_id=order.id,
            letter=RECEIPT,
            prefix=self.options.prefix,
        )
        mark = make_mark(self.options.hub, Ref(KIND, order.id, "sale"))
        owner = self.owner[1]
        return Write(
            kind=KIND,
            key=order.id,
            role="sale",
            entity=self.entity,
            body=self._make_body(number, mark),
            number=number,
            needs=(*((owner.ref,) if owner else ()), *self.items.writes),
            search={"number": number, "date": order.date.isoformat()},
            mark=mark,
            expected_total=abs(self.tenders.expected_total),
            date=order.date,
            label=f"{self.entity} {number}",
        )

    def _make_body(self, number: str, mark: str) -> dict[str, Any]:
        header, order = self.mapped.header, self.mapped.document
        note = make_note(mark, self.printed, str(header.get("note") or ""))
        body = documents.make_head(
            header,
            number=number,
            day=order.date,
            currency=order.currency,
            note=note,
        )
        customer = self.owner[0]
        if customer is not None:
            body["CustomerRef"] = customer
        if self.entity != documents.INVOICE:
            body |= documents.make_receiving(*self._find_receiving())
        elif self.tenders.on_account:
            body |= documents.make_terms(header)
        return body | documents.make_lines(self.pieces, self.options)

    def _find_receiving(self) -> tuple[str, str]:
        """Account and payment method of the one tender; a clearing account without."""
        if self.tenders.payments:
            payment = self.tenders.payments[0]
            return payment.account, payment.payment_method
        if self.tenders.accounts:
            return self.tenders.accounts[0], ""
        return self.options.require("split_tenders_account", "Split tenders"), ""

    def _make_payment(self, payment: Payment, position: int, invoice: Write) -> Write:
        ref = Ref(KIND, invoice.key, f"payment:{payment.id}")
        number = make_payment_number(invoice.number, position)
        mark = make_mark(self.options.hub, ref)
        owner = self.owner[1]
        body = documents.make_payment(
            payment,
            invoice=invoice.ref,
            head=invoice.body,
            number=number,
            note=make_note(mark, self.printed),
        )
        return Write(
            kind=KIND,
            key=invoice.key,
            role=ref.role,
            entity=documents.PAYMENT,
            body=body,
            number=number,
            needs=(*((owner.ref,) if owner else ()), invoice.ref),
            search={"number": number, "date": payment.date.isoformat()},
            mark=mark,
            expected_total=payment.amount,
            date=payment.date,
            label=f"Payment {number}",
        )


def list_expected(composition: Composition) -> tuple[Difference, ...]:
    """VAT that the hub adds or takes back, by reason: from the till's VAT to ours."""
    differences = []
    whole = sum_vat(composition.pieces)
    for reason, vats in composition.expected.items():
        for rate, vat in vats.items():
            if vat:
                after = whole.get(rate, ZERO)
                before = after - vat
                name = f"VAT {rate} %"
                differences.append(Difference(name, before, after, reason))
                whole[rate] = before
    return tuple(differences)

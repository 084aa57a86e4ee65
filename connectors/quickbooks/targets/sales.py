"""From the lines and the money of a receipt to its documents and payments as writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count
from typing import Any

from connectors.datamodel import VatMethod
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.applying import Account, plan_account
from connectors.quickbooks.targets.composition import Composition, sum_settled
from connectors.quickbooks.targets.customers import find_owner
from connectors.quickbooks.targets.fitting import fit_payments
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.journals import check_location, divide, make_journal
from connectors.quickbooks.targets.late_rounding import ROLE, SUFFIX, Rounding
from connectors.quickbooks.targets.numbers import (
    RECEIPT,
    add_suffix,
    make_mark,
    make_note,
    make_number,
    make_payment_number,
)
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.routes import KIND, RETURNED, SALE, Form, Route
from connectors.quickbooks.targets.settling import Document, Paid, Posting
from connectors.quickbooks.targets.tenders import Payment, Tenders
from connectors.quickbooks.targets.vat import ZERO, sum_vat
from connectors.writes import Difference, Mapped, Ref, Write

SUFFIXES = {SALE: "", RETURNED: "-r"}


@dataclass(frozen=True)
class Draft:
    """A receipt on its way to documents; ``rounding`` is not on its invoice."""

    mapped: Mapped
    tenders: Tenders
    composition: Composition
    route: Route
    items: Items
    rounding: Rounding | None = None

    def make_posting(self) -> Posting:
        """All it becomes. Raises MappingError for what is missing."""
        check_location(self.mapped, self.options)
        made = tuple(
            Document(self._make_document(form), form.pieces, form.sign)
            for form in self.route.forms
        )
        posting = Posting(
            key=self.mapped.document.id,
            documents=made,
            payments=tuple(
                Paid(self._make_payment(payment, number, made[0].write), applied=True)
                for payment, number in self._number_payments()
            ),
            owners=self._list_owners(),
            bridge=self.composition.bridge,
            differences=list_expected(self.composition),
        )
        fitted = fit_payments(posting, self.options, self.items.known)
        return self._divide(plan_account(fitted, self._account))

    @property
    def options(self) -> Options:
        """The settings."""
        return self.items.options

    @cached_property
    def number(self) -> str:
        """The number of the receipt's document, of whichever copy."""
        order = self.mapped.document
        return make_number(
            order.number,
            source_id=order.id,
            letter=RECEIPT,
            prefix=self.options.prefix,
        )

    @property
    def printed(self) -> str:
        """The number as the till prints it."""
        number = self.mapped.document.number
        return number.text if number else ""

    @cached_property
    def owner(self) -> tuple[dict[str, Any] | None, Write | None]:
        """The CustomerRef of the documents and the write it needs."""
        entities = {form.entity for form in self.route.forms}
        return find_owner(
            self.mapped,
            self.options,
            own=bool(self.mapped.document.outstanding)
            or "on_account" in self.tenders.treatments
            or bool(sum_settled(self.mapped.document))
            or self.shifted,
            named=bool(entities - documents.RECEIPTS),
        )

    @property
    def shifted(self) -> bool:
        """Whether VAT is shifted to the relation, so that it must be its own."""
        return self.mapped.document.vat_method is VatMethod.REVERSE_CHARGE

    @property
    def _account(self) -> Account:
        """What its customer's account needs to know of it."""
        return Account(
            mapped=self.mapped,
            options=self.options,
            number=self.number,
            customer=self.owner[1],
            settling=self.route.settling,
            day=self._find_day(),
            known=self.items.known,
        )

    def _find_day(self) -> Any:
        """On which day money came that settles debts."""
        money = self.tenders.payments
        return money[0].date if len(money) == 1 else self.mapped.document.date

    def _list_owners(self) -> tuple[Write, ...]:
        write = self.owner[1]
        return (write,) if write is not None else ()

    def _make_document(self, form: Form) -> Write:
        order, owner = self.mapped.document, self.owner[1]
        number = add_suffix(self.number, self.options.copy + SUFFIXES[form.role])
        mark = make_mark(self.options.hub, Ref(KIND, order.id, form.role))
        return Write(
            kind=KIND,
            key=order.id,
            role=form.role,
            entity=form.entity,
            body=self._make_body(form, number, mark),
            number=number,
            needs=(*((owner.ref,) if owner else ()), *self._find_items(form)),
            search={"number": number, "date": order.date.isoformat()},
            mark=mark,
            expected_total=form.total,
            date=order.date,
            label=f"{form.entity} {number}",
        )

    def _find_items(self, form: Form) -> Sequence[Ref]:
        used = {piece.item for piece in form.pieces}
        return [ref for ref in self.items.writes if ref in used]

    def _make_body(self, form: Form, number: str, mark: str) -> dict[str, Any]:
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
        if form.entity in documents.RECEIPTS:
            receiving = self.route.receiving
            body |= documents.make_receiving(receiving.account, receiving.method)
        elif form.entity == documents.INVOICE and self._is_open:
            body |= documents.make_terms(header)
        return body | documents.make_lines(form.pieces, self.options)

    @property
    def _is_open(self) -> bool:
        return bool(self.tenders.on_account or self.mapped.document.outstanding)

    def _number_payments(self) -> Iterator[tuple[Payment, str]]:
        """The payments of an Invoice; what is there keeps its number, others avoid it."""
        key, known = self.mapped.document.id, self.items.known
        refs = [Ref(KIND, key, f"payment:{each.id}") for each in self.route.payments]
        kept = {ref: known[ref].number for ref in refs if ref in known}
        for place, (payment, ref) in enumerate(
            zip(self.route.payments, refs, strict=True), start=1
        ):
            numbers = (
                make_payment_number(self.number, n, copy=self.options.copy)
                for n in count(place)
            )
            free = next(n for n in numbers if n not in kept.values())
            kept[ref] = kept.get(ref) or free
            yield payment, kept[ref]

    def _make_payment(self, payment: Payment, number: str, invoice: Write) -> Write:
        ref = Ref(KIND, invoice.key, f"payment:{payment.id}")
        mark = make_mark(self.options.hub, ref)
        owner = self.owner[1]
        head = documents.make_payment_head(
            number=number,
            day=payment.date,
            currency=self.mapped.document.currency,
            note=make_note(mark, self.printed),
        )
        receiving = documents.make_receiving(payment.account, payment.payment_method)
        return Write(
            kind=KIND,
            key=invoice.key,
            role=ref.role,
            entity=documents.PAYMENT,
            body=documents.make_payment(
                payment.amount,
                [(payment.amount, invoice.ref, documents.INVOICE)],
                customer=self._find_payer(invoice),
                head={**head, **receiving},
            ),
            number=number,
            needs=(*((owner.ref,) if owner else ()), invoice.ref),
            search={"number": number, "date": payment.date.isoformat()},
            mark=mark,
            expected_total=payment.amount,
            date=payment.date,
            label=f"Payment {number}",
        )

    def _find_payer(self, invoice: Write) -> dict[str, Any]:
        """Whoever owes the invoice: a payment of another customer is refused."""
        there = self.items.known.get(invoice.ref)
        customer = there.facts.get("customer") if there else ""
        return {"value": customer} if customer else dict(invoice.body["CustomerRef"])

    def _divide(self, posting: Posting) -> Posting:
        """With the journal entry that divides the tenders, where one is needed.

        Or the one of what was rounded. It goes last, so that nothing is divided that
        is not there.
        """
        before = [document.write.ref for document in posting.documents]
        before += [paid.write.ref for paid in posting.payments]
        make = partial(
            make_journal, self.mapped, options=self.options, needs=tuple(before)
        )
        entries = divide(
            [(payment.account, payment.amount) for payment in self.route.divided],
            account=self.options.split_tenders_account,
        )
        if posting.is_asking:
            return posting
        if self.rounding is not None:
            entries, day = self.rounding.make_entries(self.options), self.rounding.day
            journal = make(entries, role=ROLE, day=day, suffix=SUFFIX)
            return replace(posting, journal=journal)
        if not entries:
            return posting
        return replace(posting, journal=make(entries, role="split"))


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

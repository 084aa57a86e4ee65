"""Hold the sales documents of one receipt against what must be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .beside import Beside
from .books import show
from .closing import is_right_day, tells_day
from .expected import Bundle, CodeSum, Expected
from .ledger import BookDocument, Ledger
from .match import PAYMENT_SUFFIX, FoundForm, Match, base_number
from .people import compare_customer
from .setup import Setup

HONOURED = "honoured"
RECOMPUTED = "recomputed"
LINES_PER_CENT = 10


@dataclass(frozen=True, slots=True)
class VatDifference:
    """Where a company computed another VAT than the till: cents in the till's sign.

    ``code`` is the books' name of the tax code, ``rate`` its percentage.
    """

    receipt: str
    document: str
    code: str
    rate: str
    till: int
    books: int

    @property
    def amount(self) -> int:
        """What the books have more than the till."""
        return self.books - self.till


@dataclass(slots=True)
class Comparison:
    """Compares documents; keeps what was no problem but has to be told."""

    ledger: Ledger
    setup: Setup
    vat: str
    vat_differences: list[VatDifference]
    beside: Beside

    def compare(self, match: Match) -> Iterator[str]:
        """Every difference as a sentence that names receipt and document."""
        bundle, start = match.bundle, match.decision.receipt.label
        if bundle is None:
            return
        for form in match.forms:
            if form.document is not None:
                for problem in self._compare_form(bundle, form, form.document):
                    yield f"{start}: {form.document.label} {problem}"
        documents = [form.document for form in match.forms if form.document]
        if documents and len(documents) == len(match.forms):
            for problem in self._compare_codes(bundle, match.forms, documents):
                yield f"{start}: {documents[0].label} {problem}"
        for problem in self.beside.compare(match):
            yield f"{start}: {problem}"

    def _compare_form(
        self, bundle: Bundle, form: FoundForm, document: BookDocument
    ) -> Iterator[str]:
        expected = form.expected
        yield from _compare_head(expected, document)
        yield from compare_customer(
            expected.customer, document.customer, self.setup.default_debtor
        )
        yield from self._compare_parts(bundle, expected, document)
        if expected.entity in ("Invoice", "CreditMemo"):
            yield from self._compare_balance(expected, document, form.payments)
        if expected.entity == "Invoice":
            yield from _compare_terms(expected, document)
            yield from self._compare_payments(expected, document, form.payments)
        if expected.entity in ("Invoice", "CreditMemo"):
            return
        if not expected.total:
            if not document.account:
                yield "lies on no account"
            return
        if document.account != expected.account:
            yield f"lies on account {document.account!r}, not {expected.account!r}"
        if expected.method is not None and document.method != expected.method:
            yield f"has payment method {document.method!r}, not {expected.method!r}"

    def _compare_parts(
        self, bundle: Bundle, expected: Expected, document: BookDocument
    ) -> Iterator[str]:
        found: dict[tuple[str, str], int] = defaultdict(int)
        for line in document.lines:
            found[line.account, line.code] += line.gross
        parts = expected.parts
        slack = sum(code.slack for code in bundle.codes.values())
        rounding = self.setup.accounts.rounding, self.setup.no_vat
        slack += abs(parts.get(rounding, 0))
        for key in sorted({*parts, *found}):
            wanted, there = parts.get(key, 0), found.get(key, 0)
            if abs(wanted - there) > slack:
                account, code = key
                yield (
                    f"has {show(there)} on account {account!r} with tax code"
                    f" {code!r}, not {show(wanted)}"
                )
        total = sum(line.gross for line in document.lines)
        if total != expected.total:
            yield f"has lines of {show(total)}, not {show(expected.total)}"

    def _compare_balance(
        self, expected: Expected, document: BookDocument, own: list[BookDocument]
    ) -> Iterator[str]:
        """Open is what was left open less what others paid or set off since."""
        others = self.beside.sum_links(document, without=own)
        wanted = expected.balance - others
        if self.beside.sum_set_off(document):
            # Then a part of the payments may be unapplied: _compare_applied.
            wanted = max(0, wanted)
        if document.balance != wanted:
            yield f"has a balance of {show(document.balance)}, not {show(wanted)}"

    # ----------------------------------------------------------------------- VAT

    def _compare_codes(
        self, bundle: Bundle, forms: list[FoundForm], documents: list[BookDocument]
    ) -> Iterator[str]:
        # Amounts are told in the sign of the (first) document.
        turn = forms[0].expected.sign
        signs = [turn * form.expected.sign for form in forms]
        pairs = list(zip(signs, documents, strict=True))
        for code, wanted in bundle.codes.items():
            gross = net = vat = 0
            for sign, document in pairs:
                lines = [line for line in document.lines if line.code == code]
                of_lines = sum(line.gross - line.net for line in lines)
                gross += sign * sum(line.gross for line in lines)
                net += sign * sum(line.net for line in lines)
                vat += sign * self._find_vat(document, code, of_lines)
            if abs(gross - turn * wanted.gross) > wanted.slack:
                right = show(turn * wanted.gross)
                yield f"has {show(gross)} under {code!r}, the till {right}"
            elif vat != turn * wanted.vat:
                yield from self._judge_vat(forms[0], documents[0], code, wanted, vat)
            elif abs(net - turn * wanted.net) > wanted.slack and self.vat == HONOURED:
                right = show(turn * wanted.net)
                yield f"has turnover {show(net)} under {code!r}, the till {right}"
        for _, document in pairs:
            if document.tax_total != sum(vat for _, vat in document.tax.values()):
                yield "has a VAT total that is not the sum of its VAT lines"

    def _judge_vat(
        self,
        form: FoundForm,
        document: BookDocument,
        code: str,
        wanted: CodeSum,
        vat: int,
    ) -> Iterator[str]:
        sign = form.expected.sign
        difference = VatDifference(
            receipt=form.expected.receipt.id,
            document=document.number,
            code=code,
            rate=self.setup.find_rate(code),
            till=wanted.vat,
            books=sign * vat,
        )
        self.vat_differences.append(difference)
        allowed = wanted.slack
        if self.vat == RECOMPUTED:
            allowed = max(allowed, -(-wanted.lines // LINES_PER_CENT))
        if abs(difference.amount) > allowed:
            right = show(sign * wanted.vat)
            yield f"has VAT {show(vat)} under {code!r}, the till {right}"

    def _find_vat(self, document: BookDocument, code: str, of_lines: int) -> int:
        """The VAT of a code as the company reports it, else as its lines say."""
        rates = self.ledger.code_rates.get(code, frozenset())
        reported = [vat for rate, (_, vat) in document.tax.items() if rate in rates]
        return sum(reported) if reported else of_lines

    # ------------------------------------------------------------------ payments

    def _compare_payments(
        self, expected: Expected, invoice: BookDocument, payments: list[BookDocument]
    ) -> Iterator[str]:
        wanted: dict[tuple[str, str, str], int] = defaultdict(int)
        there: dict[tuple[str, str, str], int] = defaultdict(int)
        for tender in expected.payments:
            wanted[tender.account, tender.method, str(tender.day)] += tender.amount
        for payment in payments:
            there[payment.account, payment.method, str(payment.day)] += payment.total
            yield from _compare_payment(expected, invoice, payment)
        yield from self._compare_applied(invoice, payments)
        for key in sorted({*wanted, *there}):
            if wanted[key] != there[key]:
                account, method, day = key
                yield (
                    f"has payments of {show(there[key])} by {method!r} on account"
                    f" {account!r} on {day}, not {show(wanted[key])}"
                )
        refs = [payment.number for payment in payments]
        for ref in sorted({ref for ref in refs if refs.count(ref) > 1}):
            yield f"has payment {ref!r} twice"

    def _compare_applied(
        self, invoice: BookDocument, payments: list[BookDocument]
    ) -> Iterator[str]:
        """Payments are applied whole, but for what the company was faster to set off."""
        linked = {payment.key: _sum_linked(payment, invoice) for payment in payments}
        paid = sum(payment.total for payment in payments)
        room = invoice.total - self.beside.sum_links(invoice, without=payments)
        if self.beside.sum_set_off(invoice) and room < paid:
            if sum(linked.values()) != max(0, room):
                there, right = show(sum(linked.values())), show(max(0, room))
                yield f"has payments of which {there} is linked to it, not {right}"
            return
        for payment in payments:
            if linked[payment.key] != payment.total:
                there = show(linked[payment.key])
                yield f"has {payment.label} of which {there} is linked to it"


def _sum_linked(payment: BookDocument, invoice: BookDocument) -> int:
    return sum(
        amount
        for kind, target, amount in payment.links
        if (kind, target) == ("Invoice", invoice.id)
    )


def _compare_payment(
    expected: Expected, invoice: BookDocument, payment: BookDocument
) -> Iterator[str]:
    name = f"has {payment.label}"
    days = {tender.day for tender in expected.payments}
    latest = expected.other_day or expected.day
    moved = expected.other_day and is_right_day(payment.day, expected.day, latest)
    if payment.day not in days and not moved:
        yield f"{name} dated {payment.day}, not {min(days, default=expected.day)}"
    if payment.customer != invoice.customer:
        yield f"{name} of another customer"
    if any(link[:2] != ("Invoice", invoice.id) for link in payment.links):
        yield f"{name} which pays something else too"
    base = base_number(payment)
    known = any(number.startswith(base) for number in expected.numbers)
    if not base or not known or not PAYMENT_SUFFIX.search(payment.number):
        yield f"{name} with a number that is not made of {expected.numbers[0]}"
    if expected.receipt.id.lower() not in payment.note.lower():
        yield f"{name} whose note lacks the receipt's id"


def _compare_head(expected: Expected, document: BookDocument) -> Iterator[str]:
    if document.total != expected.total:
        yield f"has the wrong total, {show(expected.total)} is right"
    own = expected.receipt.day
    if not is_right_day(document.day, expected.day, expected.other_day):
        yield f"is dated {document.day}, not {expected.day}"
    elif document.day != own and not tells_day(document.note, own):
        yield f"has a note that does not tell the date of the receipt, {own}"
    if document.number not in expected.numbers:
        yield f"has the wrong number, {expected.numbers[0]} is right"
    if document.location != expected.location:
        yield f"has location {document.location!r}, not {expected.location!r}"
    if expected.receipt.id.lower() not in document.note.lower():
        yield "has a note that lacks the receipt's id"


def _compare_terms(expected: Expected, document: BookDocument) -> Iterator[str]:
    if expected.term and document.term != expected.term:
        yield f"has terms {document.term!r}, not {expected.term!r}"
    if expected.due and document.due != expected.due:
        yield f"is due on {document.due}, not {expected.due}"

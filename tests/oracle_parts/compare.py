"""Hold one document, with its payments, against what must be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .books import BookCustomer, BookDocument, Ledger, show
from .expected import CodeSum, Expected
from .match import PAYMENT_SUFFIX, Match, base_number
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

    def compare(self, match: Match) -> Iterator[str]:
        """Every difference as a sentence that names receipt and document."""
        expected, document = match.decision.expected, match.document
        if expected is None or document is None:
            return
        start = f"{expected.receipt.label}: {document.label}"
        for problem in self._compare_all(expected, document, match):
            yield f"{start} {problem}"

    def _compare_all(
        self, expected: Expected, document: BookDocument, match: Match
    ) -> Iterator[str]:
        yield from _compare_head(expected, document)
        yield from self._compare_customer(expected, document.customer)
        yield from self._compare_parts(expected, document)
        yield from self._compare_codes(expected, document)
        if expected.entity == "Invoice":
            yield from _compare_invoice(expected, document)
            yield from self._compare_payments(expected, document, match.payments)
            return
        if not expected.total:
            if not document.account:
                yield "lies on no account"
            return
        if document.account != expected.account:
            yield f"lies on account {document.account!r}, not {expected.account!r}"
        if document.method != expected.method:
            yield f"has payment method {document.method!r}, not {expected.method!r}"

    def _compare_customer(
        self, expected: Expected, customer: BookCustomer | None
    ) -> Iterator[str]:
        relation = expected.customer
        name = customer.name if customer else ""
        if relation is None:
            if name != self.setup.default_debtor:
                wanted = self.setup.default_debtor
                yield f"is of customer {name!r}, not of the default debtor {wanted!r}"
            return
        wanted = relation.company or relation.name
        numbered = name.endswith(relation.number) or f"({relation.number})" in name
        same = fold_name(name) == fold_name(wanted)
        if not same and not (
            numbered and fold_name(name).startswith(fold_name(wanted))
        ):
            yield f"is of customer {name!r}, not {wanted!r} (relation {relation.number})"
        email = customer.email if customer else ""
        if looks_like_email(relation.email) and email.lower() != relation.email.lower():
            yield (
                f"is of a customer whose e-mail address is not that of"
                f" relation {relation.number}"
            )

    def _compare_parts(
        self, expected: Expected, document: BookDocument
    ) -> Iterator[str]:
        found: dict[tuple[str, str], int] = defaultdict(int)
        for line in document.lines:
            found[line.account, line.code] += line.gross
        slack = sum(code.slack for code in expected.codes.values())
        slack += abs(expected.parts.get((self.setup.rounding, self.setup.no_vat), 0))
        for key in sorted({*expected.parts, *found}):
            wanted, there = expected.parts.get(key, 0), found.get(key, 0)
            if abs(wanted - there) > slack:
                account, code = key
                yield (
                    f"has {show(there)} on account {account!r} with tax code"
                    f" {code!r}, not {show(wanted)}"
                )
        total = sum(line.gross for line in document.lines)
        if total != expected.total:
            yield f"has lines of {show(total)}, not {show(expected.total)}"

    def _compare_codes(
        self, expected: Expected, document: BookDocument
    ) -> Iterator[str]:
        for code, wanted in expected.codes.items():
            lines = [line for line in document.lines if line.code == code]
            gross = sum(line.gross for line in lines)
            net = sum(line.net for line in lines)
            vat = self._find_vat(document, code, gross - net)
            if abs(gross - wanted.gross) > wanted.slack:
                yield f"has {show(gross)} under {code!r}, the till {show(wanted.gross)}"
                continue
            if vat != wanted.vat:
                yield from self._judge_vat(expected, document, code, wanted, vat)
            elif abs(net - wanted.net) > wanted.slack and self.vat == HONOURED:
                yield (
                    f"has turnover {show(net)} under {code!r},"
                    f" the till {show(wanted.net)}"
                )
        if document.tax_total != sum(vat for _, vat in document.tax.values()):
            yield "has a VAT total that is not the sum of its VAT lines"

    def _judge_vat(
        self,
        expected: Expected,
        document: BookDocument,
        code: str,
        wanted: CodeSum,
        vat: int,
    ) -> Iterator[str]:
        sign = -1 if expected.bridge.target < 0 else 1
        difference = VatDifference(
            receipt=expected.receipt.id,
            document=document.number,
            code=code,
            rate=self.setup.find_rate(code),
            till=sign * wanted.vat,
            books=sign * vat,
        )
        self.vat_differences.append(difference)
        allowed = wanted.slack
        if self.vat == RECOMPUTED:
            allowed = max(allowed, -(-wanted.lines // LINES_PER_CENT))
        if abs(difference.amount) > allowed:
            yield f"has VAT {show(vat)} under {code!r}, the till {show(wanted.vat)}"

    def _find_vat(self, document: BookDocument, code: str, of_lines: int) -> int:
        """The VAT of a code as the company reports it, else as its lines say."""
        rates = self.ledger.code_rates.get(code, frozenset())
        reported = [vat for rate, (_, vat) in document.tax.items() if rate in rates]
        return sum(reported) if reported else of_lines

    def _compare_payments(
        self, expected: Expected, invoice: BookDocument, payments: list[BookDocument]
    ) -> Iterator[str]:
        wanted: dict[tuple[str, str, str], int] = defaultdict(int)
        there: dict[tuple[str, str, str], int] = defaultdict(int)
        for tender in expected.payments:
            wanted[tender.account, tender.method, str(tender.day)] += tender.amount
        for payment in payments:
            there[payment.account, payment.method, str(payment.day)] += payment.total
            yield from self._compare_payment(expected, invoice, payment)
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

    def _compare_payment(
        self, expected: Expected, invoice: BookDocument, payment: BookDocument
    ) -> Iterator[str]:
        name = f"has {payment.label}"
        days = {tender.day for tender in expected.payments}
        if payment.day not in days:
            yield f"{name} dated {payment.day}, not {min(days, default=expected.day)}"
        if payment.customer != invoice.customer:
            yield f"{name} of another customer"
        linked = sum(
            amount
            for kind, target, amount in payment.links
            if (kind, target) == ("Invoice", invoice.id)
        )
        if linked != payment.total:
            yield f"{name} of which {show(linked)} is linked to it"
        base = base_number(payment)
        known = any(number.startswith(base) for number in expected.numbers)
        if not base or not known or not PAYMENT_SUFFIX.search(payment.number):
            yield f"{name} with a number that is not made of {expected.numbers[0]}"
        if expected.receipt.id.lower() not in payment.note.lower():
            yield f"{name} whose note lacks the receipt's id"


def _compare_head(expected: Expected, document: BookDocument) -> Iterator[str]:
    if document.total != expected.total:
        yield f"has the wrong total, {show(expected.total)} is right"
    if document.day != expected.day:
        yield f"is dated {document.day}, not {expected.day}"
    if document.number not in expected.numbers:
        yield f"has the wrong number, {expected.numbers[0]} is right"
    if document.location != expected.location:
        yield f"has location {document.location!r}, not {expected.location!r}"
    if expected.receipt.id.lower() not in document.note.lower():
        yield "has a note that lacks the receipt's id"


def _compare_invoice(expected: Expected, document: BookDocument) -> Iterator[str]:
    if document.balance != expected.balance:
        yield (
            f"has a balance of {show(document.balance)}, not {show(expected.balance)}"
        )
    if expected.term and document.term != expected.term:
        yield f"has terms {document.term!r}, not {expected.term!r}"
    if expected.due and document.due != expected.due:
        yield f"is due on {document.due}, not {expected.due}"


def looks_like_email(text: str) -> bool:
    """Whether the books take this for an address: they want an @ and a dot."""
    return "." in text.partition("@")[2]


def fold_name(name: str) -> str:
    """A name by its letters and digits: the books allow fewer other characters."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())

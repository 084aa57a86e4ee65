"""Hold what stands beside the sales documents against what must be there.

Journal entries, payments of earlier debts, credits set off, and the account between
several tenders, which every receipt leaves at 0.00.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .books import show
from .closing import is_right_day
from .expected import SIGNS, Entry, Received
from .ledger import BookDocument, Ledger
from .match import Match
from .people import compare_customer, is_called
from .setup import Setup


@dataclass(slots=True)
class Beside:
    """Compares, knowing which payment is linked to what."""

    setup: Setup
    invoices: Mapping[str, BookDocument]
    links: Mapping[tuple[str, str], list[tuple[BookDocument, int]]] = field(
        default_factory=dict
    )

    def compare(self, match: Match) -> Iterator[str]:
        """Every difference as a sentence that names the document."""
        for entry, document in match.entries:
            if document is not None:
                for problem in compare_entry(entry, document):
                    yield f"{document.label} {problem}"
        for received, document in match.received:
            if received.turned:
                yield from self._compare_turned(match, received, document)
            elif received.applies:
                yield from self._compare_credit(match, received, document)
            elif document is not None:
                for problem in self._compare_settlement(received, document):
                    yield f"{document.label} {problem}"
        left = self._sum_split(match.documents)
        if left:
            yield f"leaves {show(left)} on account {self.setup.accounts.split!r}"

    def sum_links(self, document: BookDocument, without: Iterable[BookDocument]) -> int:
        """What payments that are not a document's own pay of it, or set off."""
        own = {payment.key for payment in without}
        links = self.links.get(document.key, [])
        return sum(amount for payment, amount in links if payment.key not in own)

    def sum_set_off(self, document: BookDocument) -> int:
        """What the company itself has set off against an invoice."""
        links = self.links.get(document.key, [])
        return sum(amount for payment, amount in links if payment.own_links)

    def _sum_split(self, documents: Iterable[BookDocument]) -> int:
        split, total = self.setup.accounts.split, 0
        for document in documents:
            if document.account == split:
                total += SIGNS.get(document.entity, 1) * document.total
            total += sum(e.amount for e in document.entries if e.account == split)
        return total if split else 0

    # --------------------------------------------------------------- settlements

    def _compare_settlement(
        self, received: Received, document: BookDocument
    ) -> Iterator[str]:
        yield from self._compare_head(received, document)
        if document.account != received.account:
            yield f"lies on account {document.account!r}, not {received.account!r}"
        if received.method is not None and document.method != received.method:
            yield f"has payment method {document.method!r}, not {received.method!r}"
        invoice = self._find_invoice(received)
        own = ("Invoice", invoice.id) if invoice else None
        linked = sum(
            amount for kind, target, amount in document.links if (kind, target) == own
        )
        for kind, target, amount in document.links:
            if (kind, target) != own:
                yield f"pays {show(amount)} of {kind} {target}, which it does not name"
        if linked not in (0, received.total):
            yield f"pays {show(linked)} of its {show(received.total)}"
        if invoice and not linked and invoice.balance >= received.total:
            yield f"is not linked to {invoice.label}, which it names"

    def _compare_head(
        self, received: Received, document: BookDocument
    ) -> Iterator[str]:
        if document.total != received.total:
            yield f"has the wrong total, {show(received.total)} is right"
        if not is_right_day(document.day, received.day, received.other_day):
            yield f"is dated {document.day}, not {received.day}"
        debtor = self.setup.default_debtor
        yield from compare_customer(received.customer, document.customer, debtor)
        if received.receipt.id.lower() not in document.note.lower():
            yield "has a note that lacks the receipt's id"

    def _find_invoice(self, received: Received) -> BookDocument | None:
        """The invoice that is paid, where it is one of the same customer."""
        found = self.invoices.get(received.target)
        if found is None or found.customer is None:
            return None
        return found if is_called(found.customer.name, received.customer) else None

    # ------------------------------------------------------------------- credits

    def _compare_credit(
        self, match: Match, received: Received, document: BookDocument | None
    ) -> Iterator[str]:
        stem = received.numbers[0].removesuffix("-a")
        credit = find_document(match, (stem,))
        invoice = self._find_invoice(received)
        if document is not None:
            yield from self._compare_applied(received, document, credit, invoice)
        if credit and invoice and credit.balance > 0 and invoice.balance > 0:
            yield (
                f"{credit.label} has {show(credit.balance)} left, and {invoice.label},"
                f" which it credits, still owes {show(invoice.balance)}"
            )

    def _compare_turned(
        self, match: Match, received: Received, document: BookDocument | None
    ) -> Iterator[str]:
        """A document and its opposite: not both are open, and nothing else is used."""
        pair = [find_document(match, numbers) for numbers in received.turned]
        there = [found for found in pair if found is not None]
        if len(there) == 2 and all(found.balance > 0 for found in there):
            first, second = there
            yield f"{first.label} and its opposite {second.label} are both open"
        if document is None:
            return
        for problem in self._compare_head(received, document):
            yield f"{document.label} {problem}"
        mine = {found.key for found in there}
        mine |= {found.key for _entry, found in match.entries if found is not None}
        signs = {"CreditMemo": -1}
        rest = sum(signs.get(kind, 1) * amount for kind, _id, amount in document.links)
        if rest or any((kind, key) not in mine for kind, key, _ in document.links):
            yield f"{document.label} does not set off what was reversed"

    def _compare_applied(
        self,
        received: Received,
        document: BookDocument,
        credit: BookDocument | None,
        invoice: BookDocument | None,
    ) -> Iterator[str]:
        for problem in self._compare_head(received, document):
            yield f"{document.label} {problem}"
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for kind, target, amount in document.links:
            sums[kind, target] += amount
        wanted = {found.key for found in (credit, invoice) if found}
        if set(sums) != wanted or len(wanted) < 2 or len(set(sums.values())) > 1:
            yield f"{document.label} does not join the credit and what it credits"
        elif max(sums.values()) > received.applies:
            yield f"{document.label} sets off more than the credit"


def find_document(match: Match, numbers: Iterable[str]) -> BookDocument | None:
    """The sales document that was found for these numbers."""
    wanted = set(numbers)
    for form in match.forms:
        if wanted.intersection(form.expected.numbers):
            return form.document
    return None


def compare_entry(entry: Entry, document: BookDocument) -> Iterator[str]:
    """What is wrong with a journal entry."""
    if not is_right_day(document.day, entry.day, entry.other_day):
        yield f"is dated {document.day}, not {entry.day}"
    if entry.numbers and document.number not in entry.numbers:
        yield f"has the wrong number, {entry.numbers[0]} is right"
    if entry.receipt.id.lower() not in document.note.lower():
        yield "has a note that lacks the receipt's id"
    lines: dict[tuple[str, str], int] = defaultdict(int)
    taxes: dict[str, int] = defaultdict(int)
    # A company wants the tax on top of a line's amount, or in it: then they balance.
    inside = not sum(found.amount for found in document.entries)
    for found in document.entries:
        net = found.amount - found.tax if inside else found.amount
        lines[found.account, found.code] += net
        taxes[found.code] += found.tax
        if found.code and found.side != entry.side:
            yield f"has tax code {found.code!r} for {found.side!r}, not {entry.side!r}"
    for account, code in sorted({*lines, *entry.lines}):
        wanted, there = entry.lines.get((account, code), 0), lines[account, code]
        if wanted != there:
            yield (
                f"has {show(there)} on account {account!r} with tax code"
                f" {code!r}, not {show(wanted)}"
            )
    for code in sorted({*taxes, *entry.taxes}):
        if taxes[code] != entry.taxes.get(code, 0):
            right = show(entry.taxes.get(code, 0))
            yield f"has VAT {show(taxes[code])} under {code!r}, not {right}"


def make_beside(ledger: Ledger, setup: Setup) -> Beside:
    """Everything that is linked in a company, by what it is linked to."""
    links: dict[tuple[str, str], list[tuple[BookDocument, int]]] = defaultdict(list)
    for document in ledger.documents:
        if document.entity == "Payment":
            for kind, target, amount in document.links:
                links[kind, target].append((document, amount))
    invoices = {
        document.number: document
        for document in ledger.documents
        if document.entity == "Invoice"
    }
    return Beside(setup=setup, invoices=invoices, links=links)

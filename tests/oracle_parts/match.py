"""Find the documents that belong to each receipt, and name those that belong nowhere.

A document belongs to a receipt when it carries its number or its note holds the
receipt's id; a payment also when it is linked to the receipt's invoice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .expected import SIGNS, Bundle, Decision, Entry, Expected, Received
from .ledger import BookDocument, Ledger
from .numbers import make_numbers

SOURCE_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
PAYMENT_SUFFIX = re.compile(r"[-/]\d+$")
OWN_SUFFIX = re.compile(r"(?<=\d)[a-z]?(-s\d+|-a|-r)?$")


@dataclass(slots=True)
class FoundForm:
    """A sales document that must be there, with what was found."""

    expected: Expected
    document: BookDocument | None = None
    payments: list[BookDocument] = field(default_factory=list)


@dataclass(slots=True)
class Match:
    """What was found for one receipt; ``bundle`` is what it is compared with."""

    decision: Decision
    bundle: Bundle | None = None
    forms: list[FoundForm] = field(default_factory=list)
    received: list[tuple[Received, BookDocument | None]] = field(default_factory=list)
    entries: list[tuple[Entry, BookDocument | None]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    waits: bool = False

    @property
    def documents(self) -> list[BookDocument]:
        """Everything that was found and belongs there."""
        forms = [form.document for form in self.forms]
        others = [found for _, found in (*self.received, *self.entries)]
        payments = [each for form in self.forms for each in form.payments]
        return [found for found in (*forms, *payments, *others) if found]


class Matcher:
    """Deals the documents of a company out to receipts, each document once."""

    def __init__(self, ledger: Ledger, prefix: str) -> None:
        self._ledger = ledger
        self._prefix = prefix
        self._by_note: Mapping[str, list[BookDocument]] = defaultdict(list)
        self._by_number: Mapping[str, list[BookDocument]] = defaultdict(list)
        self._by_invoice: Mapping[str, list[BookDocument]] = defaultdict(list)
        self._taken: set[tuple[str, str]] = set()
        for document in ledger.documents:
            self._index(document)

    def match(self, decision: Decision) -> Match:
        """Find what belongs to a receipt; what should not be there is a problem."""
        match = Match(decision)
        pool = self._find_documents(decision)
        if decision.bundle is None:
            self._name_unwanted(match, pool)
            return match
        if decision.may_wait and not pool:
            match.waits = True
            return match
        match.bundle = choose_bundle(decision, pool)
        for form in match.bundle.forms:
            self._match_form(match, form, pool)
        for entry in match.bundle.entries:
            match.entries.append((entry, self._pick(match, entry, pool)))
        for payment in match.bundle.received:
            match.received.append((payment, self._pick_payment(match, payment, pool)))
        self._match_payments(match, pool)
        self._name_others(match, pool)
        return match

    def leftovers(self) -> Iterable[BookDocument]:
        """The documents that belong to no receipt and are not the company's own."""
        for document in self._ledger.documents:
            if document.key not in self._taken and not document.own_links:
                yield document

    def _index(self, document: BookDocument) -> None:
        for source in set(SOURCE_ID.findall(document.note.lower())):
            self._by_note[source].append(document)
        for number in {document.number, base_number(document)}:
            self._by_number[number].append(document)
        for kind, target, _ in document.links:
            if document.entity == "Payment" and kind == "Invoice":
                self._by_invoice[target].append(document)

    def _find_documents(self, decision: Decision) -> list[BookDocument]:
        receipt = decision.receipt
        found = list(self._by_note[receipt.id.lower()])
        for letter in "RJ":
            for number in make_numbers(receipt, self._prefix, letter):
                for document in self._by_number[number]:
                    # A number alone is no claim when the note names another receipt.
                    named = SOURCE_ID.search(document.note)
                    if document not in found and named is None:
                        found.append(document)
        return [document for document in found if self._take(document)]

    def _take(self, document: BookDocument) -> bool:
        if document.key in self._taken:
            return False
        self._taken.add(document.key)
        return True

    def _name_unwanted(self, match: Match, documents: list[BookDocument]) -> None:
        decision = match.decision
        match.problems += [
            f"{decision.receipt.label} must have no document"
            f" ({decision.outcome}: {decision.reason}),"
            f" but {document.label} is in QuickBooks"
            for document in documents
        ]

    def _match_form(
        self, match: Match, expected: Expected, pool: list[BookDocument]
    ) -> None:
        right = [document for document in pool if document.entity == expected.entity]
        right.sort(key=lambda document: rank(document, expected))
        form = FoundForm(expected, right[0] if right else None)
        match.forms.append(form)
        if form.document is not None:
            pool.remove(form.document)
            return
        sales = [found for found in pool if found.entity in SIGNS]
        kinds = ", ".join(document.label for document in sales)
        instead = f", {kinds} is there instead" if sales else ""
        wanted = f"{expected.entity} {expected.numbers[0]}"
        match.problems.append(f"{_label(match)}: {wanted} is missing{instead}")

    def _pick(
        self, match: Match, wanted: Entry, pool: list[BookDocument]
    ) -> BookDocument | None:
        right = [document for document in pool if document.entity == wanted.entity]
        right.sort(key=lambda document: document.number not in wanted.numbers)
        if not right:
            number = wanted.numbers[0] if wanted.numbers else "of the cash count"
            match.problems.append(f"{_label(match)}: JournalEntry {number} is missing")
            return None
        pool.remove(right[0])
        return right[0]

    def _pick_payment(
        self, match: Match, wanted: Received, pool: list[BookDocument]
    ) -> BookDocument | None:
        for document in pool:
            if document.entity == "Payment" and document.number in wanted.numbers:
                pool.remove(document)
                return document
        if not wanted.applies:
            number = wanted.numbers[0]
            match.problems.append(f"{_label(match)}: Payment {number} is missing")
        return None

    def _match_payments(self, match: Match, pool: list[BookDocument]) -> None:
        """The payments of the receipt's own invoice, by note and by link."""
        invoices = [
            form
            for form in match.forms
            if form.document is not None and form.document.entity == "Invoice"
        ]
        for form in invoices:
            assert form.document is not None
            key = "Invoice", form.document.id
            form.payments = [
                found
                for found in pool
                if found.entity == "Payment"
                and (len(invoices) == 1 or key in {each[:2] for each in found.links})
            ]
            for found in self._by_invoice[form.document.id]:
                if SOURCE_ID.search(found.note) or found.own_links:
                    continue
                if self._take(found):
                    form.payments.append(found)
            for found in form.payments:
                if found in pool:
                    pool.remove(found)

    def _name_others(self, match: Match, pool: list[BookDocument]) -> None:
        beside = next((form.document for form in match.forms if form.document), None)
        for document in pool:
            if document.entity == "Payment" and beside:
                match.problems.append(
                    f"{_label(match)}: {document.label} is there,"
                    f" but a {beside.entity} has no payments"
                )
            elif beside and document.entity == beside.entity:
                match.problems.append(
                    f"{_label(match)}: {document.label} is there beside"
                    f" {beside.label}: it is in QuickBooks twice"
                )
            elif beside or not match.forms or document.entity == "JournalEntry":
                match.problems.append(
                    f"{_label(match)}: {document.label} is there,"
                    f" but nothing of the receipt asks for it"
                )


def _label(match: Match) -> str:
    return match.decision.receipt.label


def choose_bundle(decision: Decision, pool: list[BookDocument]) -> Bundle:
    """The way of posting that was taken, where several are right: else the first."""
    assert decision.bundle is not None
    there = [document.entity for document in pool]
    fitting = [
        bundle
        for bundle in (decision.bundle, *decision.others)
        if all(form.entity in there for form in bundle.forms)
    ]
    with_entries = [
        bundle
        for bundle in fitting
        if bundle.entries and all(entry.entity in there for entry in bundle.entries)
    ]
    return next(iter((*with_entries, *fitting)), decision.bundle)


def base_number(document: BookDocument) -> str:
    """A document's number without what tells it from others of the same receipt."""
    if document.entity == "Payment":
        return OWN_SUFFIX.sub("", PAYMENT_SUFFIX.sub("", document.number))
    return OWN_SUFFIX.sub("", document.number)


def rank(document: BookDocument, expected: Expected) -> tuple[bool, bool, int]:
    """The document meant by the receipt comes first: right number, then total."""
    return (
        document.number not in expected.numbers,
        document.total != expected.total,
        int(document.id) if document.id.isdigit() else 0,
    )

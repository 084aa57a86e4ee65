"""Find the documents that belong to each receipt, and name those that belong nowhere.

A document belongs to a receipt when it carries its number or its note holds the
receipt's id; a payment also when it is linked to the receipt's invoice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .books import BookDocument, Ledger
from .compose import make_numbers
from .expected import Decision, Expected

SOURCE_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
PAYMENT_SUFFIX = re.compile(r"[-/]\d+$")


@dataclass(slots=True)
class Match:
    """What was found for one receipt."""

    decision: Decision
    document: BookDocument | None = None
    payments: list[BookDocument] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


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
        documents = self._find_documents(decision)
        expected = decision.expected
        if expected is None:
            self._name_unwanted(match, documents)
            return match
        sales = [found for found in documents if found.entity != "Payment"]
        match.document = _choose(expected, sales)
        self._name_others(match, expected, sales)
        payments = [found for found in documents if found.entity == "Payment"]
        if match.document is not None and match.document.entity == "Invoice":
            linked = self._by_invoice[match.document.id]
            payments += [found for found in linked if found not in payments]
        self._take_payments(match, expected, payments)
        return match

    def leftovers(self) -> Iterable[BookDocument]:
        """The documents that belong to no receipt."""
        for document in self._ledger.documents:
            if (document.entity, document.id) not in self._taken:
                yield document

    def _index(self, document: BookDocument) -> None:
        for source in set(SOURCE_ID.findall(document.note.lower())):
            self._by_note[source].append(document)
        self._by_number[base_number(document)].append(document)
        for kind, target, _ in document.links:
            if document.entity == "Payment" and kind == "Invoice":
                self._by_invoice[target].append(document)

    def _find_documents(self, decision: Decision) -> list[BookDocument]:
        receipt = decision.receipt
        found = list(self._by_note[receipt.id.lower()])
        for number in make_numbers(receipt, self._prefix):
            for document in self._by_number[number]:
                # A number alone is no claim when the note names another receipt.
                named = SOURCE_ID.search(document.note)
                if document not in found and named is None:
                    found.append(document)
        return [document for document in found if self._take(document)]

    def _take(self, document: BookDocument) -> bool:
        key = document.entity, document.id
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def _name_unwanted(self, match: Match, documents: list[BookDocument]) -> None:
        decision = match.decision
        match.problems += [
            f"{decision.receipt.label} must have no document"
            f" ({decision.outcome}: {decision.reason}),"
            f" but {document.label} is in QuickBooks"
            for document in documents
        ]

    def _name_others(
        self, match: Match, expected: Expected, sales: list[BookDocument]
    ) -> None:
        label = match.decision.receipt.label
        wanted = f"{expected.entity} {expected.numbers[0]}"
        others = [document for document in sales if document is not match.document]
        if match.document is None:
            kinds = ", ".join(document.label for document in others)
            instead = f", {kinds} is there instead" if others else ""
            match.problems.append(f"{label}: {wanted} is missing{instead}")
            return
        match.problems += [
            f"{label}: {document.label} is there beside {match.document.label}:"
            f" it is in QuickBooks twice"
            for document in others
        ]

    def _take_payments(
        self, match: Match, expected: Expected, payments: list[BookDocument]
    ) -> None:
        for payment in payments:
            self._take(payment)
        if expected.entity == "Invoice":
            match.payments = payments
            return
        match.problems += [
            f"{match.decision.receipt.label}: {payment.label} is there,"
            f" but a {expected.entity} has no payments"
            for payment in payments
        ]


def base_number(document: BookDocument) -> str:
    """A document's number; a payment's without what tells it from the others."""
    if document.entity == "Payment":
        return PAYMENT_SUFFIX.sub("", document.number)
    return document.number


def _choose(expected: Expected, sales: list[BookDocument]) -> BookDocument | None:
    """The document meant by the receipt: right kind, then right number and total."""
    right = [document for document in sales if document.entity == expected.entity]
    right.sort(
        key=lambda document: (
            document.number not in expected.numbers,
            document.total != expected.total,
            int(document.id) if document.id.isdigit() else 0,
        )
    )
    return right[0] if right else None

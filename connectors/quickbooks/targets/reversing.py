"""The exact reversal of what a receipt had become, document by document. Pure.

A receipt is turned into a refund and back, a journal entry into one with its sides
turned, each payment into an entry that gives its money back on its day. An invoice that
our own payments paid in full becomes a refund from *split tenders*, which those entries
fill; any other a credit on the customer's account, where the entries are, and all are
applied to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from connectors.quickbooks.targets import booked, documents
from connectors.quickbooks.targets.closing import move_to
from connectors.quickbooks.targets.copies import (
    CORRECTION,
    KIND,
    REVERSAL,
    Copy,
    name_role,
)
from connectors.quickbooks.targets.journals import (
    JOURNAL_ENTRY,
    Entry,
    check_returned,
    make_journal_body,
    make_journal_number,
    turn_lines,
)
from connectors.quickbooks.targets.numbers import make_mark
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.settling import CORRECTIONS
from connectors.quickbooks.targets.vat import ZERO
from connectors.writes import Known, Mapped, Plan, Ref, Write
from integration_hub.core.errors import Rejected

TURNED = {
    documents.SALES_RECEIPT: documents.REFUND_RECEIPT,
    documents.REFUND_RECEIPT: documents.SALES_RECEIPT,
    documents.INVOICE: documents.CREDIT_MEMO,
    documents.CREDIT_MEMO: documents.INVOICE,
}
TERMS = ("DueDate", "SalesTermRef")
PAID = "payment:"
OTHERWISE = (
    "rules or settings changed since, and would book what was posted by other accounts, "
    "items or tax codes (or a hub that was lost found it with a mended cent)"
)
BY_HAND = (
    "Compare source and target on this page, mend QuickBooks' document by hand, then "
    "choose Skip."
)


@dataclass(frozen=True)
class Reversal:
    """The reversal of one posting.

    ``posted`` is its plan with plain roles and the reversal's numbers, ``stands`` the
    posting, ``version`` the one that asked for the reversal, ``known`` what is there
    under its own roles.
    """

    before: Mapped
    posted: Plan
    stands: Copy
    version: str
    known: Mapping[Ref, Known]
    options: Options

    def find_obstacle(self) -> str:
        """Why it cannot be reversed exactly, "" if it can."""
        for write in self._own:
            there = self.known.get(self._posted_ref(write))
            if there is not None and there.entity not in ("", write.entity):
                return f"a {there.entity} stands where a {write.entity} should"
            if write.role.startswith("settlement:"):
                return "it settles an earlier debt"
        if self._is_booked_otherwise():
            return OTHERWISE
        turned = [self._find_entity(write) for write in self.documents]
        amounts = (
            line["Amount"]
            for write, entity in zip(self.documents, turned, strict=True)
            if entity == documents.REFUND_RECEIPT
            for line in write.body["Line"]
        )
        if (
            self.options.mixed_refunds == "two_documents"
            and min(amounts, default=0) < 0
        ):
            return "the company takes no refund with lines that were sold"
        return ""

    @cached_property
    def writes(self) -> tuple[Write, ...]:
        """The turned documents and entries. Raises Rejected for other amounts there."""
        made = [
            *(self._turn_document(write) for write in self.documents),
            *(self._turn_journal(write) for write in self._journals),
            *(self._turn_payment(n, w) for n, w in enumerate(self.payments, start=1)),
        ]
        for write in made:
            self._check(write)
        return tuple(made)

    @cached_property
    def documents(self) -> list[Write]:
        """What is turned as a sales document."""
        return [write for write in self._own if write.entity in TURNED]

    @cached_property
    def payments(self) -> list[Write]:
        """The payments of the receipt's own invoice."""
        return [write for write in self._own if write.role.startswith(PAID)]

    @property
    def credited(self) -> Write | None:
        """The invoice (or credit) whose turned document is on the customer's account."""
        for write in self.documents:
            if self._find_entity(write) in (documents.CREDIT_MEMO, documents.INVOICE):
                return write
        return None

    @property
    def lacks_items(self) -> bool:
        """Whether an item of what was posted is not known yet."""
        needs = (need for write in self.documents for need in write.needs)
        return any(need.kind != KIND and need not in self.known for need in needs)

    def find_customer(self) -> Ref | str:
        """Whose account it is: that of the document which is there."""
        credited = self.credited
        if credited is None:
            return ""
        there = self.known.get(self._posted_ref(credited))
        owner = there.facts.get("customer") if there else ""
        found: Ref | str = owner or credited.body["CustomerRef"]["value"]
        return found

    def name(self, role: str) -> Ref:
        """The reversal of a plain role."""
        return Ref(KIND, self.stands.key, name_role(REVERSAL, self.version, role))

    # ------------------------------------------------------------------- in detail

    def _is_booked_otherwise(self) -> bool:
        """Whether what is there is another than what the rules make of it now.

        What was posted before its accounts were noted is taken to be the same, and so
        is all while its items are not known.
        """
        every = (*self.posted.writes, *self.posted.later)
        planned = {self._posted_ref(write) for write in every}
        there = self.stands.list_there(self.known)
        if not planned.issuperset(there):
            return True
        noted = {ref: known.facts.get(booked.FACT) for ref, known in there.items()}
        return not self.lacks_items and any(
            noted.get(self._posted_ref(write))
            not in (None, booked.digest(write.body, self.known))
            for write in (*self.documents, *self.payments)
        )

    @cached_property
    def _own(self) -> list[Write]:
        return [
            write
            for write in self.posted.writes
            if not write.shared and not write.asks and write.update_of is None
        ]

    @property
    def _journals(self) -> list[Write]:
        return [write for write in self._own if write.entity == JOURNAL_ENTRY]

    @property
    def _is_paid(self) -> bool:
        """Whether our own payments paid the invoice in full."""
        paid = sum((write.expected_total or ZERO for write in self.payments), ZERO)
        return any(write.expected_total == paid for write in self.documents)

    def _find_entity(self, write: Write) -> str:
        if write.entity == documents.INVOICE and self._is_paid:
            return documents.REFUND_RECEIPT
        return TURNED[write.entity]

    def _posted_ref(self, write: Write) -> Ref:
        return replace(write.ref, role=self.stands.name(write.role))

    def _turn_document(self, write: Write) -> Write:
        """The document the other way, with the cent that was mended on it."""
        entity, body = self._find_entity(write), {**write.body}
        mended = Ref(KIND, write.key, CORRECTIONS.get(write.role, CORRECTION))
        for each in self.posted.writes:
            if each.ref == mended:
                body |= each.body
        for name in TERMS:
            body.pop(name, None)
        if not body.get("TxnTaxDetail"):
            body.pop("TxnTaxDetail", None)
        if write.entity == documents.INVOICE and self._is_paid:
            account = self.options.require("split_tenders_account", "Split tenders")
            body |= documents.make_receiving(account, "")
        elif write.entity in (documents.INVOICE, documents.CREDIT_MEMO):
            body["CustomerRef"] = {"value": self.find_customer()}
        return self._finish(write, entity=entity, body=body)

    def _turn_journal(self, write: Write) -> Write:
        body = {**write.body, "Line": turn_lines(write.body["Line"])}
        return self._finish(write, entity=JOURNAL_ENTRY, body=body)

    def _turn_payment(self, place: int, write: Write) -> Write:
        """The entry that takes the money out of the payment's account again."""
        amount = write.expected_total or ZERO
        account = str(write.body["DepositToAccountRef"]["value"])
        if self._is_paid:
            split = self.options.require("split_tenders_account", "Split tenders")
            other = Entry(split, amount)
        else:
            owed = self.options.require("receivable_account", "Accounts receivable")
            other = Entry(owed, amount, customer=self.find_customer())
        number = make_journal_number(self.before, self.options, f"-{place}")
        body = make_journal_body(
            (other, Entry(account, -amount)),
            number=number,
            day=write.date or self.before.document.date,
            currency=self.before.document.currency,
            note=str(write.body["PrivateNote"]),
            header=self.before.header,
        )
        made = replace(
            write, number=number, expected_total=None, label=f"{JOURNAL_ENTRY} {number}"
        )
        return self._finish(made, entity=JOURNAL_ENTRY, body=body)

    def _finish(self, write: Write, *, entity: str, body: Mapping[str, Any]) -> Write:
        """A turned write with role, mark and needs of its own, on the day that the
        posted one has."""
        ref = self.name(write.role)
        mark = make_mark(self.options.hub, ref)
        note = str(body["PrivateNote"]).replace(write.mark, mark, 1)
        posted = (self._posted_ref(each) for each in self._own)
        own = str(write.body["TxnDate"])
        turned = replace(
            write,
            role=ref.role,
            entity=entity,
            body={**body, "TxnDate": own, "PrivateNote": note},
            date=date.fromisoformat(own),
            mark=mark,
            needs=(*(need for need in write.needs if need.kind != KIND), *posted),
            search={"number": write.number, "date": own},
            label=f"{REVERSAL} of {write.label}",
        )
        there = self.known.get(self._posted_ref(write))
        stands = str(there.facts.get("date") or "") if there else ""
        if stands in ("", own):
            return turned
        return move_to(turned, date.fromisoformat(stands))

    def _check(self, write: Write) -> None:
        check_returned(write, self.known)
        there = self.known.get(write.ref)
        if there is None or write.expected_total is None:
            return
        if there.total not in (None, write.expected_total):
            raise Rejected(
                f"{write.label} (id {there.id}) has a total of {there.total} in "
                f"QuickBooks; {write.expected_total} is expected.",
                code="total differs",
                reference=there.id,
                action=BY_HAND,
            )

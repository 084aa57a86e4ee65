"""What the oracle found: sentences, counts and the bridge between the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .books import show
from .compare import VatDifference
from .expected import FAILED, SIGNS, SKIPPED, WAITING, Bridge, Decision
from .ledger import BookDocument

KINDS = ("SalesReceipt", "RefundReceipt", "Invoice", "CreditMemo", "JournalEntry")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one till against one company.

    ``found`` names the documents per receipt id; a verdict without problems is good.
    """

    decisions: tuple[Decision, ...]
    documents: tuple[BookDocument, ...]
    found: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...]
    vat_differences: tuple[VatDifference, ...]

    @property
    def good(self) -> bool:
        """Whether the books are exactly what they must be."""
        return not self.problems

    @property
    def bridge(self) -> Bridge:
        """The bridges of all receipts that must be in the books, added up."""
        bridges = [d.bundle.bridge for d in self.decisions if d.bundle]
        return Bridge(
            till=sum(bridge.till for bridge in bridges),
            liability=sum(bridge.liability for bridge in bridges),
            tips=sum(bridge.tips for bridge in bridges),
            rounding=sum(bridge.rounding for bridge in bridges),
            settled=sum(bridge.settled for bridge in bridges),
        )

    @property
    def booked(self) -> int:
        """What the sales documents in the books amount to, refunds negative."""
        return sum(SIGNS.get(d.entity, 0) * d.total for d in self.documents)

    def count_reasons(self, outcome: str) -> dict[str, int]:
        """How many receipts had this outcome, by reason."""
        return dict(
            sorted(Counter(_reasons(self.decisions, outcome)).items())
        )  # sorted: the table is compared between runs

    def count_expected(self) -> dict[str, int]:
        """How many documents of each kind there must be; payments at least."""
        counts: Counter[str] = Counter()
        for decision in self.decisions:
            if decision.bundle:
                for form in decision.bundle.forms:
                    counts[form.entity] += 1
                    counts["Payment"] += len(form.payments)
                counts["Payment"] += len(decision.bundle.received)
                counts["JournalEntry"] += len(decision.bundle.entries)
        return {kind: counts[kind] for kind in (*KINDS, "Payment")}

    def count_found(self) -> dict[str, int]:
        """How many documents of each kind there are."""
        counts = Counter(document.entity for document in self.documents)
        return {kind: counts[kind] for kind in (*KINDS, "Payment")}

    def summarize(self) -> dict[str, Any]:
        """Everything in the table, JSON-ready; amounts are text in euros."""
        bridge = self.bridge
        return {
            "good": self.good,
            "receipts": len(self.decisions),
            "expected": self.count_expected(),
            "found": self.count_found(),
            "skipped": self.count_reasons(SKIPPED),
            "waiting": self.count_reasons(WAITING),
            "failed": self.count_reasons(FAILED),
            "bridge": {
                "till total": show(bridge.till),
                "liability tenders": show(-bridge.liability),
                "tips": show(bridge.tips),
                "rounding": show(bridge.rounding),
                "settled": show(-bridge.settled),
                "expected target total": show(bridge.target),
            },
            "target total": show(self.booked),
            "difference": show(self.booked - bridge.target),
            "vat differences": {
                "count": len(self.vat_differences),
                "sum": show(sum(found.amount for found in self.vat_differences)),
            },
            "problems": list(self.problems),
        }

    def to_json(self) -> dict[str, Any]:
        """The summary, what became of each receipt, and each VAT difference."""
        return {
            **self.summarize(),
            "documents": {
                decision.receipt.id: {
                    "number": "-".join(decision.receipt.number or ()),
                    "outcome": decision.outcome,
                    "reason": decision.reason,
                    "found": list(self.found.get(decision.receipt.id, ())),
                }
                for decision in self.decisions
            },
            "expected_vat_differences": [
                {
                    "receipt": decision.receipt.id,
                    "code": code,
                    "reason": reason,
                    "difference": show(amount),
                }
                for decision in self.decisions
                if decision.bundle
                for (code, reason), amount in decision.bundle.added.items()
            ],
            "vat_differences": [
                {
                    "receipt": found.receipt,
                    "document": found.document,
                    "code": found.code,
                    "rate": found.rate,
                    "till": show(found.till),
                    "books": show(found.books),
                    "difference": show(found.amount),
                }
                for found in self.vat_differences
            ],
        }


def format_table(verdict: Verdict) -> str:
    """The table that people read."""
    summary = verdict.summarize()
    rows: list[tuple[str, str]] = [("receipts read", str(summary["receipts"]))]
    for kind, count in summary["found"].items():
        expected = summary["expected"][kind]
        if count or expected:
            rows.append((f"{kind} found / expected", f"{count} / {expected}"))
    for outcome in (SKIPPED, WAITING, FAILED):
        rows += [
            (f"{outcome}: {reason}", str(count))
            for reason, count in summary[outcome].items()
        ]
    rows += summary["bridge"].items()
    rows += [
        ("target total", summary["target total"]),
        ("difference", summary["difference"]),
    ]
    differences = summary["vat differences"]
    if differences["count"]:
        label = "VAT differences, count and sum"
        rows.append((label, f"{differences['count']} / {differences['sum']}"))
    rows.append(("problems", str(len(verdict.problems))))
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value:>16}" for label, value in rows)


def _reasons(decisions: Sequence[Decision], outcome: str) -> list[str]:
    return [found.reason for found in decisions if found.outcome == outcome]

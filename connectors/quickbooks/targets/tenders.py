"""What the tenders of a receipt are for the books."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.datamodel import Tender
from connectors.writes import Mapped
from integration_hub.core.errors import MappingError

ZERO = Decimal(0)
PAYMENTS = frozenset({"payment", "third_party"})
# What the shop used itself: never paid, whoever books it.
OWN_USE = frozenset({"not_a_sale", "own_use", "breakage", "promotion"})
TREATMENTS = frozenset({"on_account", "gift_card", "deposit", "own_voucher"}) | OWN_USE
# By what field the tenders of a treatment are told apart.
PARTS = {"gift_card": "tax_code", "own_voucher": "deposit_account"}
MAP_PAGE = "Map it in the value map “Tenders”."


@dataclass(frozen=True, slots=True)
class Payment:
    """What came into (or left) one account by one tender on one day.

    ``id`` is that of the first payment summed here; ``parts`` are all of them, by id.
    """

    id: str
    method: str
    payment_method: str
    account: str
    date: date
    amount: Decimal
    parts: tuple[tuple[str, Decimal], ...] = ()

    def split(self, amount: Decimal | None) -> tuple[Payment, ...]:
        """The first parts that make ``amount``, as they were posted, and the others.

        Itself alone where no parts make it.
        """
        total = ZERO
        for count, (_id, part) in enumerate(self.parts, start=1):
            total += part
            if total == amount and count < len(self.parts):
                rest = self.parts[count:]
                return (
                    replace(self, amount=total, parts=self.parts[:count]),
                    replace(
                        self, id=rest[0][0], amount=self.amount - total, parts=rest
                    ),
                )
        return (self,)


@dataclass(slots=True)
class Tenders:
    """The tenders of a receipt: payments one by one, the rest by treatment.

    ``sums`` are by treatment and what else tells them apart: the tax code of a gift
    card, the account of an own voucher.
    """

    payments: tuple[Payment, ...] = ()
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()

    def total(self, treatment: str) -> Decimal:
        """The sum of all tenders with this treatment (not for payments)."""
        return sum(self.parts(treatment).values(), ZERO)

    def parts(self, treatment: str) -> dict[str, Decimal]:
        """The sums of this treatment, by tax code or account."""
        return {part: s for (name, part), s in self.sums.items() if name == treatment}

    @property
    def treatments(self) -> frozenset[str]:
        """The treatments of all tenders that are no payments."""
        return frozenset(name for name, _part in self.sums)

    @property
    def on_account(self) -> Decimal:
        """What stays open on the customer."""
        return self.total("on_account")

    @property
    def liabilities(self) -> Decimal:
        """What is booked as a line on a liability: own gift cards, deposits used."""
        return self.total("gift_card") + self.total("deposit")

    @property
    def only_own_use(self) -> bool:
        """Whether nothing but own use (breakage, promotion) stands against the goods."""
        return bool(self.sums) and self.treatments <= OWN_USE and not self.payments

    @property
    def own_use(self) -> Decimal:
        """What the shop used itself (broke, gave away)."""
        return sum((self.total(treatment) for treatment in OWN_USE), ZERO)

    @property
    def expected_total(self) -> Decimal:
        """What was paid into accounts and what stays open; negative for a refund."""
        return sum((p.amount for p in self.payments), self.on_account)


def sort_tenders(mapped: Mapped) -> Tenders:
    """Sum the tenders of a receipt: change is netted, what becomes 0.00 drops out.

    Raises MappingError naming the tender that has no treatment or no account.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    payments: dict[tuple[Any, ...], Payment] = {}
    for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True):
        if not tender.amount:
            continue
        treatment = find_treatment(tender, fields)
        if treatment not in PAYMENTS:
            part = treatment, str(fields.get(PARTS.get(treatment, "")) or "")
            sums[part] = sums.get(part, ZERO) + tender.amount
            continue
        payment = read_payment(tender, fields)
        key = (
            payment.method,
            payment.payment_method,
            payment.account,
            payment.date,
        )
        payments[key] = _add(payments.get(key), payment)
    return Tenders(
        payments=tuple(p for p in payments.values() if p.amount),
        sums=sums,
        accounts=tuple(dict.fromkeys(p.account for p in payments.values())),
    )


def find_treatment(tender: Tender, fields: Mapping[str, Any]) -> str:
    """The mapped treatment. Raises MappingError if there is none."""
    treatment = str(fields.get("treatment") or "")
    if treatment in PAYMENTS or treatment in TREATMENTS:
        return treatment
    name = tender.description or tender.method
    if not treatment:
        raise MappingError(
            f"The tender “{name}” is not mapped.",
            code="unmapped tender",
            reference=tender.method,
            action=MAP_PAGE,
        )
    raise MappingError(
        f"The tender “{name}” has the treatment “{treatment}”, which does not exist.",
        code="treatment",
        reference=treatment,
        action=MAP_PAGE,
    )


def read_payment(tender: Tender, fields: Mapping[str, Any]) -> Payment:
    """A tender that goes into an account. Raises MappingError without an account."""
    account = str(fields.get("deposit_account") or "")
    if not account:
        raise MappingError(
            f"The tender “{tender.description or tender.method}” has no deposit "
            f"account for branch {tender.branch or 'of the receipt'}.",
            code="tender account",
            reference=f"{tender.method}:{tender.branch}",
            action=MAP_PAGE,
        )
    return Payment(
        id=tender.id,
        method=tender.method,
        payment_method=str(fields.get("payment_method") or ""),
        account=account,
        date=tender.date,
        amount=tender.amount,
        parts=((tender.id, tender.amount),),
    )


def check_accounts(tenders: Tenders, usable: Collection[str]) -> None:
    """Raise MappingError for a payment into an account that cannot take it.

    Asked before anything is sent, because QuickBooks does not say which account it
    refuses. ``usable`` is empty where it is not known.
    """
    for payment in tenders.payments:
        if usable and payment.account not in usable:
            raise MappingError(
                f"The tender “{payment.method}” goes to account {payment.account}, "
                f"which QuickBooks does not have or does not use any more, or which "
                f"is no clearing account.",
                code="unknown account",
                reference=payment.account,
                action="Make it active again in QuickBooks, or choose another in the "
                "value map “Tenders”; then choose Retry.",
            )


def _add(first: Payment | None, second: Payment) -> Payment:
    if first is None:
        return second
    return replace(
        first,
        amount=first.amount + second.amount,
        parts=first.parts + second.parts,
    )

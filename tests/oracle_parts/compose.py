"""From a receipt that must be in the books to the document that must be there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from .expected import (
    POSTED,
    Bridge,
    CodeSum,
    Decision,
    Expected,
    ExpectedPayment,
)
from .lines import carry_lines, is_deposit, is_gift_card
from .records import Relation, TillLine, TillReceipt, TillVat
from .rules import (
    Shop,
    Tenders,
    find_rounding,
    find_tax_code,
    map_vat,
    names_customer,
    refuse,
    sum_tenders,
)

NUMBER_LENGTH = 21
SUFFIX_LENGTH = 2


def decide(receipt: TillReceipt, shop: Shop) -> Decision:
    """What becomes of a receipt, with the document it must become, if any."""
    tenders = sum_tenders(receipt, shop.setup)
    refused = refuse(receipt, tenders, shop)
    if refused is not None:
        return refused
    expected = _Composer(receipt, tenders, shop).compose()
    return Decision(receipt, POSTED, expected.entity, expected)


def make_numbers(receipt: TillReceipt, prefix: str) -> tuple[str, ...]:
    """The DocNumbers that a receipt may carry, the ordinary one first.

    Two of the 21 characters are kept for a suffix; the rule leaves open whether a
    number that needs them is already too long, so both forms are right then.
    """
    short = f"{prefix}R{receipt.id.replace('-', '').lower()[:18]}"
    if receipt.number is None:
        return (short,)
    branch, till, year, number = receipt.number
    full = f"{prefix}R{branch}-{till}-{int(year) % 100:02d}-{number}"
    if len(full) > NUMBER_LENGTH:
        return (short,)
    if len(full) > NUMBER_LENGTH - SUFFIX_LENGTH:
        return full, short
    return (full,)


@dataclass(frozen=True, slots=True)
class _Composer:
    receipt: TillReceipt
    tenders: Tenders
    shop: Shop

    def compose(self) -> Expected:
        receipt, tenders, setup = self.receipt, self.tenders, self.shop.setup
        bridge = Bridge(
            till=receipt.total_incl,
            liability=tenders.gift_card,
            tips=0,
            rounding=find_rounding(receipt, tenders) or 0,
        )
        sign = -1 if bridge.target < 0 else 1
        payments = tuple(self._read_payments(sign))
        single = len(payments) < 2 and not tenders.on_account
        relation = names_customer(receipt, self.shop)
        return Expected(
            receipt=receipt,
            entity=_choose_entity(sign, single=single),
            numbers=make_numbers(receipt, setup.prefix),
            day=receipt.day,
            total=abs(bridge.target),
            customer=relation,
            location=setup.locations.get(receipt.branch, ""),
            parts=self._sum_parts(sign, bridge),
            codes=self._sum_codes(sign),
            account=payments[0].account if single and payments else "",
            method=payments[0].method if single and payments else "",
            payments=() if single else payments,
            balance=tenders.on_account,
            term=self._find_term(relation),
            due=self._find_due(relation),
            bridge=bridge,
        )

    def _read_payments(self, sign: int) -> list[ExpectedPayment]:
        setup = self.shop.setup
        return [
            ExpectedPayment(
                account=setup.tenders[method].find_account(branch),
                method=setup.tenders[method].payment_method,
                amount=sign * amount,
                day=day,
            )
            for (method, branch, day), amount in self.tenders.left.items()
        ]

    def _sum_parts(self, sign: int, bridge: Bridge) -> dict[tuple[str, str], int]:
        """Gross by account and tax code: goods, liabilities and rounding."""
        setup = self.shop.setup
        parts: dict[tuple[str, str], int] = defaultdict(int)
        lines = self._lines()
        for line, code in lines:
            parts[self._find_account(line), code] += sign * line.incl
        gift_card = setup.liabilities["gift_card"], setup.no_vat
        parts[gift_card] -= sign * self.tenders.gift_card
        parts[setup.payment_differences, setup.no_vat] += sign * bridge.rounding
        cent = self.receipt.total_incl - sum(line.incl for line, _ in lines)
        # More is VAT rounded on the sum, and lies on the lines: see their slack.
        cent = cent if abs(cent) <= 1 else 0
        parts[setup.rounding, setup.no_vat] += sign * cent
        return {key: amount for key, amount in parts.items() if amount}

    def _sum_codes(self, sign: int) -> dict[str, CodeSum]:
        """Turnover and VAT per tax code as the till itself sums them."""
        gross: dict[str, int] = defaultdict(int)
        count: dict[str, int] = defaultdict(int)
        for line, code in self._lines():
            gross[code] += sign * line.incl
            count[code] += 1
        nets = dict(gross)
        vats: dict[str, int] = defaultdict(int)
        for code, groups in self._group_vat().items():
            nets[code] = sign * sum(group.excl for group in groups)
            vats[code] = sign * sum(group.vat for group in groups)
        return {
            code: CodeSum(
                gross=nets[code] + vats[code],
                net=nets[code],
                vat=vats[code],
                slack=abs(nets[code] + vats[code] - amount),
                lines=count[code],
            )
            for code, amount in gross.items()
            if code != self.shop.setup.no_vat
        }

    def _group_vat(self) -> dict[str, list[TillVat]]:
        groups: dict[str, list[TillVat]] = defaultdict(list)
        for group in self.receipt.vat:
            groups[map_vat(group, self.shop) or ""].append(group)
        return groups

    def _lines(self) -> list[tuple[TillLine, str]]:
        return [
            (line, find_tax_code(line, self.receipt, self.shop) or "")
            for line in carry_lines(self.receipt) or ()
            if line.incl
        ]

    def _find_account(self, line: TillLine) -> str:
        setup = self.shop.setup
        if is_gift_card(line):
            return setup.liabilities["gift_card"]
        if is_deposit(line):
            return setup.liabilities["refundable_deposit"]
        return setup.find_income(line.group)

    def _find_term(self, relation: Relation | None) -> str:
        if relation is None or relation.days is None or not self.tenders.on_account:
            return ""
        return self.shop.setup.terms.get(relation.days, "")

    def _find_due(self, relation: Relation | None) -> str:
        if relation is None or not relation.days or not self.tenders.on_account:
            return ""
        return (self.receipt.day + timedelta(days=relation.days)).isoformat()


def _choose_entity(sign: int, *, single: bool) -> str:
    if sign < 0:
        return "RefundReceipt"
    return "SalesReceipt" if single else "Invoice"

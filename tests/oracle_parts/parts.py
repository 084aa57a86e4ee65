"""The lines of a receipt's documents: account, tax code, gross and net, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .codes import (
    NONE,
    SHIFTED,
    find_account,
    find_shifting_country,
    find_tax_code,
    map_vat,
)
from .expected import FAILED, Part, RefusedError
from .lines import NO_CODE, is_deposit, is_gift_card, is_settlement
from .records import TillLine, TillReceipt
from .shop import Shop
from .sums import VOUCHER, TillSum, fit_gross, fit_nets, spread
from .tenders import Tenders

SINGLE_PURPOSE = "single-purpose gift card"
DEPOSIT = "refundable deposit"
MARGIN = "margin goods"


@dataclass(frozen=True, slots=True)
class PartMaker:
    """Makes the parts of one receipt. ``lines`` are those that carry its total."""

    receipt: TillReceipt
    tenders: Tenders
    shop: Shop
    lines: tuple[TillLine, ...]

    def make(self, *, tips: int, rounding: int) -> list[Part]:
        """All parts, in the till's sign; their sum is what must be paid."""
        setup = self.shop.setup
        if self.receipt.vat_method == SHIFTED:
            find_shifting_country(self.receipt, self.shop)
        sums = self.sum_till()
        parts = self._make_goods(sums)
        cent = self.receipt.total_incl - sum(line.incl for line in self.lines)
        if abs(cent) > 1:
            # VAT that the till rounds on the sum: the lines hold it.
            parts, cent = fit_gross(parts, sums), 0
        parts += self._make_own_use(parts, sums)
        parts = fit_nets(parts, sums)
        parts += self._make_gift_cards()
        parts += self._make_vouchers(parts)
        for account, amount in (
            (setup.liabilities.get("tips", ""), tips),
            (setup.accounts.payment_differences, rounding),
            (setup.accounts.rounding, cent),
        ):
            if amount:
                parts.append(Part(account, setup.no_vat, amount, amount))
        return parts

    def sum_till(self) -> dict[str, TillSum]:
        """The till's own turnover and VAT by tax code, margin goods left out."""
        sums: dict[str, TillSum] = defaultdict(TillSum)
        if self.receipt.vat_method in (SHIFTED, NONE):
            return sums
        for group in self.receipt.vat:
            found = sums[map_vat(group, self.shop) or ""]
            found.net += group.excl
            found.vat += group.vat
        for line in self.lines:
            if self.shop.setup.supply.get(line.group) == "margin":
                self._take_out(line, sums)
        return sums

    def _take_out(self, line: TillLine, sums: Mapping[str, TillSum]) -> None:
        for group in self.receipt.vat:
            if group.code == line.vat_code:
                found = sums[map_vat(group, self.shop) or ""]
                found.net -= line.excl
                found.vat -= line.incl - line.excl

    def _make_goods(self, sums: Mapping[str, TillSum]) -> list[Part]:
        special: dict[str, int] = defaultdict(int)
        gross: dict[str, int] = defaultdict(int)
        coded = []
        for line in self.lines:
            if is_settlement(line):
                continue
            code = find_tax_code(line, self.receipt, self.shop)
            if not line.incl:
                continue
            gross[code] += line.incl
            if name_liability(line):
                special[code] += line.incl
            coded.append((line, code))
        outside = {
            code
            for code, amount in special.items()
            if amount and self._leaves_out(sums, code, gross[code], amount)
        }
        parts = []
        for line, code in coded:
            if self.tenders.left_out and line.bpe:
                parts += self._put_own_use_back(line, code)
            else:
                parts.append(self._make_line(line, code, code in outside))
        return parts

    def _leaves_out(
        self, sums: Mapping[str, TillSum], code: str, gross: int, special: int
    ) -> bool:
        """Whether the till's VAT sums hold the goods and not the liabilities."""
        if code == self.shop.setup.no_vat:
            return False
        till = sums[code].gross if code in sums else 0
        return abs(till - gross) > 1 >= abs(till - (gross - special))

    def _make_line(self, line: TillLine, code: str, left_out: bool) -> Part:
        account = find_account(line, self.shop)
        added = name_liability(line) if left_out else ""
        if added:
            return self._add(account, code, line.incl, added)
        taxed = line.vat_code not in NO_CODE and not self._is_untaxed(line)
        return Part(account, code, line.incl, line.excl if taxed else line.incl)

    def _is_untaxed(self, line: TillLine) -> bool:
        margin = self.shop.setup.supply.get(line.group) == "margin"
        return margin or self.receipt.vat_method in (SHIFTED, NONE)

    def _add(self, account: str, code: str, gross: int, reason: str) -> Part:
        """A part with VAT that the till does not count."""
        rate = Decimal(self.shop.setup.find_rate(code) or 0)
        net = Decimal(gross) / (1 + rate / 100)
        rounded = int(net.quantize(Decimal(1), ROUND_HALF_UP))
        return Part(account, code, gross, rounded, reason if rate else "")

    def _make_gift_cards(self) -> list[Part]:
        setup = self.shop.setup
        parts = []
        for method, amount in self.tenders.gift_cards.items():
            used = setup.tenders[method].treatment == "deposit"
            account = setup.liabilities["customer_deposit" if used else "gift_card"]
            code = setup.tenders[method].tax_code or setup.no_vat
            if amount and code != setup.no_vat and self.receipt.vat_method == SHIFTED:
                raise RefusedError(FAILED, "gift card and shifted VAT")
            if amount:
                parts.append(self._add(account, code, -amount, SINGLE_PURPOSE))
        return parts

    def _make_vouchers(self, parts: Iterable[Part]) -> list[Part]:
        setup = self.shop.setup
        found = []
        for method, amount in self.tenders.vouchers.items():
            account = setup.tenders[method].find_account(self.receipt.branch)
            found += [
                self._add(account, code, -share, VOUCHER)
                for code, share in spread(amount, self._weigh(parts, amount)).items()
                if share
            ]
        return found

    def _weigh(self, parts: Iterable[Part], amount: int) -> dict[str, int]:
        """The goods that a voucher is for, by tax code."""
        setup, goods = self.shop.setup, dict[str, int]()
        no_goods = {*setup.liabilities.values(), setup.accounts.purchases}
        no_goods.add(setup.accounts.own_use)
        for part in parts:
            if part.code != setup.no_vat and part.account not in no_goods:
                goods[part.code] = goods.get(part.code, 0) + part.gross
        # A code of which more came back than was sold bears no voucher.
        return {code: gross for code, gross in goods.items() if gross * amount > 0}

    def _put_own_use_back(self, line: TillLine, code: str) -> list[Part]:
        """A line whose amount does not hold what the shop used of it: sold and used."""
        account, own_use = (
            find_account(line, self.shop),
            self.shop.setup.accounts.own_use,
        )
        if not own_use:
            raise RefusedError(FAILED, "part own use")
        return [
            self._add(account, code, line.incl + line.bpe, ""),
            self._add(own_use, code, -line.bpe, ""),
        ]

    def _make_own_use(
        self, parts: Iterable[Part], sums: Mapping[str, TillSum]
    ) -> list[Part]:
        """The part that the shop used itself: by the till's VAT with or without."""
        used, setup = self.tenders.used, self.shop.setup
        if not used:
            return []
        account = setup.accounts.own_use
        if not account:
            raise RefusedError(FAILED, "part own use")
        gross: dict[str, int] = defaultdict(int)
        for part in parts:
            counted = part.code in sums or setup.find_rate(part.code)
            if not part.added and counted:
                gross[part.code] += part.gross
        till = {code: found.gross for code, found in sums.items()}
        missing = {code: gross[code] - till.get(code, 0) for code in gross}
        if not till or all(abs(amount) <= 1 for amount in missing.values()):
            return [Part(account, setup.no_vat, -used, -used)]
        if abs(sum(missing.values()) - used) > 1:
            raise RefusedError(FAILED, "part own use")
        largest = max(missing, key=lambda code: abs(missing[code]))
        missing[largest] += used - sum(missing.values())
        return [
            self._add(account, code, -amount, "")
            for code, amount in missing.items()
            if amount
        ]


def name_liability(line: TillLine) -> str:
    """Why a line with VAT is none of the till's turnover, "" if it is."""
    if is_gift_card(line):
        return SINGLE_PURPOSE
    return DEPOSIT if is_deposit(line) else ""

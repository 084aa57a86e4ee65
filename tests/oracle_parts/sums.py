"""Sums of parts beside the till's own: nets that fit, VAT per code, shares in cents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from .expected import FAILED, CodeSum, Part, RefusedError

VOUCHER = "own discount voucher"


@dataclass(slots=True)
class TillSum:
    """What the till itself sums under a tax code of the books."""

    net: int = 0
    vat: int = 0

    @property
    def gross(self) -> int:
        """Turnover with VAT."""
        return self.net + self.vat


def spread(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide an amount by weights in whole cents; the largest take what is left."""
    total = sum(weights.values())
    if not total:
        raise RefusedError(FAILED, "voucher without goods")
    shares = {code: int(Decimal(amount * weights[code]) / total) for code in weights}
    left = amount - sum(shares.values())
    largest = sorted(weights, key=lambda code: -abs(weights[code]))
    for turn in range(abs(left)):
        shares[largest[turn % len(largest)]] += 1 if left > 0 else -1
    return shares


def fit_gross(parts: list[Part], sums: Mapping[str, TillSum]) -> list[Part]:
    """Move the parts' amounts by cents, the largest first, until they are the till's."""
    found = list(parts)
    for code, till in sums.items():
        places = [n for n, part in enumerate(found) if _counts(part, code)]
        places.sort(key=lambda place: -abs(found[place].gross))
        missing = till.gross - sum(found[place].gross for place in places)
        step = 1 if missing > 0 else -1
        for turn in range(abs(missing) if places else 0):
            place = places[turn % len(places)]
            found[place] = replace(found[place], gross=found[place].gross + step)
    return found


def fit_nets(parts: list[Part], sums: Mapping[str, TillSum]) -> list[Part]:
    """Move cents between net and VAT, on the largest first, until VAT is the till's."""
    found = list(parts)
    for code, till in sums.items():
        places = [n for n, part in enumerate(found) if _counts(part, code)]
        places.sort(key=lambda place: -abs(found[place].gross))
        vat = sum(found[place].gross - found[place].net for place in places)
        step = 1 if vat > till.vat else -1
        for turn in range(abs(vat - till.vat) if places else 0):
            place = places[turn % len(places)]
            found[place] = replace(found[place], net=found[place].net + step)
    return found


def _counts(part: Part, code: str) -> bool:
    return part.code == code and not part.added


def sum_codes(
    parts: Iterable[Part], sums: Mapping[str, TillSum], no_vat: str
) -> dict[str, CodeSum]:
    """Turnover and VAT per tax code: the till's own, with what is added to it."""
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.code].append(part)
    found = {}
    for code, group in groups.items():
        if code == no_vat:
            continue
        plain = [part for part in group if not part.added]
        added = [part for part in group if part.added]
        counted = sums[code] if code in sums else _sum(plain)
        extra = _sum(added)
        found[code] = CodeSum(
            gross=counted.gross + extra.gross,
            net=counted.net + extra.net,
            vat=counted.vat + extra.vat,
            # Which rate takes the odd cent of a voucher is nobody's business.
            slack=abs(counted.gross - _sum(plain).gross)
            + any(part.added == VOUCHER for part in added),
            lines=len(group),
        )
    return found


def _sum(parts: Iterable[Part]) -> TillSum:
    total = TillSum()
    for part in parts:
        total.net += part.net
        total.vat += part.gross - part.net
    return total


def sum_added(parts: Iterable[Part]) -> dict[tuple[str, str], int]:
    """The VAT that the till does not count, by tax code and reason."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        if part.added and part.gross != part.net:
            found[part.code, part.added] += part.gross - part.net
    return dict(found)

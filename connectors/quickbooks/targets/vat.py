"""VAT per rate: the till's own sums are the truth, the lines are made to agree.

Documents go VAT-inclusive with a net and a gross amount per line. A company may take
our amounts or compute its own, per line or per rate (Intuit documents neither), so
our own VAT is sent along where any of these ways gives another sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.datamodel import VatTotal
from connectors.quickbooks.targets.options import TaxCode
from connectors.writes import Difference, Ref
from integration_hub.core.errors import Rejected

ZERO = Decimal(0)
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
LINES_PER_CENT = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a document to be; amounts and quantity in the document's sign.

    ``item`` is a write of the plan, or the id of an item that is there already.
    ``vat_code`` and ``rate`` are the till's; "" is a line outside the till's VAT.
    ``tax_excluded`` says that the document's amounts go without VAT: it is shifted.
    """

    item: Ref | str
    text: str
    quantity: Decimal
    gross: Decimal
    net: Decimal
    tax_code: str
    rate: Decimal = ZERO
    vat_code: str = ""
    class_id: str = ""
    tax_excluded: bool = False

    @property
    def vat(self) -> Decimal:
        """Gross less net."""
        return self.gross - self.net


def round_cents(amount: Decimal) -> Decimal:
    """Half up, away from zero: to whole cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def take_net(gross: Decimal, rate: Decimal) -> Decimal:
    """The net amount in a gross one, rounded to cents."""
    return round_cents(gross * HUNDRED / (HUNDRED + rate))


def show_rate(rate: Decimal) -> str:
    """21.00 as "21": how a rate is named everywhere."""
    return f"{rate.normalize():f}" if rate else "0"


def match_till(
    pieces: Sequence[Piece], totals: Iterable[VatTotal], *, spare: int = 0
) -> list[Piece]:
    """Move the nets by cents, largest line first, until VAT is the till's per code.

    At most one cent per line, ``spare`` cents more where the till's own sums lie so
    far apart. Raises Rejected, with the amounts, when that is not enough, and where
    the till's sums leave out a code that has VAT.
    """
    result = list(pieces)
    truth: dict[tuple[str, str], Decimal] = {}
    for total in totals:
        key = total.vat_code, show_rate(total.vat_rate)
        truth[key] = truth.get(key, ZERO) + total.vat
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, piece in enumerate(result):
        if piece.vat_code:
            places[piece.vat_code, show_rate(piece.rate)].append(place)
    for key, vat in truth.items():
        if vat and key not in places:
            raise _refuse(key, vat, ZERO)
    for key, members in places.items():
        vat = truth[key] if key in truth else _expect_none(result, members, key)
        _move_cents(result, members, vat, spare=spare, key=key)
    return result


def _expect_none(
    pieces: Sequence[Piece], places: Sequence[int], key: tuple[str, str]
) -> Decimal:
    """No VAT, for a code that the till's sums leave out. Raises Rejected.

    It may leave out only what cancels itself out, a sale and its return say.
    """
    vat = sum((pieces[place].vat for place in places), ZERO)
    if vat and sum((pieces[place].gross for place in places), ZERO):
        raise _refuse(key, ZERO, vat)
    return ZERO


def _move_cents(
    pieces: list[Piece],
    places: list[int],
    vat: Decimal,
    *,
    spare: int,
    key: tuple[str, str],
) -> None:
    computed = sum((pieces[place].vat for place in places), ZERO)
    cents = int((computed - vat) / CENT)
    if abs(cents) > len(places) + spare:
        raise _refuse(key, vat, computed)
    largest = sorted(places, key=lambda place: -abs(pieces[place].gross))
    step = CENT if cents > 0 else -CENT
    for turn in range(abs(cents)):
        place = largest[turn % len(largest)]
        pieces[place] = replace(pieces[place], net=pieces[place].net + step)


def _refuse(key: tuple[str, str], vat: Decimal, computed: Decimal) -> Rejected:
    code, rate = key
    return Rejected(
        f"The till says {vat} VAT for VAT code {code} ({rate} %), its lines make "
        f"{computed}.",
        code="vat does not add up",
        reference=code,
        action="Look at this receipt in the till.",
    )


def sum_vat(pieces: Iterable[Piece]) -> dict[str, Decimal]:
    """VAT by rate; rates without VAT are left out."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for piece in pieces:
        if piece.rate:
            sums[show_rate(piece.rate)] += piece.vat
    return dict(sums)


def needs_tax_detail(pieces: Iterable[Piece]) -> bool:
    """Whether some company would compute another VAT from these lines than ours."""
    groups: dict[tuple[str, Decimal], list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.rate:
            groups[piece.tax_code, piece.rate].append(piece)
    for (_, rate), members in groups.items():
        ours = sum((piece.vat for piece in members), ZERO)
        per_line = sum((p.gross - take_net(p.gross, rate) for p in members), ZERO)
        gross = sum((piece.gross for piece in members), ZERO)
        if not ours == per_line == gross - take_net(gross, rate):
            return True
    return False


def make_tax_detail(
    pieces: Sequence[Piece], tax_codes: Mapping[str, TaxCode]
) -> dict[str, Any] | None:
    """The TxnTaxDetail with our VAT per rate; None when a code's rate is not known."""
    nets: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    vats: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for piece in pieces:
        if not piece.rate:
            continue
        code = tax_codes.get(piece.tax_code)
        if code is None or not code.rate_id:
            return None
        key = code.rate_id, show_rate(piece.rate)
        nets[key] += piece.net
        vats[key] += piece.vat
    return {
        "TotalTax": sum(vats.values(), ZERO),
        "TaxLine": [
            {
                "Amount": vats[key],
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {
                    "TaxRateRef": {"value": key[0]},
                    "PercentBased": True,
                    "TaxPercent": Decimal(key[1]),
                    "NetAmountTaxable": nets[key],
                },
            }
            for key in nets
        ],
    }


def compare_vat(
    pieces: Sequence[Piece], returned: Mapping[str, str], *, sign: int
) -> tuple[list[Difference], str]:
    """Differences per rate between our VAT and what came back, in the till's sign.

    The text names the rate whose difference is more than a cent per ten lines, ""
    if there is none.
    """
    expected = sum_vat(pieces)
    found = {rate: Decimal(str(vat)) for rate, vat in returned.items()}
    differences = []
    too_large = ""
    for rate in sorted({*expected, *found}, key=Decimal):
        ours, theirs = expected.get(rate, ZERO), found.get(rate, ZERO)
        if ours == theirs:
            continue
        differences.append(
            Difference(
                f"VAT {rate} %", sign * ours, sign * theirs, "computed by QuickBooks"
            )
        )
        count = sum(1 for piece in pieces if show_rate(piece.rate) == rate)
        if abs(ours - theirs) > CENT * -(-count // LINES_PER_CENT):
            too_large = rate
    return differences, too_large

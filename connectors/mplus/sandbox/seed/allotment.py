"""How many receipts of which sort a seed holds, and where the rare ones stand."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from connectors.mplus.sandbox.seed.later_sorts import LATER_SORTS, RARE_SORTS

# Per cent of all receipts; what is left are plain sales.
_SHARES = {
    "cash_rounding": 6.0,
    "cash_rounding_split": 2.0,
    "change": 4.0,
    "several_tenders": 6.0,
    "refund": 4.0,
    "sold_and_returned": 3.0,
    "on_account": 4.0,
    "part_on_account": 2.0,
    "gift_card_sold": 3.0,
    "gift_card_redeemed": 3.0,
    "deposit_lines": 3.0,
    "cent_left": 2.0,
    "discount": 3.0,
    "weighed": 3.0,
    "zero_sale": 1.2,
    "unknown_type": 1.2,
    "unreadable_lines": 1.2,
    "unreadable_tenders": 1.2,
    "not_final": 1.4,
    "own_use": 1.2,
    "cash_in": 1.2,
    "cash_out": 1.2,
    "transfer": 1.2,
}
_LATER_SHARE = 0.35
# Each of the rare sorts, per cent; a smaller seed than the least has none.
_RARE_SHARE = 0.1
_LEAST = 300
# Half of these make way for them. No other receipt refers to one of these.
_MAKE_WAY = (
    "cash_rounding",
    "cash_rounding_split",
    "change",
    "refund",
    "sold_and_returned",
    "part_on_account",
    "gift_card_sold",
    "gift_card_redeemed",
    "deposit_lines",
    "cent_left",
    "discount",
    "weighed",
)


def allot_sorts(count: int, rng: random.Random) -> list[str]:
    """Which sorts ``count`` receipts are of, shuffled; at least one of each sort
    when there is room."""
    sorts = []
    for sort, share in _SHARES.items():
        sorts += [sort] * math.ceil(count * share / 100)
    for sort in LATER_SORTS:
        sorts += [sort] * max(1, round(count * _LATER_SHARE / 100))
    sorts = sorts[:count]
    sorts += ["sale"] * (count - len(sorts))
    rng.shuffle(sorts)
    return sorts


def place_rare_sorts(sorts: Sequence[str]) -> dict[int, str]:
    """Where in a seed of these sorts a rare one is rung up instead.

    Spread over the whole seed; at least one of each when there is room.
    """
    if len(sorts) < _LEAST:
        return {}
    places = sorted(
        place
        for sort in _MAKE_WAY
        for place in [n for n, each in enumerate(sorts) if each == sort][1::2]
    )
    each = max(1, round(len(sorts) * _RARE_SHARE / 100))
    wanted = [*RARE_SORTS] * each
    step = max(1.0, len(places) / len(wanted))
    chosen = [places[int(n * step)] for n in range(min(len(wanted), len(places)))]
    return dict(zip(chosen, wanted, strict=False))

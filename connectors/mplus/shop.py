"""How the shop is set up: what receipts refer to by number or code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.mplus.client import Client
from connectors.mplus.sources.countries import from_alpha_3


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A tender of the till; ``type`` is the till's own word for its kind."""

    code: str
    description: str = ""
    type: str = ""
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """Lists of the till, by the number or code that receipts use.

    ``countries`` is alpha-2 by branch; ``gift_card_groups`` are the turnover groups
    on which gift cards are sold; ``cash_methods`` the codes that a person named as
    cash (empty: by type and name).
    """

    countries: Mapping[int, str] = field(default_factory=dict)
    methods: Mapping[str, PaymentMethod] = field(default_factory=dict)
    group_types: Mapping[int, str] = field(default_factory=dict)
    gift_card_groups: frozenset[int] = frozenset()
    cash_methods: frozenset[str] = frozenset()


def load_shop(client: Client, *, cash_methods: Sequence[str] = ()) -> Shop:
    """Ask the till for its lists, in three calls."""
    methods = client.payment_methods()
    return Shop(
        countries={
            branch["branchNumber"]: from_alpha_3(branch.get("countryIso3") or "")
            for branch in client.branches()
        },
        methods={each["method"]: _read_method(each) for each in methods},
        group_types={
            group["turnoverGroup"]: group.get("turnoverGroupType") or ""
            for group in client.turnover_groups()
        },
        gift_card_groups=frozenset(
            each["giftcardType"]["turnoverGroupNumber"]
            for each in methods
            if (each.get("giftcardType") or {}).get("turnoverGroupNumber")
        ),
        cash_methods=frozenset(cash_methods),
    )


def _read_method(record: Mapping[str, Any]) -> PaymentMethod:
    return PaymentMethod(
        code=record["method"],
        description=record.get("description") or "",
        type=record.get("type") or "",
        gift_card=bool(record.get("giftcardType")),
    )

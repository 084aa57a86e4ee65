"""Which lines of a receipt carry its total, and what a line is for the books."""

from __future__ import annotations

from .records import TillLine, TillReceipt

NO_CODE = frozenset({"", "0"})
GIFT_CARD_GROUP = "TURNOVER-GROUP-TYPE-BALANCE-UPGRADE"
GIFT_CARD_PRICE = "PRICE-TYPE-GIFT-CARD"
DEPOSIT_GROUP = "TURNOVER-GROUP-TYPE-REFUNDABLE-DEPOSIT"
SETTLEMENTS = frozenset(
    {
        "TURNOVER-GROUP-TYPE-SUSPENSE",
        "TURNOVER-GROUP-TYPE-PAYMENT",
        "PRICE-TYPE-PAYMENT",
    }
)
WITHOUT_VAT = "VAT-METHOD-EXCLUSIVE"
# Lay-out of the printed receipt; a subtotal repeats amounts.
LAYOUT_LINES = frozenset(
    {"LINE-KIND-SUBTOTAL", "LINE-KIND-HEADER", "LINE-KIND-SECONDARY-HEADER"}
)


def carry_lines(receipt: TillReceipt) -> tuple[TillLine, ...] | None:
    """The lines that carry the total, to a cent; None when they do not add up.

    Sub-lines of some kinds carry an amount of their own in some tills and only
    describe the line above them in others: the total tells which. Where prices are
    without VAT, the till rounds VAT on the sum and each line by itself: then the nets
    tell, and the lines may be a cent each off.
    """
    lines = tuple(line for line in receipt.lines if line.kind not in LAYOUT_LINES)
    for kinds in ((), ("PREPARATION",), ("COMPONENT",), ("",)):
        counted = [part for line in lines for part in count_line(line, kinds)]
        off = abs(sum(line.incl for line in counted) - receipt.total_incl)
        nets = sum(line.excl for line in counted) == receipt.total_excl
        rounded = receipt.vat_method == WITHOUT_VAT and nets and off <= len(counted)
        if off <= 1 or rounded:
            if kinds:
                return tuple(counted)
            return tuple(part for line in lines for part in split_composite(line))
    return None


def count_line(line: TillLine, kinds: tuple[str, ...]) -> list[TillLine]:
    """A line and those under it whose kind ends with one of ``kinds``."""
    subs = [sub for sub in line.subs if any(sub.type.endswith(k) for k in kinds)]
    return [line, *(part for sub in subs for part in count_line(sub, kinds))]


def split_composite(line: TillLine) -> tuple[TillLine, ...]:
    """The parts of a line that has no VAT code because its parts have several."""
    parts = tuple(sub for sub in line.subs if sub.incl)
    coded = parts and all(part.vat_code not in NO_CODE for part in parts)
    whole = sum(part.incl for part in parts) == line.incl
    return parts if coded and whole and line.vat_code in NO_CODE else (line,)


def flatten_lines(lines: tuple[TillLine, ...]) -> list[TillLine]:
    """Lines and everything under them."""
    return [part for line in lines for part in (line, *flatten_lines(line.subs))]


def is_gift_card(line: TillLine) -> bool:
    """A gift card sold or reloaded."""
    return line.group_type == GIFT_CARD_GROUP or line.price_type == GIFT_CARD_PRICE


def is_deposit(line: TillLine) -> bool:
    """A refundable deposit on goods."""
    return line.group_type == DEPOSIT_GROUP


def is_settlement(line: TillLine) -> bool:
    """A line that pays an earlier debt."""
    return line.group_type in SETTLEMENTS or line.price_type in SETTLEMENTS

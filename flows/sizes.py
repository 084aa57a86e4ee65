"""What fits into the columns: an odd value of a source must never stop its page."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256

from connectors.writes import Write
from flows.models import Link, SyncRecord
from integration_hub.core.errors import UnsupportedError

CENT = Decimal("0.01")
# The digits before the point of the columns that hold amounts.
MOST_AMOUNT = Decimal(10) ** 12


def cut(text: str, column: str) -> str:
    """As much of a text as a sync record's column holds, of characters it can hold."""
    return storable(text)[: _length(SyncRecord, column)]


def shorten(text: str, column: str) -> str:
    """The text where it fits, else its beginning and a hash: equal for equal texts."""
    most = _length(SyncRecord, column)
    if len(text) <= most and storable(text) == text:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"{storable(text)[: most - 41]} {digest}"


def amount_fits(amount: Decimal) -> bool:
    """Whether an amount can be stored as it is: 12 digits and 2 decimals."""
    if not amount.is_finite() or abs(amount) >= MOST_AMOUNT:
        return False
    return amount == amount.quantize(CENT)


def find_misfit(writes: Iterable[Write]) -> UnsupportedError | None:
    """Why a record cannot be moved whose writes have names too long for the links."""
    for write in writes:
        for column in ("kind", "key", "role", "entity", "number"):
            text: str = getattr(write, column)
            most = _length(Link, column)
            if len(text) > most or storable(text) != text:
                return UnsupportedError(
                    f"The {column} of {write.entity[:40]} ({storable(text)[:40]}…) is "
                    f"longer than {most} characters or holds some that cannot be kept.",
                    code="too long",
                    reference=column,
                    action="Shorten it in the source, or choose Skip.",
                )
    return None


def storable(text: str) -> str:
    """A text without what databases do not take: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _length(model: type[Link | SyncRecord], column: str) -> int:
    length: int = model._meta.get_field(column).max_length  # type: ignore[union-attr,assignment]
    return length

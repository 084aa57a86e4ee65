"""What the value maps need, so that the first record they are for can be posted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.contract import NeededColumn, SetUp, SetUpLine
from connectors.quickbooks.facts import CHOOSE, settings_page
from connectors.quickbooks.maps import MOVEMENT_ACCOUNT, OWN_USE, TENDER_ACCOUNT
from connectors.quickbooks.targets.settings import TARGET_SETTINGS

SEVERAL = 5
# Which setting is needed where a column of a value map has one of these values.
SETTINGS = (
    ("tenders", "treatment", frozenset({"gift_card"}), "gift_card_account"),
    ("tenders", "treatment", frozenset({"deposit"}), "customer_deposit_account"),
    ("tenders", "treatment", OWN_USE, "default_expense_account"),
    ("groups", "supply", frozenset({"margin"}), "margin_code"),
    ("groups", "supply", frozenset({"purchases"}), "purchases_account"),
)
LABELS = {declared.name: declared.label for declared in TARGET_SETTINGS}
Row = tuple[Sequence[str], Mapping[str, str]]


def check_needs(set_up: SetUp) -> Iterator[SetUpLine]:
    """Tenders, VAT codes and cash movements are whole, and so are their settings."""
    tenders = set_up.maps.get("tenders", ())
    lacking = _find_lacking(tenders, TENDER_ACCOUNT)
    told = f"Without an account: {enumerate_names(lacking)}"
    yield _check_map(
        "tenders",
        "Tenders have their accounts",
        bool(tenders) and not lacking,
        told if tenders else "No tender is mapped.",
    )
    yield _check_map(
        "vat",
        "VAT codes are mapped",
        any(values.get("tax_code") for _keys, values in set_up.maps.get("vat", ())),
        "No VAT code is mapped.",
    )
    movements = set_up.maps.get("movements", ())
    lacking = _find_lacking(movements, MOVEMENT_ACCOUNT)
    yield _check_map(
        "movements",
        "Cash movements have their accounts",
        not lacking,
        f"Without an account: {enumerate_names(lacking)}",
    )
    yield from _check_settings(set_up)


def enumerate_names(names: Sequence[str]) -> str:
    """The first names, and how many more there are; a sentence ends with them."""
    more = len(names) - SEVERAL
    shown = ", ".join(names[:SEVERAL])
    return f"{shown} and {more} more." if more > 0 else f"{shown}."


def _find_lacking(rows: Sequence[Row], needed: NeededColumn) -> list[str]:
    """The rows that have nothing in a column they need."""
    return [" / ".join(keys) for keys, values in rows if needed.is_lacking(values)]


def _check_map(name: str, label: str, ok: bool, text: str) -> SetUpLine:
    if ok:
        return SetUpLine(label, ok=True)
    return SetUpLine(label, False, text, "Map them in the value map.", f"map:{name}")


def _check_settings(set_up: SetUp) -> Iterator[SetUpLine]:
    """The settings without which what is mapped could not be posted."""
    for name, column, chosen, setting in SETTINGS:
        rows = set_up.maps.get(name, ())
        if not any(values.get(column) in chosen for _keys, values in rows):
            continue
        label = f"“{LABELS[setting]}” is chosen"
        if str(set_up.settings.values.get(setting) or "").strip():
            yield SetUpLine(label, ok=True)
        else:
            text = f"It is not chosen, and the value map “{name}” needs it."
            yield SetUpLine(label, False, text, CHOOSE, settings_page(setting))

"""Whether a customer in the books is the relation of the till."""

from __future__ import annotations

from collections.abc import Iterator

from .ledger import BookCustomer
from .records import Relation


def compare_customer(
    relation: Relation | None, customer: BookCustomer | None, default_debtor: str
) -> Iterator[str]:
    """What is wrong with a document's customer; no relation: the default debtor."""
    name = customer.name if customer else ""
    if relation is None:
        if name != default_debtor:
            yield (
                f"is of customer {name!r}, not of the default debtor {default_debtor!r}"
            )
        return
    wanted = relation.company or relation.name
    if not is_called(name, relation):
        yield f"is of customer {name!r}, not {wanted!r} (relation {relation.number})"
    email = customer.email if customer else ""
    if looks_like_email(relation.email) and email.lower() != relation.email.lower():
        yield (
            f"is of a customer whose e-mail address is not that of"
            f" relation {relation.number}"
        )


def is_called(name: str, relation: Relation) -> bool:
    """Whether a name is the relation's, with or without its number behind it."""
    wanted = relation.company or relation.name
    if fold_name(name) == fold_name(wanted):
        return True
    numbered = name.endswith(relation.number) or f"({relation.number})" in name
    return numbered and fold_name(name).startswith(fold_name(wanted))


def looks_like_email(text: str) -> bool:
    """Whether the books take this for an address: they want an @ and a dot."""
    return "." in text.partition("@")[2]


def fold_name(name: str) -> str:
    """A name by its letters and digits: the books allow fewer other characters."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())

"""Proposes values for the rows of a value map: by rate, days, type, code and name.

Nothing is proposed where two entries fit equally well: a person has to look then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from connectors.contract import Choice
from mapping.listings import Declared, Lists, facts_of

# Facts that have to be the same where both sides tell them.
EXACT = ("rate", "days")
# How alike two names must be, from 0 to 1, and how much more than any other.
ENOUGH, LEAD = 0.6, 0.1
WORDS = re.compile(r"[^\W\d_]+|\d+")
# Words that mean the same at a till and in the books, in the languages of both.
SAME = (
    ("cash", "contant", "contanten", "kas", "kasgeld", "efectivo"),
    ("card", "cards", "pin", "pinnen", "eft", "debit", "bancontact", "tarjeta"),
    ("credit", "creditcard", "visa", "mastercard", "amex", "credito"),
    ("voucher", "vouchers", "bon", "bonnen", "cadeaukaart", "cheque", "vale"),
    ("gift", "cadeau", "cadeaubon", "cadeaubonnen", "regalo"),
    ("transfer", "overboeking", "overschrijving", "transferencia"),
    ("food", "voeding", "etenswaren", "comida", "alimentos"),
    ("drinks", "dranken", "bebidas", "beverages"),
    ("services", "service", "diensten", "servicios"),
    ("clothing", "clothes", "kleding", "ropa"),
    ("sales", "omzet", "verkoop", "verkopen", "revenue", "ventas"),
    ("vat", "btw", "iva", "tax"),
    ("days", "dagen", "dias", "net"),
    ("discount", "korting", "kortingsbon", "kortingsbonnen", "descuento"),
    ("own", "eigen", "propio"),
    ("use", "gebruik", "uso"),
    ("breakage", "breuk", "rotura"),
    ("promotion", "promotie", "promocion"),
)
CANON = {word: words[0] for words in SAME for word in words}
Row = tuple[Sequence[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Values for the columns of a row that has none there yet."""

    keys: tuple[str, ...]
    values: Mapping[str, str]


def suggest(
    keys: Sequence[Declared],
    columns: Sequence[Declared],
    rows: Sequence[Row],
    lists: Lists,
) -> Iterator[Proposal]:
    """A proposal for each row of which something empty can be filled."""
    for row, stored in rows:
        facts = facts_of(keys, row, lists)
        found: dict[str, str] = {}
        for column in columns:
            name = column["name"]
            if stored.get(name) or not _applies(column, {**stored, **found}):
                continue
            value = find_match(facts, lists.get(column.get("choices", ""), ()))
            if value:
                found[name] = value
        if found:
            yield Proposal(tuple(row), found)


def find_match(facts: Mapping[str, str], choices: Sequence[Choice]) -> str:
    """The id of the one entry that fits best, "" if none or several do."""
    fitting = [c for c in choices if c.active and _may_fit(facts, c)]
    scored = sorted(((score(facts, c), c.id) for c in fitting), reverse=True)
    if not scored or scored[0][0] < ENOUGH:
        return ""
    others = [points for points, value in scored[1:] if value != scored[0][1]]
    if others and others[0] > scored[0][0] - LEAD:
        return ""
    return scored[0][1]


def score(facts: Mapping[str, str], choice: Choice) -> float:
    """How well an entry fits, from 0 to 1."""
    if facts.get("account") and facts["account"] == choice.code:
        return 1.0
    alike = compare(f"{facts.get('name', '')} {facts.get('code', '')}", choice.name)
    alike = max(alike, compare(facts.get("name", ""), choice.name))
    if _is_of_type(facts, choice) or any(_agree(facts, choice, n) for n in EXACT):
        # Type, rate or days decide; the names only tell equal ones apart.
        return ENOUGH + (1 - ENOUGH) * alike
    return alike


def compare(one: str, other: str) -> float:
    """How many words two texts have in common, from 0 to 1."""
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs:
        return 0.0
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    found = WORDS.findall(text.casefold())
    return frozenset(CANON.get(word, word) for word in found)


def _may_fit(facts: Mapping[str, str], choice: Choice) -> bool:
    """Whether nothing that both sides tell speaks against it."""
    return not any(
        facts.get(name) and choice.facts.get(name) and not _agree(facts, choice, name)
        for name in EXACT
    )


def _agree(facts: Mapping[str, str], choice: Choice, name: str) -> bool:
    mine, theirs = facts.get(name), choice.facts.get(name)
    if not mine or not theirs:
        return False
    try:
        return Decimal(mine) == Decimal(theirs)
    except InvalidOperation:
        return mine == theirs


def _is_of_type(facts: Mapping[str, str], choice: Choice) -> bool:
    return facts.get("type", "") in choice.facts.get("type", "").split()


def _applies(column: Declared, values: Mapping[str, str]) -> bool:
    """Whether the column matters for what the other columns say."""
    wanted: Mapping[str, Sequence[str]] = column.get("where") or {}
    return all(values.get(name, "") in allowed for name, allowed in wanted.items())

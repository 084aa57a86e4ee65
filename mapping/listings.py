"""What a value map's keys and columns are chosen from: names, and what is gone.

Lists are those of the two systems, by name. A list that is not known (it could not be
asked) says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from connectors.contract import Choice
from mapping.valuemaps import ANY

Lists = Mapping[str, Sequence[Choice]]
Declared = Mapping[str, Any]
# What a till's list says of the entries that a key stands for.
SORT = "sort"


@dataclass(frozen=True, slots=True)
class Gone:
    """A key or a value that its system has no longer, or does not use any more.

    ``name`` is that of the field, ``shown`` what a person reads of the entry.
    """

    name: str
    label: str
    shown: str
    is_key: bool


def name_choice(choice: Choice) -> str:
    """Code and name, as they are read."""
    if choice.code in ("", choice.name):
        return choice.name
    return f"{choice.code} {choice.name}"


def list_options(declared: Declared, lists: Lists) -> list[tuple[str, str]]:
    """(value, name) of the entries in use; one per value, so that each is told once."""
    named: dict[str, str] = {}
    for choice in lists.get(declared.get("choices", ""), ()):
        if choice.active:
            named.setdefault(choice.id, name_choice(choice))
    return list(named.items())


def name_value(declared: Declared, lists: Lists, value: str) -> str:
    """How a stored value is shown, and that it is not used any more where so."""
    if not value:
        return _("nothing")
    choices = lists.get(declared.get("choices", ""), ())
    found = [choice for choice in choices if choice.id == value]
    if any(choice.active for choice in found) or not choices:
        return name_choice(found[0]) if found else value
    if found:
        return _("%s (not in use any more)") % name_choice(found[0])
    return _("%s (not there any more)") % value


def find_gone(
    keys: Sequence[Declared],
    columns: Sequence[Declared],
    row: tuple[Sequence[str], Mapping[str, str]],
    lists: Lists,
) -> list[Gone]:
    """What of a row is inactive or deleted in its system."""
    named = zip(keys, row[0], strict=False)
    pairs = [(key, value, True) for key, value in named if value not in (ANY, "")]
    pairs += [(each, row[1].get(each["name"]) or "", False) for each in columns]
    return [
        Gone(
            name=declared["name"],
            label=declared["label"],
            shown=name_value(declared, lists, value),
            is_key=is_key,
        )
        for declared, value, is_key in pairs
        if value and _is_gone(declared, value, lists)
    ]


def _is_gone(declared: Declared, value: str, lists: Lists) -> bool:
    choices = lists.get(declared.get("choices", ""), ())
    return bool(choices) and not any(c.id == value and c.active for c in choices)


def list_rows(
    keys: Sequence[Declared], columns: Sequence[Declared], lists: Lists
) -> dict[tuple[str, ...], Mapping[str, str]]:
    """A row for each entry of the source's list, with what the list says of it.

    The list is that of the first key that has one; other keys are what the entry says
    under their names (a VAT code its country and rate), else any. Where no key has a
    list, the target's entries tell the rows: payment terms their days.
    """
    main = next((key for key in keys if key.get("choices") in lists), None)
    if main is None:
        return _list_by_facts(keys, columns, lists)
    rows: dict[tuple[str, ...], Mapping[str, str]] = {}
    for choice in lists[main["choices"]]:
        if choice.active and _is_of_sort(main, choice):
            row = tuple(
                choice.id if key is main else choice.facts.get(key["name"]) or ANY
                for key in keys
            )
            rows[row] = {**choice.facts, "code": choice.code, "name": choice.name}
    return rows


def _list_by_facts(
    keys: Sequence[Declared], columns: Sequence[Declared], lists: Lists
) -> dict[tuple[str, ...], Mapping[str, str]]:
    names = [key["name"] for key in keys]
    return {
        tuple(choice.facts[name] for name in names): choice.facts
        for listing in iter_lists(columns)
        for choice in lists.get(listing, ())
        if choice.active and all(choice.facts.get(name) for name in names)
    }


def facts_of(
    keys: Sequence[Declared], row: Sequence[str], lists: Lists
) -> dict[str, str]:
    """What is known of a row: its keys by name, and what its entries say."""
    facts: dict[str, str] = {}
    for key, value in zip(keys, row, strict=False):
        facts |= _facts_of_entry(lists.get(key.get("choices", ""), ()), value)
        if value not in (ANY, ""):
            facts.setdefault(key["name"], value)
    return facts


def _facts_of_entry(choices: Iterable[Choice], value: str) -> Mapping[str, str]:
    for choice in choices:
        if choice.id == value:
            return {**choice.facts, "code": choice.code, "name": choice.name}
    return {}


def _is_of_sort(key: Declared, choice: Choice) -> bool:
    return key.get(SORT, "") in ("", choice.facts.get(SORT))


def iter_lists(declared: Iterable[Declared]) -> Iterator[str]:
    """The names of the lists that keys or columns choose from."""
    for each in declared:
        if each.get("choices"):
            yield each["choices"]

"""Conditions and tables while people edit them: from and to forms, half done or not.

A form has a name for each place: ``conditions:kind`` and ``conditions:parts`` are those
of the group itself, ``conditions.0:field`` is that of its first condition. What is sent
is taken as it is, and one more than there may be of anything: only reading it
(``conditions``, ``tables``) says what is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from mapping.conditions import MAX_DEPTH, MAX_PARTS
from mapping.tables import EXPRESSION, MAX_ROWS, NUMBER, TEXT
from mapping.vocabulary import FIELDS

CONDITION, GROUP, ENTRIES = "condition", "group", "entries"
ALL, ANY = "all", "any"
FIELD = "field"
# In forms a field of the source's own API says its type before its path.
TYPED = ("text", "number", "date", "boolean")


@dataclass(slots=True)
class Part:
    """A condition, a group, or a group that is asked of a list's entries."""

    sort: str = CONDITION
    field: str = ""
    operator: str = ""
    values: list[str] = dataclasses.field(default_factory=lambda: [""])
    kind: str = ALL
    entries: str = "some:order.lines"
    parts: list[Part] = dataclasses.field(default_factory=list)

    @property
    def path(self) -> str:
        """The path of its field."""
        kind, _, path = self.field.partition(":")
        return path if kind in TYPED else self.field

    @property
    def type(self) -> str:
        """The type of a field of the source's own API, "" for the others."""
        kind, colon, _ = self.field.partition(":")
        return kind if colon and kind in TYPED else ""

    @property
    def is_begun(self) -> bool:
        """Whether something was chosen in a group."""
        return any(part.sort != CONDITION or part.field for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """What is stored of it."""
        if self.sort == CONDITION:
            return self._condition()
        group = {self.kind: [part.to_json() for part in self.parts]}
        if self.sort == GROUP:
            return group
        match, _, path = self.entries.partition(":")
        return {match: path, "where": group}

    def _condition(self) -> dict[str, Any]:
        values = [value for value in self.values if value.strip()]
        many = self.operator in ("one_of", "none_of")
        data: dict[str, Any] = {"field": self.path, "operator": self.operator}
        if self.type:
            data["type"] = self.type
        if many:
            return {**data, "value": values}
        return {**data, "value": values[0]} if values else data


@dataclass(slots=True)
class Answer:
    """What a row gives. ``kind`` is text, number, field, expression, or "" for nothing."""

    kind: str = TEXT
    text: str = ""

    def to_json(self) -> dict[str, str] | None:
        """What is stored of it."""
        if not self.kind:
            return None
        return {EXPRESSION if self.kind == FIELD else self.kind: self.text.strip()}


@dataclass(slots=True)
class TableDraft:
    """A table: rows of a group and a value, and what holds otherwise."""

    rows: list[tuple[Part, Answer]]
    otherwise: Answer

    def to_json(self) -> dict[str, Any]:
        """What is stored of it."""
        rows = [{"when": p.to_json(), "then": a.to_json()} for p, a in self.rows]
        return {"rows": rows, "otherwise": self.otherwise.to_json()}


# --------------------------------------------------------------- from what is stored


def draft_group(data: object = None) -> Part:
    """The draft of stored conditions; of nothing, a group with one empty condition.

    What cannot be read is left empty, so that its page opens and it can be mended.
    """
    if not isinstance(data, Mapping):
        return Part(GROUP, parts=[Part()])
    return _draft(data)


def _draft(stored: object) -> Part:
    data = _named(stored)
    if "field" in data:
        value = data.get("value")
        values = (
            [_word(v) for v in value] if isinstance(value, list) else [_word(value)]
        )
        kind, path = _word(data.get("type")), _word(data["field"])
        name = f"{kind}:{path}" if kind else path
        return Part(CONDITION, name, _word(data.get("operator")), values or [""])
    where = _named(data.get("where", data))
    kind = ANY if ANY in where else ALL
    parts = [_draft(part) for part in _listed(where.get(kind))]
    if "where" not in data:
        return Part(GROUP, kind=kind, parts=parts)
    match = "every" if "every" in data else "some"
    entries = f"{match}:{_word(data.get(match))}"
    return Part(ENTRIES, kind=kind, entries=entries, parts=parts)


def draft_table(data: object = None, expression: str = "") -> TableDraft:
    """The draft of a stored table; of none, one with an empty row, and ``expression``
    where it does not hold.
    """
    if not isinstance(data, Mapping):
        otherwise = {EXPRESSION: expression} if expression else None
        return TableDraft([(draft_group(), Answer())], _draft_answer(otherwise))
    rows = [_named(row) for row in _listed(data.get("rows"))]
    drafts = [(draft_group(r.get("when")), _draft_answer(r.get("then"))) for r in rows]
    return TableDraft(drafts, _draft_answer(data.get("otherwise")))


def _draft_answer(data: object) -> Answer:
    found = [(kind, _word(text)) for kind, text in _named(data).items()]
    kind, text = found[0] if len(found) == 1 else ("", "")
    if kind not in (TEXT, NUMBER, EXPRESSION):
        return Answer("")
    return Answer(FIELD if kind == EXPRESSION and text in FIELDS else kind, text)


def _named(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def _listed(data: object) -> list[Any]:
    return data if isinstance(data, list) else []


def _word(data: object) -> str:
    return "" if data is None or isinstance(data, Mapping | list) else str(data)


# --------------------------------------------------------------- from what was sent


def receive_group(data: QueryDict, name: str) -> Part:
    """The group that a form holds under a name."""
    return _receive(data, name, depth=0)


def receive_table(data: QueryDict, name: str) -> TableDraft:
    """The table that a form holds under a name."""
    count = _count(data, f"{name}:rows", MAX_ROWS + 1)
    rows = [
        (receive_group(data, f"{name}.{n}"), _receive_answer(data, f"{name}.{n}"))
        for n in range(count)
    ]
    return TableDraft(rows, _receive_answer(data, f"{name}.otherwise"))


def is_sent(data: Mapping[str, Any], name: str) -> bool:
    """Whether a form holds a group or a table under a name."""
    return f"{name}:parts" in data or f"{name}:rows" in data


def _receive(data: QueryDict, name: str, depth: int) -> Part:
    if f"{name}:parts" not in data:
        values = data.getlist(f"{name}:value") or [""]
        path, operator = data.get(f"{name}:field", ""), data.get(f"{name}:operator", "")
        return Part(CONDITION, path, operator, values)
    count = _count(data, f"{name}:parts", MAX_PARTS + 1 if depth < 2 * MAX_DEPTH else 0)
    parts = [_receive(data, f"{name}.{n}", depth + 1) for n in range(count)]
    kind = ANY if data.get(f"{name}:kind") == ANY else ALL
    entries = data.get(f"{name}:entries", "")
    if not entries:
        return Part(GROUP, kind=kind, parts=parts)
    return Part(ENTRIES, kind=kind, entries=entries, parts=parts)


def _receive_answer(data: QueryDict, name: str) -> Answer:
    kind = data.get(f"{name}:then", "")
    known = kind if kind in (TEXT, NUMBER, FIELD, EXPRESSION) else ""
    return Answer(known, data.get(f"{name}:{kind or TEXT}", ""))


def _count(data: QueryDict, name: str, most: int) -> int:
    text = data.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() else 0


# ------------------------------------------------------------------------- changing


def change_group(group: Part, name: str, press: str) -> str:
    """Do what a button says: "add-condition conditions.1" adds to its second part.

    Gives the name of the condition that is new, if one is. A button that fits no more
    does nothing.
    """
    verb, _, place = press.partition(" ")
    steps = _steps(name, place)
    part, above = group, group
    for step in steps:
        if step >= len(part.parts):
            return ""
        above, part = part, part.parts[step]
    if verb == "remove" and steps:
        above.parts.remove(part)
    elif verb == "add-value":
        part.values.append("")
    elif verb in _NEW:
        part.parts.append(_NEW[verb]())
        inside = "" if verb == "add-condition" else ".0"
        return f"{place}.{len(part.parts) - 1}{inside}"
    return ""


_NEW: Mapping[str, Callable[[], Part]] = {
    "add-condition": Part,
    "add-group": lambda: Part(GROUP, kind=ANY, parts=[Part()]),
    "add-entries": lambda: Part(ENTRIES, parts=[Part()]),
}


def change_table(table: TableDraft, name: str, press: str) -> str:
    """Do what a button says to a table, a row, or the conditions of a row.

    Gives the name of the condition that is new, if one is.
    """
    verb, _, place = press.partition(" ")
    if verb == "add-row":
        table.rows.append((draft_group(), Answer()))
        return f"{name}.{len(table.rows) - 1}.0"
    steps = _steps(name, place)
    if not steps or steps[0] >= len(table.rows):
        return ""
    row = steps[0]
    if len(steps) > 1 or verb.startswith("add"):
        return change_group(table.rows[row][0], f"{name}.{row}", press)
    if verb == "remove":
        del table.rows[row]
    elif verb in ("up", "down"):
        other = row + (1 if verb == "down" else -1)
        if 0 <= other < len(table.rows):
            rows = table.rows
            rows[row], rows[other] = rows[other], rows[row]
    return ""


def _steps(name: str, place: str) -> Sequence[int]:
    """The way from a name to a place below it."""
    rest = place.removeprefix(name).strip(".")
    parts = rest.split(".") if rest else []
    return [int(part) if part.isascii() and part.isdigit() else 10**6 for part in parts]

"""Drafts of conditions and tables as their templates show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from mapping.conditions import MAX_DEPTH
from mapping.drafts import (
    CONDITION,
    ENTRIES,
    FIELD,
    Answer,
    Part,
    TableDraft,
)
from mapping.questions import OPERATORS
from mapping.tables import EXPRESSION, NUMBER, TEXT
from mapping.vocabulary import (
    BOOLEAN,
    GROUPS,
    LISTS,
    DocumentField,
    find_field,
    list_fields,
)

Pairs = Sequence[tuple[str, Any]]

MATCHES: Pairs = (
    ("some:order.lines", _("any line where")),
    ("every:order.lines", _("every line where")),
    ("some:order.tenders", _("any payment where")),
    ("every:order.tenders", _("every payment where")),
)
ANSWERS: Pairs = (
    (TEXT, _("the text")),
    (NUMBER, _("the number")),
    (FIELD, _("the field")),
    (EXPRESSION, _("the expression")),
    ("", _("nothing")),
)


def settle(part: Part) -> None:
    """Compare each field as its page shows it: by the first comparison of its type
    where none was chosen, or one that it had as another field. Only for what is still
    being typed: what is saved is taken as it was sent, or refused.
    """
    for each in part.parts:
        settle(each)
    if part.sort == CONDITION and part.field:
        known = OPERATORS[find_field(part.path, part.type or TEXT).type]
        if part.operator not in known:
            part.operator = next(iter(known))


@dataclass(frozen=True, slots=True)
class Editor:
    """What there is to pick from: fields below ``roots``, and those that were met.

    ``choices`` are what a row's value may be picked from, as (id, name).
    """

    roots: Sequence[str]
    met: Sequence[DocumentField] = ()
    choices: Pairs = ()

    def show_group(self, group: Part, name: str) -> dict[str, Any]:
        """The outermost group."""
        return self._show(group, name, tuple(self.roots), 1)

    def show_table(self, table: TableDraft, name: str) -> dict[str, Any]:
        """All rows, and what holds otherwise."""
        rows = [
            {
                "name": f"{name}.{place}",
                "number": place + 1,
                "when": self.show_group(when, f"{name}.{place}"),
                "then": self._show_answer(then, f"{name}.{place}"),
            }
            for place, (when, then) in enumerate(table.rows)
        ]
        otherwise = self._show_answer(table.otherwise, f"{name}.otherwise")
        return {"name": name, "rows": rows, "otherwise": otherwise}

    def _show(
        self, part: Part, name: str, roots: tuple[str, ...], depth: int
    ) -> dict[str, Any]:
        if part.sort == CONDITION:
            return self._show_condition(part, name, roots)
        inner = roots
        if part.sort == ENTRIES:
            inner = (LISTS.get(part.entries.partition(":")[2], "line"),)
        parts = [
            self._show(each, f"{name}.{place}", inner, depth + 1)
            for place, each in enumerate(part.parts)
        ]
        return {
            "sort": part.sort,
            "name": name,
            "kind": part.kind,
            "entries": part.entries,
            "matches": MATCHES,
            "parts": parts,
            "may_nest": depth < MAX_DEPTH,
            "may_ask": depth < MAX_DEPTH and "order" in inner,
            "is_inner": depth > 1,
        }

    def _show_condition(
        self, part: Part, name: str, roots: tuple[str, ...]
    ) -> dict[str, Any]:
        field = find_field(part.path, part.type or TEXT)
        operators = OPERATORS[field.type] if part.field else {}
        question = operators.get(part.operator) or next(iter(operators.values()), None)
        return {
            "sort": CONDITION,
            "name": name,
            "field": part.field,
            "groups": self._list_groups(roots, part.field),
            "operators": [(key, each.label) for key, each in operators.items()],
            "operator": part.operator,
            "takes": question.takes if question else "",
            "values": part.values
            if question and question.takes == "many"
            else part.values[:1],
            "choices": field.choices,
            "type": field.type,
        }

    def _list_groups(
        self, roots: Sequence[str], chosen: str
    ) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """The fields to pick from, by what they belong to."""
        groups: list[tuple[Any, list[tuple[str, Any]]]] = [
            (GROUPS[root], [(each.path, each.label) for each in list_fields(root)])
            for root in roots
        ]
        met = [
            (f"{each.type}:{each.path}", each.path.partition(".extra")[2].strip("."))
            for each in self.met
            if each.root in roots
        ]
        known = {value for _label, pairs in groups for value, _name in pairs}
        if chosen and chosen not in known | {value for value, _name in met}:
            met.append((chosen, chosen))
        return [*groups, (_("Other fields of the source"), met)] if met else groups

    def _show_answer(self, answer: Answer, name: str) -> dict[str, Any]:
        choices = list(self.choices)
        if choices and answer.kind == TEXT and answer.text not in dict(choices):
            choices.append((answer.text, answer.text or "–"))
        fields = [
            (GROUPS[root], [(each.path, each.label) for each in list_fields(root)])
            for root in self.roots
        ]
        return {
            "name": name,
            "kind": answer.kind,
            "kinds": ANSWERS,
            "text": answer.text,
            "choices": choices,
            "groups": fields,
        }


def tell_type(field: DocumentField) -> str:
    """The type of a field in a word."""
    words = {
        "text": _("text"),
        "choice": _("one of a list"),
        "number": _("number"),
        "date": _("date"),
        BOOLEAN: _("yes or no"),
    }
    return str(words[field.type])

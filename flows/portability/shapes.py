"""What belongs where in a file: shapes that read a tree and say what does not fit.

A shape gives plain data for a node. What is wrong is collected with its line, so that a
person hears of all of it at once; where each value stands is kept for later checks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Protocol

from django.utils.translation import gettext as _

from flows.portability.reading import Node, Wrong
from mapping import documents
from mapping.documents import Part

Path = tuple[str | int, ...]
FLAGS = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})")
MOST_TOLD = 80
LONGEST = 10_000


@dataclass(slots=True)
class Findings:
    """What is wrong so far, and the line of each value by the way that leads there."""

    wrongs: list[Wrong] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)

    def add(self, line: int, message: str) -> None:
        """Note what is wrong in a line."""
        self.wrongs.append(Wrong(line, message))

    def add_at(self, path: Path, message: str) -> None:
        """Note what is wrong with a value, in its line or that of what holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        self.add(self.lines.get(path, 0), message)


class Shape(Protocol):
    """Reads a node as one kind of value."""

    def read(self, node: Node, path: Path, found: Findings) -> Any:
        """The value; what does not fit is noted."""


def cut(text: str) -> str:
    """A value as it is repeated to a person."""
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"


def _text_of(node: Node, path: Path, found: Findings) -> str:
    if node.text is None:
        found.add(node.line, _("“%s” must be a single value.") % name_of(path))
        return ""
    return node.text.replace("\r\n", "\n")


def name_of(path: Path) -> str:
    """The name by which a person finds a value."""
    named = [str(step) for step in path if isinstance(step, str)]
    return named[-1] if named else _("The file")


@dataclass(frozen=True, slots=True)
class Text:
    """A text; ``choices`` are all that it may be, ``most`` its length."""

    most: int = LONGEST
    needed: bool = False
    choices: Collection[str] | None = None

    def read(self, node: Node, path: Path, found: Findings) -> str:
        """The text as it stands in the file."""
        text = _text_of(node, path, found)
        name = name_of(path)
        if self.needed and not text and node.text is not None:
            found.add(node.line, _("“%s” is empty.") % name)
        elif len(text) > self.most:
            told = _("“%(name)s” has %(size)s characters; it takes %(most)s.")
            values = {"name": name, "size": len(text), "most": self.most}
            found.add(node.line, told % values)
        elif self.choices is not None and text not in self.choices:
            told = _("“%(name)s” cannot be “%(value)s”; write one of: %(known)s.")
            known = ", ".join(each for each in self.choices if each)
            values = {"name": name, "value": cut(text), "known": known}
            found.add(node.line, told % values)
        return text


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def read(self, node: Node, path: Path, found: Findings) -> bool:
        """True or false, however people write it."""
        text = _text_of(node, path, found)
        if node.text is not None and text.lower() not in FLAGS:
            told = _("“%(name)s” is “%(value)s”; write true or false.")
            found.add(node.line, told % {"name": name_of(path), "value": cut(text)})
        return FLAGS.get(text.lower(), False)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    most: int = 1_000_000
    least: int = 0

    def read(self, node: Node, path: Path, found: Findings) -> int:
        """The number."""
        text = _text_of(node, path, found)
        number = int(text) if WHOLE.fullmatch(text) else None
        if number is not None and self.least <= number <= self.most:
            return number
        if node.text is not None:
            told = _(
                "“%(name)s” is “%(value)s”; write a whole number from %(least)s to"
                " %(most)s."
            )
            values = {"name": name_of(path), "value": cut(text)}
            bounds = {"least": self.least, "most": self.most}
            found.add(node.line, told % {**values, **bounds})
        return self.least


@dataclass(frozen=True, slots=True)
class Day:
    """A date, kept as text."""

    needed: bool = True

    def read(self, node: Node, path: Path, found: Findings) -> str:
        """The date as 2026-01-31, or "" where that may be."""
        text = _text_of(node, path, found)
        if not text and not self.needed:
            return ""
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            if node.text is not None:
                told = _("“%(name)s” is “%(value)s”; write a date such as 2026-01-31.")
                found.add(node.line, told % {"name": name_of(path), "value": cut(text)})
            return ""


@dataclass(frozen=True, slots=True)
class Data:
    """A table or conditions. What stands in quotes is text, and so are numbers."""

    def read(self, node: Node, path: Path, found: Findings) -> Any:
        """Texts, true, false, null, lists and named values of them."""
        found.lines[path] = node.line
        if node.items is not None:
            return [
                self.read(each, (*path, n), found) for n, each in enumerate(node.items)
            ]
        if node.named is not None:
            return {
                name: self.read(each, (*path, name), found)
                for name, each in node.named.items()
            }
        text = _text_of(node, path, found)
        if not node.is_plain:
            return text
        return {"true": True, "false": False, "null": None, "~": None}.get(text, text)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    shape: Shape

    def read(self, node: Node, path: Path, found: Findings) -> list[Any]:
        """The list; nothing written is an empty one."""
        if node.items is None:
            if node.text != "":
                told = _("“%s” must be a list: lines that begin with “- ”.")
                found.add(node.line, told % name_of(path))
            return []
        values = []
        for place, item in enumerate(node.items):
            found.lines[(*path, place)] = item.line
            values.append(self.shape.read(item, (*path, place), found))
        return values


@dataclass(frozen=True, slots=True)
class Named:
    """Values of one shape under names; ``known`` are all the names there may be."""

    shape: Shape
    known: Mapping[str, Shape] | None = None

    def read(self, node: Node, path: Path, found: Findings) -> dict[str, Any]:
        """The values by name, in the order of the file."""
        named = _named_of(node, path, found)
        values = {}
        for name, each in named.items():
            found.lines[(*path, name)] = node.name_lines[name]
            shape = self.shape if self.known is None else self.known.get(name)
            if shape is None:
                _refuse_name(name, list(self.known or ()), node, path, found)
            else:
                values[name] = shape.read(each, (*path, name), found)
        return values


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a record. One that is as ``usual`` is left out; ``needed`` must be."""

    shape: Shape
    needed: bool = False
    usual: Any = None


@dataclass(frozen=True, slots=True)
class Record:
    """Named values, each of a shape of its own; ``others`` is that of any more."""

    entries: Mapping[str, Entry]
    others: Shape | None = None

    def read(self, node: Node, path: Path, found: Findings) -> dict[str, Any]:
        """The values in the record's order."""
        named = _named_of(node, path, found)
        for name in named:
            found.lines[(*path, name)] = node.name_lines[name]
            if name not in self.entries and self.others is None:
                _refuse_name(name, list(self.entries), node, path, found)
        values = {}
        for name, entry in self.entries.items():
            if name in named:
                value = entry.shape.read(named[name], (*path, name), found)
                if entry.needed or value != entry.usual:
                    values[name] = value
            elif entry.needed and node.named is not None:
                found.add(node.line, _("“%s” is missing here.") % name)
        if self.others is not None:
            for name in named.keys() - self.entries.keys():
                values[name] = self.others.read(named[name], (*path, name), found)
        return values


def _named_of(node: Node, path: Path, found: Findings) -> dict[str, Node]:
    if node.named is None:
        if node.text != "":
            told = _("“%s” must hold named values: lines such as “name: value”.")
            found.add(node.line, told % name_of(path))
        return {}
    return node.named


def _refuse_name(
    name: str, known: Sequence[str], node: Node, path: Path, found: Findings
) -> None:
    close = get_close_matches(name, known, n=1)
    told = _("There is no “%(name)s” in “%(place)s”; %(hint)s.")
    hint = (
        _("did you mean “%s”?") % close[0]
        if close
        else _("there is %s") % ", ".join(known)
    )
    values = {"name": cut(name), "place": name_of(path), "hint": hint}
    found.add(node.name_lines[name], (told % values).replace("?.", "?"))


def make_record(parts: Sequence[Part], **more: Entry) -> Record:
    """The shape of what these parts describe, and more entries behind them."""
    return Record({part.name: _make_entry(part) for part in parts} | more)


def _make_entry(part: Part) -> Entry:
    shape: Shape
    if part.kind == documents.FLAG:
        shape = Flag()
    elif part.kind == documents.DATA:
        shape = Data()
    elif part.kind == documents.NUMBER:
        shape = Whole()
    else:
        choices = None if part.choices is None else tuple(part.choices)
        shape = Text(part.most or LONGEST, part.needed, choices)
    return Entry(shape, needed=part.needed, usual=part.default)

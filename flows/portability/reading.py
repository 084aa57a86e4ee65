"""Reads YAML into a tree that knows its lines. Nothing in a file can do anything.

No object is built by the YAML library: only its events are read. What would let a small
file become a large one (aliases), or mean something else than it shows (tags, several
documents, the same name twice), is refused with its line. Every value is the text that
stands in the file; whether it means a number, a day or yes is for whoever knows what
belongs there, so that NO stays NO and 0123 stays 0123.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from django.utils.translation import gettext as _

from integration_hub.core.errors import FileError

MOST_BYTES = 1_000_000
MOST_NODES = 100_000
DEEPEST = 20
# What the library's texts for its own errors are cut at.
MOST_TOLD = 200

# Characters that no database and no page can hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a file, and in which line (from 1; 0: the whole of it)."""

    line: int
    message: str

    def __str__(self) -> str:
        where = _("Line %s: ") % self.line if self.line else ""
        return f"{where}{self.message}"


@dataclass(slots=True)
class Node:
    """One value with its line: a text, a list or named values.

    ``is_plain`` says that a text stands without quotes. Named values keep the node of
    the name, for its line.
    """

    line: int
    text: str | None = None
    is_plain: bool = False
    items: list[Node] | None = None
    named: dict[str, Node] | None = None
    name_lines: dict[str, int] = field(default_factory=dict)


def read_tree(data: bytes) -> Node:
    """The tree of a file. Raises FileError."""
    if len(data) > MOST_BYTES:
        size = _("The file has %(size)s bytes; at most %(most)s are read.")
        told = size % {"size": len(data), "most": MOST_BYTES}
        raise _refuse(Wrong(0, told))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        told = _("The file is not UTF-8. Save it as UTF-8 and try again.")
        raise _refuse(Wrong(line, told)) from error
    try:
        return _Builder(yaml.parse(text, Loader=_Loader)).build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = (
            _("This is no YAML: %s.") % str(error.problem or error.context)[:MOST_TOLD]
        )
        raise _refuse(Wrong(mark.line + 1 if mark else 0, told)) from error
    except yaml.YAMLError as error:
        told = _("This is no YAML: %s.") % " ".join(str(error).split())[:MOST_TOLD]
        raise _refuse(Wrong(0, told)) from error


class _Builder:
    """Builds the tree from the library's events, with an own stack."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._open: list[tuple[Node, list[str]]] = []
        self._root: Node | None = None
        self._count = 0

    def build(self) -> Node:
        """Read all events. Raises FileError, YAMLError."""
        for event in self._events:
            self._refuse(event)
            if isinstance(event, yaml.ScalarEvent):
                plain = event.style in (None, "")
                self._add(Node(_line(event), text=event.value, is_plain=plain))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._start(Node(_line(event), items=[]))
            elif isinstance(event, yaml.MappingStartEvent):
                self._start(Node(_line(event), named={}))
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self._open.pop()
        if self._root is None:
            raise _refuse(Wrong(0, _("The file is empty.")))
        return self._root

    def _refuse(self, event: yaml.Event) -> None:
        told = ""
        if isinstance(event, yaml.AliasEvent):
            told = _("Aliases (*%s) are not taken here: write the value out.")
            told = told % event.anchor
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            told = _("Anchors (&%s) are not taken here: leave it out.") % event.anchor
        elif getattr(event, "tag", None):
            told = _("Tags (%s) are not taken here: leave it out.")
            told = told % str(getattr(event, "tag", ""))[:MOST_TOLD]
        elif isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
            told = _("There is a second document here: a file holds one.")
        elif isinstance(event, yaml.ScalarEvent) and CONTROL.search(event.value):
            told = _("There is a character here that cannot be seen: take it out.")
        if told:
            raise _refuse(Wrong(_line(event), told))

    def _start(self, node: Node) -> None:
        if len(self._open) >= DEEPEST:
            told = _("Nothing here is nested more than %s levels deep.") % DEEPEST
            raise _refuse(Wrong(node.line, told))
        self._add(node)
        self._open.append((node, []))

    def _add(self, node: Node) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            told = _("The file has more than %s values.") % MOST_NODES
            raise _refuse(Wrong(node.line, told))
        if not self._open:
            self._root = node
            return
        parent, names = self._open[-1]
        if parent.items is not None:
            parent.items.append(node)
        elif names:
            _put(parent, names.pop(), node)
        else:
            names.append(self._take_name(parent, node))

    def _take_name(self, parent: Node, node: Node) -> str:
        if node.text is None:
            told = _("A name must be a text.")
            raise _refuse(Wrong(node.line, told))
        if node.text in parent.name_lines:
            told = _("“%(name)s” stands here a second time; first in line %(line)s.")
            told = told % {"name": node.text, "line": parent.name_lines[node.text]}
            raise _refuse(Wrong(node.line, told))
        parent.name_lines[node.text] = node.line
        return node.text


def _refuse(wrong: Wrong) -> FileError:
    return FileError([str(wrong)])


def _put(parent: Node, name: str, node: Node) -> None:
    if parent.named is not None:
        parent.named[name] = node


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return int(mark.line) + 1 if mark is not None else 0

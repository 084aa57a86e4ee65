"""YAML is read as it stands; what could mean something else is refused with its line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.portability.exporting import write_yaml
from flows.portability.reading import Node, read_tree
from integration_hub.core.errors import FileError


def texts(data: str) -> dict[str, Any]:
    named = read_tree(data.encode()).named or {}
    return {name: node.text for name, node in named.items()}


@pytest.mark.parametrize(
    "written", ["NO", "1_000", "2026-01-31", "0123", "1e3", "0x1F", "12:30", "~", "off"]
)
def test_a_value_is_what_stands_in_the_file(written: str) -> None:
    assert texts(f"a: {written}\nb: '{written}'") == {"a": written, "b": written}


def test_each_value_knows_its_line() -> None:
    tree = read_tree(b"# head\na:\n  - x\n  - b: y\n")
    assert tree.named is not None
    items = tree.named["a"].items or []
    assert [item.line for item in items] == [3, 4]
    assert (items[1].named or {})["b"].line == 4


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (
            b"a: 1\nb: *x",
            "Line 2: Aliases (*x) are not taken here: write the value out.",
        ),
        (b"a: &x [1]\nb: *x", "Line 1: Anchors (&x) are not taken here: leave it out."),
        (b"a: !!python/object:os.system x", "Line 1: Tags ("),
        (b"a: !secret x", "Line 1: Tags (!secret) are not taken here"),
        (
            b"a: 1\nb: 2\na: 3",
            "Line 3: “a” stands here a second time; first in line 1.",
        ),
        (b"a: 1\n---\nb: 2", "Line 2: There is a second document here"),
        (b"? [a]\n: b", "Line 1: A name must be a text."),
        (b"a: [1,\nb", "This is no YAML: "),
        (b"a:\n\t- b", "Line 2: This is no YAML: "),
        (b"a: \xff", "Line 1: The file is not UTF-8."),
        (b'a: "\\x00"', "Line 1: There is a character here that cannot be seen"),
        (b"\x00", "This is no YAML: "),
        (b"- " * 30 + b"x", "Line 1: Nothing here is nested more than 20 levels deep."),
        (b"[" * 5000, "Line 1: "),
        (b"- 1\n" * 100_001, "The file has more than 100000 values."),
        (b"a: " + b"x" * 1_000_000, "at most 1000000 are read."),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_line(data: bytes, told: str) -> None:
    with pytest.raises(FileError) as raised:
        read_tree(data)
    [problem] = raised.value.problems
    assert told in problem


def test_a_bomb_of_aliases_goes_off_nowhere() -> None:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 30):
        refs = b", ".join([b"*a%d" % (n - 1)] * 9)
        lines.append(b"a%d: &a%d [%s]" % (n, n, refs))
    with pytest.raises(FileError, match="Anchors"):
        read_tree(b"\n".join(lines))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text("ab:-[]{}&*!'\"\n #|>?,%@", max_size=80))
)
def test_any_bytes_are_read_or_refused(data: bytes | str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    try:
        read_tree(raw)
    except FileError as error:
        told = error.problems
    else:
        told = ("read",)
    assert all(told)


PRINTED = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
    max_size=60,
)
TRICKY = st.sampled_from(
    ["NO", "on", "y", "1_000", "1e3", "0o17", "09", "2026-01-31", "12:30:45", "~", "=",
     "<<", "", " ", "a: b", "- x", "# c", "'", '"', "\\", "null", ".inf", "@x", "%x",
     "a\n\nb ", "\n", "x\n", " x\n y", "!x", "&x", "*", "\ufeff", "\u2028", "\u0085"]
)  # fmt: skip


def plain(node: Node) -> Any:
    if node.items is not None:
        return [plain(each) for each in node.items]
    if node.named is not None:
        return {name: plain(each) for name, each in node.named.items()}
    return node.text


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PRINTED, TRICKY), max_size=4), st.one_of(PRINTED, TRICKY))
def test_every_text_comes_back_as_it_was(texts: list[str], name: str) -> None:
    document = {"list": texts, "named": {name: name}}
    written = write_yaml(document)
    assert plain(read_tree(written.encode())) == document
    assert yaml.safe_load(written) == document

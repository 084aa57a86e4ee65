"""The query language: parsed by hand, answered from the indexes where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from connectors.quickbooks.sandbox.apifaults import ApiError

MAX_RESULTS = 1000
OPERATORS = ("=", "<", ">", "<=", ">=", "!=", "LIKE", "IN")
KEYWORDS = frozenset(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "ORDERBY",
        "ORDER",
        "BY",
        "STARTPOSITION",
        "MAXRESULTS",
        "ASC",
        "DESC",
    ]
)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w.-])
      | (?P<word>[A-Za-z_][\w.-]*)
      | (?P<sign><=|>=|!=|[=<>(),*])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """``field operator value``; IN has several values, the others one."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``columns`` is empty for all; order is (field, descending).

    ``beside`` are the columns named beside all.
    """

    entity: str
    columns: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    count: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start: int = 1
    limit: int = 100


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(text: str) -> Query:
    """The query in ``text``. Raises ApiError 4000 or 4001."""
    if not text.strip():
        raise ApiError("4000", "The query provided was empty")
    return _Parser(list(_tokens(text))).parse()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            detail = (
                f"Invalid content. Lexical error at line 1, column {position + 1}."
                f'  Encountered: "{text[position]}"'
            )
            raise ApiError("4000", detail)
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "text":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield _Token(kind, value, match.start(kind) + 1)
        position = match.end()
        while position < len(text) and text[position].isspace():
            position += 1


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def parse(self) -> Query:
        self._expect("SELECT")
        columns, everything, count = self._columns()
        self._expect("FROM")
        entity = self._word("an entity").text
        conditions = self._conditions() if self._accept("WHERE") else ()
        order = self._order()
        start = self._whole_number("STARTPOSITION", 1)
        limit = self._whole_number("MAXRESULTS", 100)
        # Some clients send them the other way round.
        start = self._whole_number("STARTPOSITION", start)
        if self._place < len(self._tokens):
            self._fail("the end")
        return Query(
            entity=entity,
            columns=() if everything else columns,
            beside=columns if everything else (),
            count=count,
            conditions=conditions,
            order=order,
            start=start,
            limit=min(limit, MAX_RESULTS),
        )

    def _peek(self) -> _Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _accept(self, *words: str) -> str | None:
        token = self._peek()
        if token is None or token.kind == "text" or token.text.upper() not in words:
            return None
        self._place += 1
        return token.text.upper()

    def _expect(self, *words: str) -> str:
        found = self._accept(*words)
        if found is None:
            self._fail(" ".join(words))
        return found

    def _fail(self, wanted: str) -> NoReturn:
        token = self._peek()
        met, column = "<EOF>", 0
        if token is not None:
            kind = "<IDENTIFIER>" if token.kind == "word" else "<STRING>"
            met, column = f'{kind} "{token.text} "', token.column
        detail = (
            f'QueryParserError: Encountered " {met}" at line 1, column {column}.\n'
            f"Was expecting one of:\n    {wanted} ..."
        )
        raise ApiError("4000", detail)

    def _word(self, wanted: str) -> _Token:
        token = self._peek()
        if token is None or token.kind != "word" or token.text.upper() in KEYWORDS:
            self._fail(wanted)
        self._place += 1
        return token

    def _columns(self) -> tuple[tuple[str, ...], bool, bool]:
        """The names, whether all are asked for, whether only their count is."""
        columns: list[str] = []
        everything = False
        while True:
            if self._accept("*"):
                everything = True
            else:
                name = self._word("* or a property").text
                if name.lower() == "count" and self._accept("("):
                    self._expect("*")
                    self._expect(")")
                    return (), True, True
                columns.append(name)
            if not self._accept(","):
                return tuple(columns), everything, False

    def _conditions(self) -> tuple[Condition, ...]:
        found = []
        while True:
            field = self._word("a property").text
            operator = self._expect(*OPERATORS)
            values = self._values() if operator == "IN" else (self._value(),)
            found.append(Condition(field, operator, values))
            if not self._accept("AND"):
                return tuple(found)

    def _values(self) -> tuple[str, ...]:
        self._expect("(")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> str:
        token = self._peek()
        bare = token is not None and (
            token.kind in ("text", "number") or token.text.lower() in ("true", "false")
        )
        if token is None or not bare:
            self._fail("a value")
        self._place += 1
        return token.text

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._accept("ORDER"):
            self._expect("BY")
        elif not self._accept("ORDERBY"):
            return ()
        found = []
        while True:
            field = self._word("a property").text
            found.append((field, self._accept("ASC", "DESC") == "DESC"))
            if not self._accept(","):
                return tuple(found)

    def _whole_number(self, keyword: str, default: int) -> int:
        if not self._accept(keyword):
            return default
        token = self._peek()
        if (
            token is None
            or token.kind != "number"
            or not token.text.lstrip("-").isdigit()
        ):
            self._fail("a number")
        self._place += 1
        number = int(token.text)
        smallest = 1 if keyword == "STARTPOSITION" else 0
        if number < smallest:
            detail = (
                f"QueryValidationError: value {number} is too small."
                f" Min allowed value is {smallest}"
            )
            raise ApiError("4001", detail)
        return number

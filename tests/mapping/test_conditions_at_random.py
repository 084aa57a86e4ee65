"""Random conditions and tables on random documents.

An evaluation that shares nothing with the hub's says what they mean and how they read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from integration_hub.core.errors import MappingError
from mapping.conditions import read_group
from mapping.drafts import draft_group, draft_table
from mapping.engine import compile_rules
from mapping.rules import FilterData, RuleData
from mapping.tables import read_table
from tests.mapping.test_attacks import documents as wild_documents
from tests.mapping.test_attacks import values as wild_values

ROOTS = ("order",)
Test = Callable[[Any, Any], bool]


def low(value: Any) -> str:
    return str(value).lower()


def given_and(test: Test) -> Test:
    return lambda have, want: have is not None and test(have, want)


# Operator: what it means for a value that may be None, and how it reads.
TEXTS: dict[str, tuple[Test, str]] = {
    "is": (given_and(lambda a, b: low(a) == low(b)), "{} is {}"),
    "is_not": (lambda a, b: a is None or low(a) != low(b), "{} is not {}"),
    "contains": (given_and(lambda a, b: low(b) in low(a)), "{} contains “{}”"),
    "lacks": (
        lambda a, b: a is None or low(b) not in low(a),
        "{} does not contain “{}”",
    ),
    "begins": (
        given_and(lambda a, b: low(a).startswith(low(b))),
        "{} begins with “{}”",
    ),
}
NUMBERS: dict[str, tuple[Test, str]] = {
    "is": (given_and(lambda a, b: a == b), "{} is {}"),
    "is_not": (lambda a, b: a is None or a != b, "{} is not {}"),
    "more": (given_and(lambda a, b: a > b), "{} is more than {}"),
    "at_least": (given_and(lambda a, b: a >= b), "{} is at least {}"),
    "less": (given_and(lambda a, b: a < b), "{} is less than {}"),
    "at_most": (given_and(lambda a, b: a <= b), "{} is at most {}"),
}
DATES: dict[str, tuple[Test, str]] = {
    "on": (given_and(lambda a, b: a == b), "{} is {}"),
    "before": (given_and(lambda a, b: a < b), "{} is before {}"),
    "after": (given_and(lambda a, b: a > b), "{} is after {}"),
    "from": (given_and(lambda a, b: a >= b), "{} is on or after {}"),
    "until": (given_and(lambda a, b: a <= b), "{} is on or before {}"),
}
words = st.text(st.sampled_from('aAbB1" '), min_size=1, max_size=3).filter(
    lambda text: text == text.strip()
)
amounts = st.decimals(-100, 100, places=1, allow_nan=False).map(lambda d: d + 0)
days = st.dates(date(2026, 1, 1), date(2026, 1, 5))

FIELDS: dict[str, tuple[str, dict[str, tuple[Test, str]], Any]] = {
    "order.branch": ("the branch", TEXTS, words),
    "order.customer.name": ("the customer's name", TEXTS, words),
    "order.total_incl": ("the total", NUMBERS, amounts),
    "order.date": ("the date", DATES, days),
}
LINE_FIELDS: dict[str, tuple[str, dict[str, tuple[Test, str]], Any]] = {
    "line.text": ("the line's text", TEXTS, words),
    "line.quantity": ("the line's quantity", NUMBERS, amounts),
}


def conditions(fields: dict[str, Any]) -> Any:
    def pick(path: str) -> Any:
        _told, operators, values = fields[path]
        return st.fixed_dictionaries(
            {
                "field": st.just(path),
                "operator": st.sampled_from(sorted(operators)),
                "value": values.map(str),
            }
        )

    return st.sampled_from(sorted(fields)).flatmap(pick)


def groups(parts: Any) -> Any:
    lists = st.lists(parts, min_size=1, max_size=3)
    return lists.flatmap(lambda some: st.sampled_from([{"all": some}, {"any": some}]))


asked = st.tuples(st.sampled_from(["some", "every"]), groups(conditions(LINE_FIELDS)))
entries = asked.map(lambda pair: {pair[0]: "order.lines", "where": pair[1]})
leaves = conditions(FIELDS)
trees = groups(leaves | entries | groups(leaves | groups(leaves)))
lines = st.fixed_dictionaries(
    {}, optional={"text": words, "quantity": amounts | st.none()}
)
orders = st.fixed_dictionaries(
    {"lines": st.lists(lines, max_size=3)},
    optional={
        "branch": words,
        "total_incl": amounts,
        "date": days,
        "customer": st.none() | st.fixed_dictionaries({"name": words}),
    },
)


# ------------------------------------------------------------ what it means, once more


def find(document: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        document = (document or {}).get(name)
    return document


def read(path: str, text: str) -> Any:
    if path.endswith(("total_incl", "quantity")):
        return Decimal(text)
    return date.fromisoformat(text) if path.endswith("date") else text


def means(part: Any, document: Any, line: Any = None) -> bool:
    if "field" in part:
        path = part["field"]
        test = ({**FIELDS, **LINE_FIELDS})[path][1][part["operator"]][0]
        have = find(line if path.startswith("line.") else document, path)
        return test(have, read(path, part["value"]))
    if "where" in part:
        held = [means(part["where"], document, each) for each in document["lines"]]
        return bool(held) and (all(held) if "every" in part else any(held))
    if "all" in part:
        return all(means(each, document, line) for each in part["all"])
    return any(means(each, document, line) for each in part["any"])


def reads(part: Any) -> str:
    if "field" in part:
        told, operators, _values = ({**FIELDS, **LINE_FIELDS})[part["field"]]
        return operators[part["operator"]][1].format(told, part["value"])
    if "where" in part:
        word = "every" if "every" in part else "any"
        return f"for {word} line ({reads(part['where'])})"
    [(kind, parts)] = part.items()
    told = [
        f"({reads(each)})"
        if not {"field", "where"} & each.keys() and len(next(iter(each.values()))) > 1
        else reads(each)
        for each in parts
    ]
    return (" and " if kind == "all" else " or ").join(told)


@settings(deadline=None, max_examples=300)
@given(tree=trees, document=orders)
def test_a_filter_means_what_it_says(tree: Any, document: Any) -> None:
    compiled = compile_rules([], {}, filters=[FilterData("", "yes", tree)])
    assert (compiled.filters.reason(document) == "yes") == means(tree, document)
    assert read_group(tree, ROOTS).sentence == reads(tree)
    assert draft_group(tree).to_json() == tree


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(st.tuples(trees, words), min_size=1, max_size=4), document=orders)
def test_the_first_row_that_fits_gives_the_value(rows: Any, document: Any) -> None:
    data = {
        "rows": [{"when": when, "then": {"text": then}} for when, then in rows],
        "otherwise": {"text": "none of them"},
    }
    fields = compile_rules([RuleData("header", "a", table=data)], {}).apply(document)
    fitting = (then for when, then in rows if means(when, document))
    assert fields.header["a"] == next(fitting, "none of them")
    told = read_table(data, ROOTS).tell()
    assert told == [
        *(f"When {reads(when)}, then “{then}”;" for when, then in rows),
        "otherwise “none of them”.",
    ]
    assert draft_table(data).to_json() == data


wild = st.fixed_dictionaries(
    {},
    optional={
        **{
            path.removeprefix("order."): wild_values
            for path in FIELDS
            if path.count(".") == 1
        },
        "customer": wild_values | st.dictionaries(st.just("name"), wild_values),
        "lines": wild_values
        | st.lists(
            wild_values
            | st.dictionaries(st.sampled_from(["text", "quantity"]), wild_values),
            max_size=2,
        ),
    },
)


@settings(deadline=None, max_examples=500)
@given(tree=trees, document=wild | wild_documents)
def test_nothing_escapes_but_the_named_error(tree: Any, document: Any) -> None:
    data = {"rows": [{"when": tree, "then": {"expression": "order.branch"}}]}
    mapping = compile_rules(
        [RuleData("header", "a", table=data)],
        {},
        filters=[FilterData("", "yes", tree)],
    )
    for attempt in (mapping.filters.reason, mapping.apply):
        with suppress(MappingError):
            attempt(document)

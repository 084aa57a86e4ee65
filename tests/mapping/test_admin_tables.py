"""Conditional tables in the admin, and how a rule's field is picked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from connectors.contract import TargetField
from mapping.models import Mapping, Rule
from tests.fake_connector import BooksConnector
from tests.mapping.pages import change, url
from tests.mapping.test_admin import FIELDS, looker, mapping  # noqa: F401
from tests.mapping.test_conditions import ask

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]
TABLE = {
    "rows": [
        {"when": {"all": [ask("order.branch", "is", "2")]}, "then": {"text": "Two"}},
        {
            "when": {
                "any": [
                    ask("order.total_incl", "more", "100.00"),
                    {
                        "some": "order.lines",
                        "where": {"all": [ask("line.text", "empty")]},
                    },
                ]
            },
            "then": {"expression": "order.reference"},
        },
    ],
    "otherwise": None,
}
# What a browser sends of it.
SENT: dict[str, Any] = {
    "way": "table",
    "table:rows": "2",
    "table.0:parts": "1",
    "table.0:kind": "all",
    "table.0.0:field": "order.branch",
    "table.0.0:operator": "is",
    "table.0.0:value": "2",
    "table.0:then": "text",
    "table.0:text": "Two",
    "table.1:parts": "2",
    "table.1:kind": "any",
    "table.1.0:field": "order.total_incl",
    "table.1.0:operator": "more",
    "table.1.0:value": "100.00",
    "table.1.1:parts": "1",
    "table.1.1:kind": "all",
    "table.1.1:entries": "some:order.lines",
    "table.1.1.0:field": "line.text",
    "table.1.1.0:operator": "empty",
    "table.1:then": "field",
    "table.1:field": "order.reference",
    "table.otherwise:then": "",
}
SENTENCES = (
    "When the branch is 2, then “Two”;",
    "When the total is more than 100.00 or for any line (the line&#x27;s text is empty),"
    " then the reference;",
    "otherwise nothing.",
)


@pytest.fixture
def memo(mapping: Mapping) -> Rule:  # noqa: F811
    return mapping.rules.get(field="memo")


def press(client: Client, rule: Rule, button: str = "", **sent: Any) -> str:
    """The table after a button was pressed."""
    data = {**SENT, **sent, "press": button}
    return client.post(url("rule_table", rule.pk), data).text


def test_a_table_that_takes_the_place_of_an_expression_keeps_it_as_otherwise(
    admin_client: Client, memo: Rule
) -> None:
    Rule.objects.filter(pk=memo.pk).update(expression='"Branch " & order.branch')
    page = admin_client.get(url("rule_change", memo.pk))
    otherwise = page.context["table"]["otherwise"]
    assert (otherwise["kind"], otherwise["text"]) == (
        "expression",
        '"Branch " & order.branch',
    )


# ------------------------------------------------------------------- picking the field


def test_fields_are_picked_with_what_the_target_says_of_them(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    text = admin_client.get(url("mapping_change", mapping.pk)).text
    assert "Message (text, at most 20 characters): For the customer." in text
    assert "Location (from a list)" in text
    for heading in ("Rules: document", "Rules: lines", "Rules: tenders"):
        assert heading in text


def test_the_rule_of_another_object_is_not_picked(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    new = {"target": "line.tax_code", "expression": "1", "on": "both", "position": 1}
    changes = {f"header_rules-1-{name}": value for name, value in new.items()}
    changes["header_rules-TOTAL_FORMS"] = 2
    page = change(admin_client, url("mapping_change", mapping.pk), **changes)
    assert "Select a valid choice" in page.text


def test_a_rule_of_a_field_that_is_gone_stays_and_says_so(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    Rule.objects.create(mapping=mapping, scope="item", field="gone", expression="1")
    text = admin_client.get(url("mapping_change", mapping.pk)).text
    assert 'label="Not in the target"' in text
    assert "Item: gone" in text


def test_a_required_field_that_nothing_fills_is_told(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = TargetField("number", "Number", required=True)
    monkeypatch.setattr(BooksConnector, "target_fields", (*FIELDS, needed))
    text = admin_client.get(url("mapping_change", mapping.pk)).text
    assert "Required fields that no active rule fills" in text
    assert "Document: Number" in text
    Rule.objects.create(mapping=mapping, scope="header", field="number", expression="1")
    text = admin_client.get(url("mapping_change", mapping.pk)).text
    assert "Required fields that no active rule fills" not in text


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"only_if_empty": "on"}, ""),
        (
            {"only_if_empty": "on", "on": "create"},
            "What is created is empty: this is for updates.",
        ),
        (
            {"only_if_empty": "on", "target": "line.tax_code"},
            "The target writes this field anew with every update",
        ),
    ],
)
def test_only_if_empty_is_taken_where_the_target_can(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
    changes: dict[str, str],
    problem: str,
) -> None:
    mapping.rules.all().delete()
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="memo", expression="1"
    )
    page = change(admin_client, url("rule_change", own.pk), note="So it is.", **changes)
    own.refresh_from_db()
    assert (page.status_code, own.only_if_empty) == (
        (200, False) if problem else (302, True)
    )
    assert own.note == ("" if problem else "So it is.")
    assert not problem or problem in page.text


# -------------------------------------------------------------------------- the table


def test_a_rule_becomes_a_table_and_an_expression_again(
    admin_client: Client, memo: Rule
) -> None:
    address = url("rule_change", memo.pk)
    assert change(admin_client, address, **SENT).status_code == 302
    memo.refresh_from_db()
    assert (memo.table, memo.expression, memo.changed) == (TABLE, "", True)
    again = {"way": "expression", "expression": "order.id"}
    assert change(admin_client, address, **again).status_code == 302
    memo.refresh_from_db()
    assert (memo.table, memo.expression) == (None, "order.id")


def test_a_table_is_read_as_sentences(admin_client: Client, memo: Rule) -> None:
    Rule.objects.filter(pk=memo.pk).update(table=TABLE, expression="")
    pages = (url("mapping_change", memo.mapping.pk), url("rule_change", memo.pk))
    for page in (*pages, url("rule_changelist")):
        text = admin_client.get(page).text
        assert [each for each in SENTENCES if each not in text] == []


def test_a_table_survives_the_mappings_page(admin_client: Client, memo: Rule) -> None:
    Rule.objects.filter(pk=memo.pk).update(table=TABLE, expression="")
    address = url("mapping_change", memo.mapping.pk)
    prefix = "header_rules-0"
    answer = change(admin_client, address, **{f"{prefix}-on": "create"})
    assert answer.status_code == 302
    memo.refresh_from_db()
    assert (memo.on, memo.table, memo.expression) == ("create", TABLE, "")


def test_restoring_takes_the_table_away(admin_client: Client, memo: Rule) -> None:
    Rule.objects.filter(pk=memo.pk).update(table=TABLE, only_if_empty=True)
    admin_client.post(url("rule_press", memo.pk, "restore"))
    memo.refresh_from_db()
    assert (memo.table, memo.only_if_empty, memo.changed) == (None, False, False)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"table:rows": "0"}, "A table needs a row."),
        ({"table:rows": "51"}, "A table has at most 50 rows."),
        ({"table.1.0:value": "a lot"}, "Row 2: Condition 1: “Total” is a number"),
        ({"table.0:text": " "}, "Row 1: the value is missing."),
        (
            {"table.0:then": "expression", "table.0:expression": "order.refrence"},
            "Row 1: &quot;order&quot; has no &quot;refrence&quot;",
        ),
        (
            {"table.otherwise:then": "number", "table.otherwise:number": "x"},
            "Otherwise: “x” is no number.",
        ),
    ],
)
def test_a_table_that_cannot_work_is_refused_and_kept_to_be_mended(
    admin_client: Client, memo: Rule, changes: dict[str, str], problem: str
) -> None:
    page = change(admin_client, url("rule_change", memo.pk), **{**SENT, **changes})
    assert problem in page.text
    assert 'value="order.branch" selected' in page.text or changes == {
        "table:rows": "0"
    }
    memo.refresh_from_db()
    assert memo.table is None


def test_the_editor_does_what_its_buttons_say(admin_client: Client, memo: Rule) -> None:
    def rows(button: str) -> int:
        return press(admin_client, memo, button).count('<th scope="row">')

    def fields(button: str) -> int:
        return press(admin_client, memo, button).count(':field" aria-label="Field" hx-')

    assert (rows(""), rows("add-row table"), rows("remove table.0")) == (2, 3, 1)
    assert (rows("remove table.7"), rows("remove table"), rows("x y")) == (2, 2, 2)
    assert (fields(""), fields("add-condition table.0")) == (3, 4)
    assert fields("add-group table.1") == fields("add-entries table.1") == 4
    assert fields("remove table.1.1") == 2
    assert fields("remove table.1.7.1") == fields("remove table.x") == 3
    text = press(admin_client, memo, "down table.0")
    assert text.index('order.total_incl" selected') < text.index(
        'order.branch" selected'
    )
    assert text == press(admin_client, memo, "up table.1")
    assert press(admin_client, memo, "up table.0") == press(admin_client, memo)


def test_the_editor_tells_the_table_or_what_is_wrong(
    admin_client: Client, memo: Rule
) -> None:
    text = press(admin_client, memo)
    assert [each for each in SENTENCES if each not in text] == []
    text = press(admin_client, memo, **{"table.1.0:value": "x"})
    assert "Row 2: Condition 1: “Total” is a number, and “x” is none." in text


def test_several_values_are_each_typed_alone(admin_client: Client, memo: Rule) -> None:
    many = {"table.0.0:operator": "one_of", "table.0.0:value": ["1, 2", "3|4"]}
    text = press(admin_client, memo, "add-value table.0.0", **many)
    assert text.count('name="table.0.0:value"') == 3
    change(admin_client, url("rule_change", memo.pk), **{**SENT, **many})
    memo.refresh_from_db()
    assert memo.table is not None
    [condition] = memo.table["rows"][0]["when"]["all"]
    assert condition["value"] == ["1, 2", "3|4"]


def test_those_who_may_only_look_read_the_table(
    looker: Client,  # noqa: F811
    memo: Rule,
) -> None:
    Rule.objects.filter(pk=memo.pk).update(table=TABLE, expression="")
    for page in (url("rule_change", memo.pk), url("mapping_change", memo.mapping.pk)):
        text = looker.get(page).text
        assert SENTENCES[0] in text
        assert 'id="editor"' not in text
    assert looker.post(url("rule_table", memo.pk), SENT).status_code == 403
    assert looker.post(url("rule_table", 10**6), SENT).status_code == 404


def test_a_field_that_is_picked_from_a_list_offers_its_names(
    admin_client: Client, memo: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = TargetField("memo", "Message", choices=(("Two", "Second"), ("x", "X")))
    monkeypatch.setattr(BooksConnector, "target_fields", (listed, *FIELDS[1:]))
    text = press(admin_client, memo)
    assert '<option value="Two" selected>Second</option>' in text
    assert "then “Second”;" in text


def test_the_table_stands_where_its_rule_is_chosen_to_be_one(
    admin_client: Client,
    memo: Rule,
) -> None:
    text = admin_client.get(url("rule_change", memo.pk)).text
    places = [text.index(part) for part in ('name="way"', 'id="editor"', 'name="on"')]
    assert places == sorted(places)
    assert "<details" in text[text.index('name="note"') : text.index("upper(text)")]

"""Filters in the admin: built of conditions, or written."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mapping.filter_admin import tell_trial
from mapping.models import Filter, Mapping
from mapping.trying import Trial
from tests.mapping.pages import change, form_data, url
from tests.mapping.test_admin import looker, mapping  # noqa: F401
from tests.mapping.test_conditions import ask

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]
CONDITIONS = {
    "all": [
        ask("order.branch", "none_of", ["1", "2"]),
        {"any": [ask("order.extra.floor", "more", "3", type="number")]},
    ]
}
SENT: dict[str, Any] = {
    "reason": "another shop",
    "active": "on",
    "position": "1",
    "conditions:parts": "2",
    "conditions:kind": "all",
    "conditions.0:field": "order.branch",
    "conditions.0:operator": "none_of",
    "conditions.0:value": ["1", "2", ""],
    "conditions.1:parts": "1",
    "conditions.1:kind": "any",
    "conditions.1.0:field": "number:order.extra.floor",
    "conditions.1.0:operator": "more",
    "conditions.1.0:value": "3",
}
SENTENCE = "the branch is none of 1 or 2 and the field “floor” is more than 3"


def add(client: Client, mapping: Mapping, **changes: Any) -> Any:  # noqa: F811
    """Add a filter from the page of its mapping."""
    address = f"{url('filter_add')}?mapping={mapping.pk}"
    data = {**form_data(client.get(address)), **SENT, **changes}
    return client.post(address, {k: v for k, v in data.items() if v is not None})


def press(client: Client, mapping: Mapping, button: str = "", **sent: Any) -> str:  # noqa: F811
    """The conditions after a button was pressed."""
    data = {**SENT, **sent, "press": button}
    return client.post(url("filter_conditions", mapping.pk), data).text


def test_a_filter_is_built_and_told_on_the_mappings_page(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    page = admin_client.get(url("mapping_change", mapping.pk))
    assert f"{url('filter_add')}?mapping={mapping.pk}" in page.text
    answer = add(admin_client, mapping)
    assert answer.url == url("mapping_change", mapping.pk)
    made = mapping.filters.get()
    assert (made.conditions, made.expression) == (CONDITIONS, "")
    assert [version.how for version in mapping.versions.all()][0] == "filter added"
    for page in (url("mapping_change", mapping.pk), url("filter_changelist")):
        assert SENTENCE in admin_client.get(page).text


def test_a_filter_is_written_by_those_who_like_to(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    nothing = {"conditions:parts": "1", "conditions.0:field": ""}
    add(admin_client, mapping, **nothing, expression='order.branch = "1"')
    made = mapping.filters.get()
    assert (made.conditions, made.expression) == (None, 'order.branch = "1"')


BRANCH = {"field": "order.branch", "operator": "is", "value": "1"}
MANY = {f"conditions.{n}:{name}": v for n in range(51) for name, v in BRANCH.items()}
FIFTY_ONE = [str(number) for number in range(51)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({**MANY, "conditions:parts": "51"}, "more than 50 conditions in a group"),
        ({"conditions.0:value": FIFTY_ONE}, "Condition 1: between 1 and 50 values"),
        ({"conditions:parts": "0"}, "Say when a record is skipped."),
        ({"conditions.0:value": ""}, "Condition 1: between 1 and 50 values"),
        ({"conditions.1.0:value": "x"}, "Condition 2.1: “floor” is"),
        ({"expression": "true"}, "Choose conditions or write an expression, not both."),
        (
            {"conditions:parts": "0", "expression": "1 +"},
            "Position 4: expected a value",
        ),
        (
            {"conditions:parts": "0", "expression": "order.x"},
            "has no &quot;x&quot;",
        ),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_a_filter_that_cannot_work_is_refused(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
    changes: dict[str, Any],
    problem: str,
) -> None:
    page = add(admin_client, mapping, **changes)
    assert problem in page.text
    assert not Filter.objects.exists()


def test_a_filter_is_changed_on_its_page(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    add(admin_client, mapping)
    made = mapping.filters.get()
    address = url("filter_change", made.pk)
    assert 'value="number:order.extra.floor" selected' in admin_client.get(address).text
    answer = change(admin_client, address, **{**SENT, "conditions.0:value": "7"})
    assert answer.url == url("mapping_change", mapping.pk)
    made.refresh_from_db()
    assert made.conditions["all"][0]["value"] == ["7"]  # type: ignore[index]


def test_a_filter_is_switched_off_and_removed_on_the_mappings_page(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    made = Filter.objects.create(mapping=mapping, conditions=CONDITIONS, reason="x")
    address = url("mapping_change", mapping.pk)
    change(admin_client, address, **{"filters-0-active": None})
    made.refresh_from_db()
    assert (made.active, made.conditions) == (False, CONDITIONS)
    change(admin_client, address, **{"filters-0-DELETE": "on"})
    assert not Filter.objects.exists()


def test_filters_are_added_from_their_mapping_only(admin_client: Client) -> None:
    for query in ("", "?mapping=x", "?mapping=99999"):
        assert admin_client.get(url("filter_add") + query).status_code == 403


def test_the_editor_tells_the_filter_or_what_is_wrong(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    text = press(admin_client, mapping)
    assert f"A record is skipped when {SENTENCE}." in text
    assert "There are no records yet to try it on." in text
    text = press(admin_client, mapping, "add-condition conditions")
    assert "Condition 3: a field is missing." in text


def test_a_new_filter_says_that_every_record_passes(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    address = f"{url('filter_add')}?mapping={mapping.pk}"
    for text in (
        admin_client.get(address).text,
        press(admin_client, mapping, **{"conditions:parts": "0"}),
    ):
        assert "No condition is chosen yet: every record passes" in text
        assert "is missing" not in text


def test_a_field_that_was_just_picked_is_compared_as_the_page_shows(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    new = {"conditions:parts": "1", "conditions.0:field": "order.branch"}
    new |= {"conditions.0:operator": "", "conditions.0:value": ""}
    text = press(admin_client, mapping, **new)
    assert "Condition 1: a value for “Branch” is missing." in text
    other = {"conditions:parts": "1", "conditions.0:field": "order.final"}
    text = press(admin_client, mapping, **other)
    assert "A record is skipped when the payment is final." in text


def test_a_comparison_that_does_not_fit_is_never_saved_as_another(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    page = add(admin_client, mapping, **{"conditions.0:field": "order.final"})
    assert "Condition 1: “Payment is final” cannot be compared" in page.text
    assert not Filter.objects.exists()


def test_what_is_sent_without_bound_is_not_followed(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    deep = {f"conditions{'.0' * n}:parts": "1" for n in range(60)}
    assert "more than 4 levels" in press(admin_client, mapping, **deep)
    wide = {"conditions:parts": "99999"}
    assert press(admin_client, mapping, **wide).count('aria-label="Field"') == 51
    assert press(admin_client, mapping, **{"conditions:parts": "²"})


def test_a_looker_reads_filters_and_tries_none(
    looker: Client,  # noqa: F811
    mapping: Mapping,  # noqa: F811
) -> None:
    made = Filter.objects.create(mapping=mapping, conditions=CONDITIONS, reason="x")
    text = looker.get(url("filter_change", made.pk)).text
    assert SENTENCE in text
    assert 'id="editor"' not in text
    assert looker.post(url("filter_conditions", mapping.pk), SENT).status_code == 403
    assert looker.post(url("filter_conditions", 10**6), SENT).status_code == 404


def test_conditions_that_cannot_be_read_any_more_are_told(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    Filter.objects.create(
        mapping=mapping, conditions={"all": [ask("x", "is")]}, reason="x"
    )
    text = admin_client.get(url("mapping_change", mapping.pk)).text
    assert "Condition 1: Position 1: &quot;x&quot; is not known here" in text


@pytest.mark.parametrize(
    "conditions",
    [
        {"any": None},
        {"all": ["x", {"where": "x", "some": "order.lines"}]},
        {"all": [{"field": {"a": "b"}}, {"field": "order.id", "operator": ["x"]}]},
        {"all": [{"field": "order.id", "operator": "is", "value": [{}], "type": []}]},
    ],
)
def test_the_page_of_what_cannot_be_read_opens(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
    conditions: Any,
) -> None:
    made = Filter.objects.create(mapping=mapping, conditions=conditions, reason="x")
    rule = mapping.rules.all()[0]
    rows: Any = [{"when": conditions, "then": {"a": "b"}}, {"then": ["c"]}, "d"]
    for table in ({"rows": rows, "otherwise": "e"}, {"rows": "f"}):
        rule.table = table
        rule.save()
        page = admin_client.get(url("rule_change", rule.pk))
        assert page.context["told"]["problem"]
    assert admin_client.get(url("filter_change", made.pk)).context["told"]


@pytest.mark.parametrize(
    ("trial", "count", "examples"),
    [
        (Trial(), "There are no records yet to try it on.", None),
        (Trial(1), "1 of the last 1 record passes.", []),
        (
            Trial(2, ["7"], [("8", "no number")]),
            "2 of the last 4 records pass.",
            ["1 would be skipped: 7", "fails: 8: no number"],
        ),
        (
            Trial(0, list("abcdef"), [(str(n), "x") for n in range(9)]),
            "0 of the last 15 records pass.",
            [
                "6 would be skipped: a, b, c, d, e, …",
                *(f"fails: {n}: x" for n in range(5)),
            ],
        ),
    ],
)
def test_a_trial_is_told_in_words(
    trial: Trial, count: str, examples: list[str] | None
) -> None:
    told = tell_trial(trial)
    assert (told["count"], told.get("examples")) == (count, examples)


def test_a_filter_is_added_to_the_mapping_of_its_page_only(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    other = Mapping.objects.create(
        name="Other", source="till", target="books", kind="order"
    )
    address = f"{url('filter_add')}?mapping={mapping.pk}"
    page = admin_client.post(address, {**SENT, "mapping": other.pk})
    assert "Select a valid choice" in page.text
    assert not Filter.objects.exists()


def test_the_conditions_stand_before_the_expression_for_those_who_write(
    admin_client: Client,
    mapping: Mapping,  # noqa: F811
) -> None:
    text = admin_client.get(f"{url('filter_add')}?mapping={mapping.pk}").text
    places = [
        text.index(part)
        for part in ('name="reason"', 'id="editor"', "Or an expression")
    ]
    assert places == sorted(places)
    assert "Shown with every record that it skips." in text

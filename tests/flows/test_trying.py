"""Rules are tried on real records: nothing is stored, sent, or asked twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from flows import trying
from flows.engine.comparing import Change, compare
from flows.engine.previewing import Subject, open_subject
from flows.models import Attempt, Envelope, Flow, Link, Run, Survey, SyncRecord
from mapping.models import Filter, Rule
from mapping.steps import Maker
from mapping.valuemaps import ValueTable
from tests.factories import StaffFactory
from tests.flows.shop import sell
from tests.plant import Plant

TABLES: tuple[type[models.Model], ...] = (
    *(Attempt, Envelope, Link, Run, Survey),
    SyncRecord,
)
LOOK = ("flows.view_flow", "flows.preview_flow")
SEE = (*LOOK, "flows.view_syncrecord")


def rows() -> list[int]:
    return [table.objects.count() for table in TABLES]


def change(flow: Flow, field: str, expression: str) -> list[Rule]:
    """The rules of a flow with another expression for a field, not stored."""
    rules = list(flow.mapping.rules.all())
    for rule in rules:
        if rule.field == field and rule.scope == "line":
            rule.expression = expression
    return rules


def subject_of(record: SyncRecord) -> Subject:
    subject = open_subject(record)
    assert isinstance(subject, Subject)
    return subject


def changed(trial: trying.Trial) -> dict[str, Any]:
    return {
        each.shown.field: each.shown.value for each in trial.results if each.is_changed
    }


def changes_of(trial: trying.Trial) -> dict[str, tuple[str, str]]:
    return {
        str(each.path[-1]): (each.now, each.then)
        for _label, found in trial.changes
        for each in found
    }


@pytest.mark.django_db(transaction=True)
def test_a_tried_rule_tells_what_would_change_in_the_target(plant: Plant) -> None:
    sell(plant)
    plant.run()
    before, written = rows(), plant.books.writes()
    record = SyncRecord.objects.get()
    rules = change(plant.flow, "description", '"Sold: " & line.text')
    trial = trying.try_subject(plant.flow, subject_of(record), rules)
    (text,) = changed(trial).values()
    assert text.startswith("Sold: ")
    assert changes_of(trial) == {"Description": (text.removeprefix("Sold: "), text)}
    assert (rows(), plant.books.writes()) == (before, written)
    assert not Rule.objects.get(field="description", scope="line").changed


@pytest.mark.django_db(transaction=True)
def test_without_a_change_nothing_would_change(plant: Plant) -> None:
    sell(plant)
    plant.run()
    rules = list(plant.flow.mapping.rules.all())
    trial = trying.try_subject(plant.flow, subject_of(SyncRecord.objects.get()), rules)
    assert (changed(trial), list(trial.changes), trial.problem) == ({}, [], "")
    assert trial.preview is not None
    assert trial.preview.fate == "exists"


@pytest.mark.django_db(transaction=True)
def test_typing_costs_no_calls(plant: Plant) -> None:
    sell(plant)
    plant.run()
    subject = subject_of(SyncRecord.objects.get())
    trying.try_subject(plant.flow, subject, change(plant.flow, "description", "1"))
    calls = len(plant.books.log())
    for typed in ("12", "123", "order.branch"):
        rules = change(plant.flow, "description", typed)
        assert changed(trying.try_subject(plant.flow, subject, rules))
    assert len(plant.books.log()) == calls


@pytest.mark.django_db(transaction=True)
def test_an_item_that_is_there_is_told_to_be_used_as_it_is(
    plant: Plant, admin_client: Client
) -> None:
    sell(plant)
    plant.run()
    rules = list(plant.flow.mapping.rules.all())
    for rule in rules:
        if (rule.scope, rule.field) == ("item", "name"):
            rule.expression = '"Sold: " & line.text'
    subject = subject_of(SyncRecord.objects.get())
    trial = trying.try_subject(plant.flow, subject, rules)
    assert set(changed(trial)) == {"name"}
    assert (list(trial.changes), len(trial.as_they_are)) == ([], 1)
    for rule in rules:
        rule.save()
    text = admin_client.get(address(plant.flow)).text
    assert "What would change in the target" not in text
    assert f"{trial.as_they_are[0]} is there already and is used as it is" in text


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_leads_to_another_object_is_tried_too(plant: Plant) -> None:
    sell(plant)
    plant.run()
    subject = subject_of(SyncRecord.objects.get())
    rules = list(plant.flow.mapping.rules.all())
    trying.try_subject(plant.flow, subject, rules)
    for rule in rules:
        if (rule.scope, rule.field) == ("item", "sku"):
            rule.expression = '"another"'
    trial = trying.try_subject(plant.flow, subject, rules)
    assert changed(trial) == {"sku": "another"}
    assert trial.problem == ""


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_cannot_be_read_leaves_the_others_alone(plant: Plant) -> None:
    sell(plant)
    plant.run()
    rules = change(plant.flow, "description", "upper(line.text")
    place = next(n for n, rule in enumerate(rules) if rule.expression.startswith("up"))
    trial = trying.try_subject(plant.flow, subject_of(SyncRecord.objects.get()), rules)
    assert list(trial.wrong) == [place]
    assert "Position" in trial.wrong[place]
    fields = {each.shown.field for each in trial.results if not each.is_changed}
    assert {"tax_code", "treatment", "sku"} <= fields


@pytest.mark.django_db(transaction=True)
def test_many_records_are_tried_with_as_many_queries_as_few(plant: Plant) -> None:
    for _ in range(12):
        sell(plant)
    plant.run()
    rules = change(plant.flow, "description", "number(line.text)")
    counts, read = [], []
    for count in (2, 12):
        with CaptureQueriesContext(connection) as queries:
            tried = trying.try_many(plant.flow, rules, count)
        counts.append(len(queries))
        read.append(sum('FROM "mapping_' in each["sql"] for each in queries))
        assert (tried.count, len(tried.failing), tried.changed) == (count, count, count)
        assert all("number" in each.reason for each in tried.failing)
    # Ten are looked up at once.
    assert counts[1] <= counts[0] + 3
    # Rules, filters, value maps and their rows.
    assert read == [4, 4]


@pytest.mark.django_db(transaction=True)
def test_each_rule_and_value_map_is_made_ready_once(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        sell(plant)
    plant.run()
    made: list[str] = []

    def count(make: Any) -> Any:
        def counted(self: Any, data: Any) -> Any:
            made.append(data.name)
            return make(self, data)

        return counted

    monkeypatch.setattr(Maker, "make_rule", count(Maker.make_rule))
    monkeypatch.setattr(ValueTable, "__init__", count(ValueTable.__init__))
    rules = change(plant.flow, "description", '"x" & line.text')
    trying.try_many(plant.flow, rules)
    # One is read as it is stored and as it is tried.
    ready = len(rules) + plant.flow.integration.value_maps.value_maps.count()
    assert len(made) == ready + 1


@pytest.mark.django_db(transaction=True)
def test_a_trial_ends_in_time_and_says_how_far_it_came(plant: Plant) -> None:
    for _ in range(12):
        sell(plant)
    plant.run()
    rules = list(plant.flow.mapping.rules.all())
    tried = trying.try_many(plant.flow, rules, seconds=-1)
    assert tried.count == trying.AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_typing_asks_no_query_for_each_rule(sold: Plant, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    mapping, counts = sold.flow.mapping, []
    for more in (0, 60):
        Rule.objects.bulk_create(
            Rule(mapping=mapping, scope="line", field=f"f{n}", expression="1")
            for n in range(more)
        )
        mapping.rules.filter(field__regex="^f[0-9]+$").update(active=False)
        data = form_of(sold.flow)
        client.post(address(sold.flow, "try"), data)
        with CaptureQueriesContext(connection) as queries:
            assert client.post(address(sold.flow, "try"), data).status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[0]


@pytest.mark.django_db(transaction=True)
def test_before_the_first_run_the_source_is_asked_once(plant: Plant) -> None:
    sell(plant)
    (order,) = trying.next_of_source(plant.flow)
    asked = len(plant.till.log())
    assert [each.id for each in trying.next_of_source(plant.flow)] == [order.id]
    assert (len(plant.till.log()), rows()) == (asked, [0] * len(TABLES))
    rules = change(plant.flow, "description", "1")
    trial = trying.try_subject(plant.flow, Subject(order), rules)
    assert changed(trial)
    assert trial.preview is not None
    assert trial.preview.fate == "create"


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_of_people_is_encrypted(plant: Plant) -> None:
    sell(plant)
    (order,) = trying.next_of_source(plant.flow)
    kept = cache.get(trying.source_key(plant.flow))
    assert kept
    assert order.id not in kept


@pytest.mark.django_db(transaction=True)
def test_the_rules_are_worked_out_while_the_target_cannot_be_reached(
    plant: Plant,
) -> None:
    sell(plant)
    plant.run()
    cache.clear()
    plant.books.running.stop()
    rules = change(plant.flow, "description", "1")
    trial = trying.try_subject(plant.flow, subject_of(SyncRecord.objects.get()), rules)
    assert changed(trial) == {"description": "1"}
    assert trial.preview is None
    assert trial.problem


# ------------------------------------------------------------------------- the page


def address(flow: Flow, name: str = "mapping") -> str:
    return reverse(f"admin:flows_flow_{name}", args=(flow.pk,))


def form_of(flow: Flow, **typed: str) -> dict[str, str]:
    """What the page posts; ``typed`` holds expressions by the field of a line."""
    rules = list(flow.mapping.rules.all())
    data = {
        "rules-TOTAL_FORMS": str(len(rules)),
        "rules-INITIAL_FORMS": str(len(rules)),
    }
    for place, rule in enumerate(rules):
        text = typed.get(rule.field) if rule.scope == "line" else None
        data |= {
            f"rules-{place}-id": str(rule.pk),
            f"rules-{place}-expression": text or rule.expression,
            f"rules-{place}-on": rule.on,
            f"rules-{place}-active": "on" if rule.active else "",
        }
    return data


@pytest.fixture
def sold(plant: Plant) -> Plant:
    sell(plant)
    plant.run()
    return plant


@pytest.mark.django_db(transaction=True)
def test_the_page_tells_what_is_locked_and_why(sold: Plant, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get(address(sold.flow)).content.decode()
    assert "Total and VAT" in page
    assert "to the cent and per rate" in page
    assert "What a rule can use of it" in page


@pytest.mark.django_db(transaction=True)
def test_who_may_only_look_can_try_and_not_save(sold: Plant) -> None:
    client = Client()
    client.force_login(StaffFactory(may=list(SEE)))
    data = form_of(sold.flow, description="order.branch")
    tried = client.post(address(sold.flow, "try"), data)
    assert tried.status_code == 200
    assert "hub-changed" in tried.content.decode()
    assert client.post(address(sold.flow), data).status_code == 403
    assert not Rule.objects.filter(expression="order.branch").exists()
    client.force_login(StaffFactory(may=["flows.view_flow"]))
    for name in ("mapping", "try", "many"):
        assert client.post(address(sold.flow, name), data).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_stored_records_are_for_those_who_may_see_records(sold: Plant) -> None:
    client, record = Client(), str(SyncRecord.objects.get().pk)
    option = f'<option value="{record}"'
    client.force_login(StaffFactory(may=[*LOOK, "mapping.change_rule"]))
    text = client.get(address(sold.flow)).text
    assert option not in text
    assert "Stored records are shown only to those who may see records" in text
    assert "Try on 50" not in text
    data = {**form_of(sold.flow), "record": record}
    assert "There is no record" in client.post(address(sold.flow, "try"), data).text
    assert client.post(address(sold.flow, "many"), data).status_code == 403
    client.force_login(StaffFactory(may=[*SEE, "mapping.change_rule"]))
    text = client.get(address(sold.flow)).text
    assert option in text
    assert "Try on 50" in text


@pytest.mark.django_db(transaction=True)
def test_saving_keeps_the_rules(sold: Plant, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    data = form_of(sold.flow, description="order.branch")
    assert client.post(address(sold.flow), data).status_code == 302
    rule = Rule.objects.get(scope="line", field="description")
    assert (rule.expression, rule.changed) == ("order.branch", True)


@pytest.mark.django_db(transaction=True)
def test_a_rule_with_a_mistake_is_not_saved(sold: Plant, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    data = form_of(sold.flow, description="order.nowhere")
    page = client.post(address(sold.flow), data)
    assert page.status_code == 200
    assert "has no &quot;nowhere&quot;" in page.content.decode()
    assert not Rule.objects.get(scope="line", field="description").changed


# ------------------------------------------------------------------- the difference


def test_only_what_is_sent_is_compared() -> None:
    current = {"Id": "1", "Memo": "a", "Ref": {"value": "3", "name": "Cash"}}
    assert compare(current, {"Memo": "a", "Ref": {"value": "3"}}) == []


def test_numbers_are_compared_by_value() -> None:
    assert compare({"A": Decimal("12.10"), "B": 1}, {"A": "12.1", "B": "1.00"}) == []


def test_lists_are_replaced_whole() -> None:
    current = {"Line": [{"A": "1"}, {"A": "2"}]}
    assert compare(current, {"Line": [{"A": "3"}]}) == [
        Change(("Line", 1, "A"), "1", "3"),
        Change(("Line", 2), "A 2", ""),
    ]


def test_what_is_new_is_told() -> None:
    assert compare({}, {"Memo": "b"}) == [Change(("Memo",), "", "b")]


def test_what_is_left_out_of_many_records_is_named(
    plant: Plant, admin_client: Client
) -> None:
    sell(plant)
    plant.run()
    record = SyncRecord.objects.get()
    text = admin_client.get(address(plant.flow)).text
    assert "This record was posted before." in text
    Filter.objects.create(
        mapping=plant.flow.mapping, reason="not ours", expression="true"
    )
    text = admin_client.post(address(plant.flow, "many"), form_of(plant.flow)).text
    assert "1 would be left out." in text
    assert (
        f"<strong>{record.number}</strong> will be skipped: filtered: not ours" in text
    )

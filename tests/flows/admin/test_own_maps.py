"""Value maps of one's own: rules look up in them, and they stay while they do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows.models import Flow
from mapping import map_services
from mapping.models import Filter, Rule, ValueMap
from mapping.versions import recording
from tests.factories import FlowFactory, SyncRecordFactory
from tests.flows.admin.test_mapping_page import page_of, save, typed

LOOKUP = 'lookup("desks", order.branch)'


@pytest.fixture
def flow() -> Flow:
    made: Flow = FlowFactory()
    Rule.objects.create(
        mapping=made.mapping, scope="header", field="memo", expression="order.id"
    )
    return made


@pytest.fixture
def desks(flow: Flow) -> ValueMap:
    made = map_services.create_value_map(
        flow.integration.value_maps,
        "Desks",
        keys=[{"label": "Branch"}],
        columns=[{"label": "Desk"}],
    )
    map_services.set_entry(made, ["1"], {"desk": "North"})
    return made


def use(flow: Flow, **values: Any) -> None:
    """Let the flow's rule look up in the map, and then do without it again."""
    with recording(flow.mapping, how="looks up"):
        flow.mapping.rules.update(**{"expression": LOOKUP, **values})
    with recording(flow.mapping, how="does without"):
        flow.mapping.rules.update(expression="order.id", table=None)


def take_back(client: Client, flow: Flow, how: str = "looks up") -> Any:
    version = flow.mapping.versions.get(how=how)
    place = (flow.mapping_id, version.pk)
    return client.post(reverse("admin:mapping_mapping_take_back", args=place))


@pytest.mark.usefixtures("desks")
def test_a_rule_looks_up_in_it(boss: Client, flow: Flow) -> None:
    assert save(boss, flow, **{"rules-0-expression": LOOKUP}).status_code == 302
    SyncRecordFactory(flow=flow)
    page = boss.get(page_of(flow))
    assert "North" in page.content.decode()
    tried = boss.post(page_of(flow) + "try/", typed(boss, flow)).content.decode()
    assert "no value map" not in tried


def test_without_lists_nothing_is_suggested_or_filled(
    boss: Client, desks: ValueMap
) -> None:
    page = reverse("admin:mapping_valuemap_change", args=(desks.pk,))
    assert boss.get(page).context["buttons"] == []
    desks.columns = [{**desks.columns[0], "choices": "tax_codes"}]
    desks.save()
    assert len(boss.get(page).context["buttons"]) == 3


def test_that_of_another_integration_is_not_known(boss: Client, flow: Flow) -> None:
    other = FlowFactory()
    map_services.create_value_map(
        other.integration.value_maps, "Desks", keys=[{"label": "A"}], columns=[]
    )
    page = save(boss, flow, **{"rules-0-expression": LOOKUP})
    assert "There is no value map" in page.content.decode()


@pytest.mark.usefixtures("desks")
def test_a_rule_is_taken_back_to_it(boss: Client, flow: Flow) -> None:
    use(flow)
    take_back(boss, flow)
    assert flow.mapping.rules.get().expression == LOOKUP


def test_none_is_taken_back_to_one_that_is_gone(
    boss: Client, flow: Flow, desks: ValueMap
) -> None:
    use(flow)
    desks.delete()
    take_back(boss, flow)
    assert flow.mapping.rules.get().expression == "order.id"


WRITTEN = LOOKUP.replace('"', "'")
TABLE = {
    "rows": [
        {
            "when": {"all": [{"field": "order.id", "operator": "filled"}]},
            "then": {"expression": LOOKUP},
        }
    ],
    "otherwise": None,
}


@pytest.mark.parametrize(
    "values", [{"expression": WRITTEN}, {"expression": "", "table": TABLE}]
)
def test_one_that_a_rule_looks_up_in_stays(
    boss: Client, flow: Flow, desks: ValueMap, values: dict[str, Any]
) -> None:
    flow.mapping.rules.update(active=False, **values)
    delete(boss, desks)
    assert ValueMap.objects.filter(pk=desks.pk).exists()


def test_one_that_a_filter_looks_up_in_stays(
    boss: Client, flow: Flow, desks: ValueMap
) -> None:
    Filter.objects.create(
        mapping=flow.mapping, reason="left out", expression=f'{WRITTEN} = "1"'
    )
    delete(boss, desks)
    assert ValueMap.objects.filter(pk=desks.pk).exists()


def test_one_that_nothing_looks_up_in_goes(boss: Client, desks: ValueMap) -> None:
    other = FlowFactory()
    other.mapping.rules.create(scope="header", field="memo", expression=LOOKUP)
    delete(boss, desks)
    assert not ValueMap.objects.filter(pk=desks.pk).exists()


def delete(client: Client, value_map: ValueMap) -> None:
    address = reverse("admin:mapping_valuemap_delete", args=(value_map.pk,))
    client.post(address, {"post": "yes"})

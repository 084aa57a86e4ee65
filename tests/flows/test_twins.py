"""Two flows over the same two accounts: only the first posts, and the second is told."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from connectors.models import Connection
from flows import services, setup
from flows.engine import reading
from flows.models import Alert, Flow, Run, RunStage
from integration_hub.core.errors import ConfigError
from integration_hub.demo.shop import integrate, load_shop, sign_in
from mapping.models import Mapping, ValueMapSet
from tests.factories import (
    BooksFactory,
    ConnectionFactory,
    FlowFactory,
    IntegrationFactory,
)
from tests.flows.memory import Ledger, order
from tests.flows.shop import assert_right, sell_many
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


def add_twin(flow: Flow, **changes: object) -> Flow:
    """A flow of another integration, whose connections lead to the same accounts."""
    integration = IntegrationFactory(source=ConnectionFactory(), target=BooksFactory())
    return FlowFactory(integration=integration, **changes)


def skip_where(flow: Flow, expression: str) -> None:
    flow.mapping.filters.create(expression=expression, reason="another flow's")


def run(flow: Flow) -> Run:
    made = services.run_flow(flow).run
    services.work_here(made)
    made.refresh_from_db()
    return made


def test_the_second_cannot_be_switched_on(flow: Flow) -> None:
    twin = add_twin(flow)
    setup.switch(flow, on=True)
    with pytest.raises(ConfigError, match=f"“{flow}”.*Receipts.*a second time"):
        setup.switch(twin, on=True)
    with pytest.raises(CommandError, match=f"Switch “{flow}” off"):
        call_command("switch_flow", str(twin), "--on")
    assert not Flow.objects.get(pk=twin.pk).enabled
    wrong = [line for line in setup.check_flow(twin) if not line.ok]
    assert [line.page for line in wrong] == [f"flow:{flow.pk}"]
    # It is about two that are on.
    setup.switch(flow, on=False)
    setup.switch(twin, on=True)
    with pytest.raises(ConfigError, match=f"“{twin}”"):
        setup.switch(flow, on=True)


@pytest.mark.parametrize("ends", ["another till", "another feed", "other books"])
def test_what_is_not_the_same_goes_on(flow: Flow, ends: str) -> None:
    twin = add_twin(flow)
    source, target = twin.integration.source, twin.integration.target
    if ends == "another till":
        source.credentials = {**source.credentials, "ident": "you"}
    elif ends == "other books":
        target.settings = {"base_url": "https://other.example"}
    else:
        twin.feed = "invoices"
        twin.save()
    source.save()
    target.save()
    setup.switch(flow, on=True)
    setup.switch(twin, on=True)
    assert twin.enabled


def test_filters_that_part_them_let_both_work(flow: Flow, shelf: list[object]) -> None:
    twin = add_twin(flow)
    setup.switch(flow, on=True)
    skip_where(flow, 'order.branch = "2"')
    skip_where(twin, 'not one_of(order.branch, "2", "3")')
    with pytest.raises(ConfigError):
        setup.switch(twin, on=True)
    skip_where(twin, 'order.branch = "3"')
    setup.switch(twin, on=True)
    assert run(twin).stage == RunStage.FINISHED
    # Whoever changes a filter later is held by the engine.
    twin.mapping.filters.all().delete()
    assert run(twin).stage == RunStage.STOPPED


def test_a_filter_that_is_switched_off_parts_nothing(flow: Flow) -> None:
    twin = add_twin(flow)
    setup.switch(flow, on=True)
    skip_where(flow, 'order.branch = "2"')
    skip_where(twin, 'order.branch <> "2"')
    twin.mapping.filters.update(active=False)
    with pytest.raises(ConfigError):
        setup.switch(twin, on=True)


def test_of_two_that_are_on_the_second_is_stopped(
    flow: Flow, ledger: Ledger, shelf: list[object]
) -> None:
    twin = add_twin(flow)
    Flow.objects.update(enabled=True)
    shelf.append(order("1"))
    stopped = run(Flow.objects.get(pk=twin.pk))
    assert stopped.stage == RunStage.STOPPED
    assert str(flow) in stopped.problem
    assert (stopped.read, len(ledger.objects)) == (0, 0)
    alert = Alert.objects.get(flow=twin)
    assert str(flow) in alert.message
    assert run(Flow.objects.get(pk=flow.pk)).stage == RunStage.FINISHED
    assert len(ledger.objects) == 1


def test_what_the_second_has_read_already_is_not_posted(
    flow: Flow, ledger: Ledger, shelf: list[object]
) -> None:
    twin = add_twin(flow)
    shelf.append(order("1"))
    started = services.run_flow(twin).run
    reading.read(started.pk)
    Flow.objects.update(enabled=True)
    services.work_here(started)
    started.refresh_from_db()
    assert started.stage == RunStage.STOPPED
    assert ledger.objects == {}


def test_books_that_take_equal_numbers_hold_each_sale_once(plant: Plant) -> None:
    """Two integrations set up by hand, of which each takes its documents for its own."""
    plant.books.switch(duplicate_numbers="accepted")
    first = plant.flow
    books = Connection.objects.create(
        name="Books again",
        connector="quickbooks",
        credentials={"client_id": "sandbox", "client_secret": "sandbox"},
        settings=first.integration.target.settings,
    )
    sign_in(books)
    till = Connection.objects.create(
        name="Till again",
        connector="mplus",
        credentials=first.integration.source.credentials,
        settings=first.integration.source.settings,
    )
    first.integration.name = "First"
    first.integration.save()
    ValueMapSet.objects.update(name="First")
    Mapping.objects.update(name="First")
    second = integrate(till, books, load_shop())
    second.integration.mark = "another"
    second.integration.number_prefix = "X"
    second.integration.save()
    Flow.objects.update(enabled=True)
    sell_many(plant, 3)
    plant.run()
    assert run(Flow.objects.get(pk=second.pk)).stage == RunStage.STOPPED
    assert_right(plant)

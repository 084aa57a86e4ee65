"""The only door to the links: who may send, what is remembered, what is left alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.writes import Found, Known, Ref, Sighting, Write
from flows import links
from flows.models import Envelope, Flow, Integration, Link, LinkState, SyncRecord
from tests.factories import LinkFactory, SyncRecordFactory
from tests.flows.memory import sale

pytestmark = pytest.mark.django_db
CUSTOMER = Ref("customer", "7", "customer")


def customer(key: str = "7") -> Write:
    return Write("customer", key, "customer", "Customer", {}, shared=True)


def document(number: str, *, entity: str = "Sale") -> Write:
    return Write(*("order", f"id-{number}", "sale", entity, {}), number=f"S{number}")


@pytest.fixture
def integration(flow: Flow) -> Integration:
    return flow.integration


def reserve(integration: Integration, *writes: Write) -> links.Links:
    return links.reserve(integration, writes, {})


def envelope_of(integration: Integration) -> Envelope:
    return Envelope.objects.create(integration=integration)


def send(integration: Integration, *writes: Write) -> tuple[Envelope, list[Link]]:
    """Reserve and take these writes, as one who is about to send them."""
    rows = reserve(integration, *writes)
    envelope = envelope_of(integration)
    taken = links.take({rows[w.ref].pk: w for w in writes}, envelope)
    return envelope, list(taken.values())


def state_of(ref: Ref) -> str:
    return Link.objects.get(kind=ref.kind, key=ref.key, role=ref.role).state


def test_an_intent_is_written_once(integration: Integration) -> None:
    first = reserve(integration, customer(), document("1"))
    second = reserve(integration, document("1"), customer(), customer("8"))
    assert {ref: row.pk for ref, row in second.items()} | {
        ref: row.pk for ref, row in first.items()
    } == {ref: row.pk for ref, row in second.items()}
    assert Link.objects.count() == 3


def test_intents_are_written_in_one_order(integration: Integration) -> None:
    # Two workers that write the same intents in different orders would wait for
    # each other for ever.
    wanted = [customer("9"), document("2"), customer("1"), document("1")]
    reserve(integration, *wanted)
    keys = list(Link.objects.order_by("pk").values_list("kind", "key"))
    assert keys == sorted(keys)


def test_an_intent_names_its_record(integration: Integration) -> None:
    record = SyncRecordFactory(flow__integration=integration, flow__feed="others")
    write = document("1")
    rows = links.reserve(integration, [write], {write.ref: record.pk})
    assert rows[write.ref].record_id == record.pk


def test_only_one_may_send(integration: Integration) -> None:
    _first, mine = send(integration, customer(), document("1"))
    _second, others = send(integration, customer(), document("2"))
    assert [link.key for link in mine] == ["7", "id-1"]
    assert [link.key for link in others] == ["id-2"]


def test_a_write_that_became_another_is_remembered_as_that(
    integration: Integration,
) -> None:
    reserve(integration, document("1"))
    _envelope, (link,) = send(integration, document("1", entity="Invoice"))
    link.refresh_from_db()
    assert link.entity == "Invoice"


def test_what_was_refused_may_be_sent_again(integration: Integration) -> None:
    envelope, (link,) = send(integration, document("1"))
    links.settle(envelope, {link.pk: links.Verdict(LinkState.REFUSED, None, "No.")})
    _again, taken = send(integration, document("1"))
    assert [(row.pk, row.message) for row in taken] == [(link.pk, "")]


@pytest.mark.parametrize("state", ["sending", "linked", "in_doubt"])
def test_what_is_under_way_or_done_is_not_sent(
    integration: Integration, state: str
) -> None:
    rows = reserve(integration, document("1"))
    Link.objects.update(state=state)
    envelope = envelope_of(integration)
    assert links.take({rows[sale("1")].pk: document("1")}, envelope) == {}


def test_a_verdict_is_remembered_with_what_it_became(integration: Integration) -> None:
    envelope, (link,) = send(integration, document("1"))
    known = Known("12", "S1", "0", Decimal("12.10"), {"vat": {"21": "2.10"}})
    links.settle(envelope, {link.pk: links.Verdict(LinkState.LINKED, known)})
    link.refresh_from_db()
    assert links.known_of(link) == replace(known, entity="Sale")


def test_a_verdict_comes_too_late_for_a_settled_link(integration: Integration) -> None:
    envelope, (link,) = send(integration, document("1"))
    links.settle(envelope, {link.pk: links.Verdict(LinkState.LINKED, Known("12"))})
    links.settle(envelope, {link.pk: links.Verdict(LinkState.REFUSED)})
    assert state_of(sale("1")) == "linked"


def test_a_verdict_of_another_envelope_is_not_heard(integration: Integration) -> None:
    _envelope, (link,) = send(integration, document("1"))
    other = envelope_of(integration)
    links.settle(other, {link.pk: links.Verdict(LinkState.LINKED, Known("12"))})
    assert state_of(sale("1")) == "sending"


def test_doubt_and_release_leave_settled_links_alone(integration: Integration) -> None:
    envelope, rows = send(integration, document("1"), document("2"))
    links.settle(envelope, {rows[0].pk: links.Verdict(LinkState.LINKED, Known("1"))})
    assert links.doubt(envelope, "no answer") == 1
    assert links.release(envelope, "not there") == 1
    assert (state_of(sale("1")), state_of(sale("2"))) == ("linked", "planned")


def test_nothing_is_asked_for_nothing(
    integration: Integration, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        assert links.load(integration.pk, set()) == {}
        assert links.load_of_keys(integration.pk, "order", []) == {}
        assert links.adopt(integration, [Sighting("Sale", Known("1"), None)]) == 0


def test_what_bears_our_mark_is_adopted(integration: Integration) -> None:
    reserve(integration, document("1"))
    sightings = [Sighting("Sale", Known(n), sale(n)) for n in ("1", "2")]
    assert links.adopt(integration, sightings) == 2
    assert Link.objects.get(key="id-2").target_id == "2"
    assert state_of(sale("1")) == "linked"


@pytest.mark.parametrize("state", ["sending", "in_doubt", "linked"])
def test_what_somebody_sends_is_not_adopted(
    integration: Integration, state: str
) -> None:
    _envelope, (link,) = send(integration, document("1"))
    Link.objects.update(state=state)
    assert links.adopt(integration, [Sighting("Sale", Known("9"), sale("1"))]) == 0
    link.refresh_from_db()
    assert (link.state, link.target_id) == (state, "")


def test_an_adopted_link_gets_its_record(integration: Integration) -> None:
    record = SyncRecordFactory(
        flow__integration=integration, flow__feed="others", source_id="id-1"
    )
    links.adopt(integration, [Sighting("Sale", Known("1"), sale("1"))])
    rows = links.load(integration.pk, {sale("1")})
    links.own(rows, {"id-1": record.pk})
    assert Link.objects.get().record_id == record.pk


def test_a_hit_of_a_search_is_linked(integration: Integration) -> None:
    rows = reserve(integration, customer())
    links.adopt_found(rows, {CUSTOMER: Found(Known("5"), ours=True)})
    assert Link.objects.get().target_id == "5"
    assert rows[CUSTOMER].state == "linked"


def test_a_name_of_somebody_else_asks_for_the_second_choice(
    integration: Integration,
) -> None:
    rows = reserve(integration, customer())
    links.adopt_found(rows, {CUSTOMER: Found(Known("5"), ours=False)})
    link = Link.objects.get()
    assert (link.state, link.use_fallback) == ("planned", True)


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("state", ["sending", "in_doubt", "linked"])
def test_a_search_does_not_undo_what_others_did_meanwhile(
    integration: Integration, state: str, ours: bool
) -> None:
    rows = reserve(integration, customer())
    Link.objects.update(state=state, target_id="5")
    links.adopt_found(rows, {CUSTOMER: Found(Known("6"), ours=ours)})
    link = Link.objects.get()
    assert (link.state, link.target_id) == (state, "5")
    assert rows[CUSTOMER].state == state


def test_a_hit_that_nobody_asked_for_is_left(integration: Integration) -> None:
    links.adopt_found({}, {CUSTOMER: Found(Known("6"), ours=True)})
    assert not Link.objects.exists()


def test_a_stale_link_is_looked_at_again(integration: Integration) -> None:
    record = SyncRecordFactory(
        flow__integration=integration, flow__feed="others", source_id="id-1"
    )
    link = LinkFactory(record=record)
    assert links.mark_stale(SyncRecord.objects.filter(pk=record.pk)) == 1
    rows = links.load(integration.pk, {sale("1")})
    assert rows[sale("1")].is_stale
    links.refresh(rows, {sale("1"): Found(Known("T9", total=Decimal(9)), ours=True)})
    link.refresh_from_db()
    assert (link.is_stale, link.target_id, link.total) == (False, "T9", Decimal(9))


@pytest.mark.parametrize("change", ["correction", "update"])
def test_each_document_takes_over_the_version_of_its_own_change(
    integration: Integration, change: str
) -> None:
    ids = {"sale": "10", "return": "20", f"{change}:1": "10", f"{change}:2": "20"}
    writes = [replace(document("1"), role=role) for role in ids]
    envelope, rows = send(integration, *writes[:2])
    settle_as(envelope, rows, ids, "0")
    envelope, rows = send(integration, *writes[2:])
    settle_as(envelope, rows, ids, "1")
    assert set(Link.objects.values_list("version", flat=True)) == {"1"}


def settle_as(
    envelope: Envelope, rows: list[Link], ids: dict[str, str], version: str
) -> None:
    """Everything was written, to these ids."""
    known = {row.pk: Known(ids[row.role], version=version) for row in rows}
    verdicts = {pk: links.Verdict(LinkState.LINKED, k) for pk, k in known.items()}
    links.settle(envelope, verdicts)

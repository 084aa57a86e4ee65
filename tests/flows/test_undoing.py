"""Taking back what a run has posted, as long as nobody changed it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.writes import TOUCHED
from flows import services, undoing
from flows.models import Envelope, Link, MarginLine, Run, SyncRecord
from flows.reasons import CHECKED
from integration_hub.core.errors import ConfigError, HubError
from tests.factories import StaffFactory
from tests.flows.bookkeeper import ask_books, documents
from tests.flows.shop import BATCH, LINE, only_alert, record_of, sell, wait_and_work
from tests.flows.test_after_posting import change
from tests.flows.test_closed_periods import choose, close
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
SPLIT = [{"method": "PIN", "amount": 210}, {"method": "CREDITCARD", "amount": 1000}]
ON_ACCOUNT: dict[str, Any] = {"payments": [{"method": "OPREKENING"}], "relation": 1001}
CASH_BACK = [
    {"method": "PIN", "amount": 2210},
    {"method": "CONTANT", "amount": -1000},
]


@pytest.fixture
def run(plant: Plant) -> Run:
    """A run that posted a sales receipt and an invoice with two payments."""
    sell(plant)
    sell(plant, payments=SPLIT)
    return plant.run()


def totals(plant: Plant, entity: str) -> list[Any]:
    return [row["TotalAmt"] for row in documents(plant, entity)]


def entities(run: Run) -> list[str]:
    return sorted(link.entity for link in undoing.list_links(run))


def test_what_would_be_taken_back_is_shown(run: Run) -> None:
    assert entities(run) == ["Invoice", "Payment", "Payment", "SalesReceipt"]


def test_what_is_shown_leaves_the_contents_of_records_alone(run: Run) -> None:
    with CaptureQueriesContext(connection) as asked:
        undoing.list_links(run)
    (query,) = asked
    assert "payload" not in query["sql"]


def test_all_of_a_run_is_taken_back(plant: Plant, run: Run) -> None:
    assert undoing.undo_run(run, by="me") == undoing.Undone(2, 0)
    assert totals(plant, "SalesReceipt") == [0]
    assert totals(plant, "Invoice") == [0]
    assert set(totals(plant, "Payment")) <= {0}
    states = set(SyncRecord.objects.values_list("state", "reason"))
    assert states == {("undone", "undone by me")}
    assert entities(run) == []


def test_it_is_not_posted_again_by_itself(plant: Plant, run: Run) -> None:
    undoing.undo_run(run, by="me")
    writes = plant.books.writes()
    plant.run()
    assert plant.books.writes() == writes


@pytest.mark.parametrize("policy", ["report", "update", "reverse"])
def test_what_was_taken_back_is_reported_when_it_changes(
    plant: Plant, policy: str
) -> None:
    choose(plant, after_posting=policy)
    source_id = sell(plant)
    undoing.undo_run(plant.run(), by="me")
    change(plant, source_id)
    record = record_of(source_id)
    assert record.reason == "changed after posting"
    assert "it was taken back" in record.message
    assert totals(plant, "SalesReceipt") == [0]
    assert totals(plant, "RefundReceipt") == []


@pytest.mark.parametrize("count", [1, -1], ids=["sale", "exchange of nothing"])
def test_retry_of_what_was_taken_back_says_so(plant: Plant, count: int) -> None:
    lines = [{**LINE, "quantity": 2}, {**LINE, "quantity": 2 * count}]
    payments = [{"method": "PIN"}] if count > 0 else []
    source_id = sell(plant, lines=lines, payments=payments)
    undoing.undo_run(plant.run(), by="me")
    services.retry(SyncRecord.objects.all())
    wait_and_work()
    record = record_of(source_id)
    assert (record.state, record.reason) == ("failed", CHECKED)
    assert "was taken back" in record.message
    assert "Skip" in record.action
    assert totals(plant, "SalesReceipt") == [0]


def test_a_payment_of_what_was_taken_back_is_reported(plant: Plant) -> None:
    source_id = sell(plant, relation=1081, payments=[{"method": "OPREKENING"}])
    undoing.undo_run(plant.run(), by="me")
    plant.till.do("pay_receipt", receiptId=source_id, amount=210)
    plant.run()
    assert record_of(source_id).reason == "changed after posting"
    assert totals(plant, "Payment") == []


def test_only_what_this_run_posted_is_taken_back(plant: Plant, run: Run) -> None:
    later = sell(plant, date="2026-10-06")
    second = plant.run()
    assert entities(second) == ["SalesReceipt"]
    undoing.undo_run(run, by="me")
    assert record_of(later).state == "synced"
    assert sorted(totals(plant, "SalesReceipt")) == [0, 12.1]


def test_a_payment_that_came_later_goes_with_its_invoice(plant: Plant) -> None:
    account = [{"method": "OPREKENING"}]
    source_id = sell(plant, relation=1081, payments=account)
    first = plant.run()
    plant.till.do("pay_receipt", receiptId=source_id, amount=210)
    plant.run()
    assert entities(first) == ["Invoice", "Payment"]
    assert undoing.undo_run(first, by="me").refused == 0
    assert totals(plant, "Invoice") == [0]


@pytest.mark.parametrize("bump", [True, False])
def test_what_pays_or_credits_a_sale_goes_before_it(plant: Plant, bump: bool) -> None:
    plant.books.switch(links_bump_version=bump)
    credited = sell(plant, **ON_ACCOUNT)
    lines = [{**LINE, "quantity": -1}]
    sort = "RECEIPT-TYPE-CREDIT-RECEIPT"
    sell(plant, **ON_ACCOUNT, lines=lines, type=sort, credits=credited)
    debt = {"article": 9041, "quantity": 1, "price": 1210}
    paid = sell(plant, **ON_ACCOUNT)
    sell(plant, lines=[{**debt, "text": f"Betaling bon {paid}"}], relation=1001)
    run = plant.run()
    assert entities(run) == ["CreditMemo", *2 * ["Invoice"], *2 * ["Payment"]]
    assert undoing.undo_run(run, by="me") == undoing.Undone(4, 0)
    assert totals(plant, "Invoice") == [0, 0]
    assert documents(plant, "CreditMemo") == []


@pytest.mark.parametrize("bump", [True, False])
def test_an_invoice_that_somebody_else_has_paid_is_refused(
    plant: Plant, bump: bool
) -> None:
    plant.books.switch(links_bump_version=bump)
    sell(plant, **ON_ACCOUNT)
    run = plant.run()
    (invoice,) = documents(plant, "Invoice")
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    body = {
        "CustomerRef": invoice["CustomerRef"],
        "TotalAmt": 12.1,
        "Line": [{"Amount": 12.1, "LinkedTxn": [link]}],
    }
    ask_books(plant, "payment", body)
    assert undoing.undo_run(run, by="me") == undoing.Undone(0, 1)
    assert "linked to it" in SyncRecord.objects.get().message
    assert totals(plant, "Invoice") == totals(plant, "Payment") == [12.1]


def pay(plant: Plant, amount: float) -> None:
    """Let a bookkeeper post a payment of the one invoice."""
    (invoice,) = documents(plant, "Invoice")
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    line = {"Amount": amount, "LinkedTxn": [link]}
    body = {"CustomerRef": invoice["CustomerRef"], "TotalAmt": amount, "Line": [line]}
    ask_books(plant, "payment", body)


@pytest.mark.parametrize("bump", [True, False])
def test_own_payments_stay_where_somebody_else_has_paid_too(
    plant: Plant, bump: bool
) -> None:
    plant.books.switch(links_bump_version=bump)
    halves = [{"method": "PIN", "amount": 210}, {"method": "OPREKENING"}]
    sell(plant, payments=halves, relation=1001)
    run = plant.run()
    pay(plant, 4)
    assert undoing.undo_run(run, by="me") == undoing.Undone(0, 1)
    assert "linked to it" in SyncRecord.objects.get().message
    assert sorted(totals(plant, "Payment")) == [2.1, 4]
    assert totals(plant, "Invoice") == [12.1]


@pytest.mark.parametrize("filed", [True, False])
def test_nothing_of_a_closed_period_is_taken_back(
    plant: Plant, run: Run, filed: bool
) -> None:
    later = sell(plant, date="2026-11-02")
    second = plant.run()
    if filed:
        choose(plant, vat_filed_through="2026-10-31")
    else:
        close(plant, "2026-10-31")
    run.refresh_from_db()
    run.flow.integration.refresh_from_db()
    writes = plant.books.writes()
    assert undoing.undo_run(run, by="me") == undoing.Undone(0, 2)
    assert plant.books.writes() == writes
    record = SyncRecord.objects.filter(state="failed").first()
    assert record is not None
    assert "dated 2026-10-05" in record.message
    assert "2026-10-31" in record.message
    assert "closing date" in record.action
    second.flow.integration.refresh_from_db()
    assert undoing.undo_run(second, by="me") == undoing.Undone(1, 0)
    assert record_of(later).state == "undone"


@pytest.mark.parametrize("bump", [True, False])
@pytest.mark.parametrize(
    "payments", [SPLIT, CASH_BACK, [SPLIT[0], {"method": "OPREKENING"}]]
)
def test_what_was_reversed_and_posted_again_is_taken_back_whole(
    plant: Plant, payments: list[dict[str, Any]], bump: bool
) -> None:
    plant.books.switch(links_bump_version=bump)
    choose(plant, after_posting="reverse")
    source_id = sell(plant, payments=payments, relation=1001)
    run = plant.run()
    change(plant, source_id)
    assert record_of(source_id).state == "synced"
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 0)
    assert plant.books.do("trial_balance")["accounts"] == {}


@pytest.mark.parametrize("entity", ["SalesReceipt", "Payment"])
def test_what_somebody_changed_is_refused(plant: Plant, run: Run, entity: str) -> None:
    touched = documents(plant, entity)[0]
    values = {"PrivateNote": f"{touched['PrivateNote']} mine"}
    plant.books.do("edit", entity=entity, id=touched["Id"], values=values)
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 1)
    record = SyncRecord.objects.get(state="failed")
    assert "was not taken back" in record.message
    assert "changed it" in record.message
    assert only_alert().records == 1
    document = "Invoice" if entity == "Payment" else entity
    assert totals(plant, document) == [12.1]


def test_what_was_found_touched_before_is_refused_whole(plant: Plant, run: Run) -> None:
    invoice = Link.objects.get(entity="Invoice")
    Link.objects.filter(pk=invoice.pk).update(facts={**invoice.facts, TOUCHED: "true"})
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 1)
    assert sum(totals(plant, "Payment")) == 12.1
    assert totals(plant, "Invoice") == [12.1]


def test_a_changed_invoice_keeps_its_payments(plant: Plant, run: Run) -> None:
    (invoice,) = documents(plant, "Invoice")
    values = {"TxnDate": "2026-10-06"}
    plant.books.do("edit", entity="Invoice", id=invoice["Id"], values=values)
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 1)
    assert sum(totals(plant, "Payment")) == 12.1
    assert totals(plant, "Invoice") == [12.1]


def test_what_was_half_taken_back_is_finished_later(plant: Plant, run: Run) -> None:
    plant.books.do("fail_items", count=1)
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 1)
    assert totals(plant, "Invoice") == [12.1]
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 0)
    assert totals(plant, "Invoice") == [0]
    assert set(totals(plant, "Payment")) == {0}


@pytest.mark.parametrize("lost", [0, 1])
def test_what_was_taken_back_without_an_answer_is_finished_later(
    plant: Plant, lost: int
) -> None:
    """Payments and what divides tenders go in the first call, documents in the second."""
    sell(plant, payments=SPLIT)
    sell(plant, payments=CASH_BACK)
    run = plant.run()
    plant.books.fault(action="lose", match=BATCH, times=1, after=lost)
    with pytest.raises(HubError):
        undoing.undo_run(run, by="me")
    assert undoing.undo_run(run, by="me") == undoing.Undone(2, 0)
    assert totals(plant, "Invoice") == totals(plant, "SalesReceipt") == [0]
    assert documents(plant, "JournalEntry") == []


def test_a_settled_debt_is_taken_back(plant: Plant) -> None:
    line = {"article": 9041, "quantity": 1, "price": 5000}
    sell(plant, lines=[line], relation=1001)
    run = plant.run()
    assert entities(run) == ["Payment"]
    assert undoing.undo_run(run, by="me") == undoing.Undone(1, 0)
    assert totals(plant, "Payment") == [0]


def test_margin_goods_that_are_taken_back_are_listed_no_more(plant: Plant) -> None:
    sell(plant, lines=[{**LINE, "article": 9091, "price": 4500}])
    run = plant.run()
    assert MarginLine.objects.count() == 1
    undoing.undo_run(run, by="me")
    assert not MarginLine.objects.exists()


def test_a_flow_that_may_work_is_left_alone(plant: Plant, run: Run) -> None:
    plant.flow.enabled = True
    plant.flow.save()
    run.refresh_from_db()
    run.flow.refresh_from_db()
    with pytest.raises(ConfigError, match="is on"):
        undoing.undo_run(run, by="me")
    plant.flow.enabled = False
    plant.flow.save()
    run.flow.refresh_from_db()
    services.run_flow(plant.flow)
    with pytest.raises(ConfigError, match="at work"):
        undoing.undo_run(run, by="me")
    assert totals(plant, "SalesReceipt") == [12.1]


@pytest.mark.parametrize("ends", [True, False])
def test_what_a_run_does_meanwhile_is_not_missed(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    choose(plant, after_posting="reverse")
    first, last = sell(plant), sell(plant)
    run = plant.run()
    plant.till.do("change_receipt", receiptId=first, what="date", date="2026-10-06")
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    store = undoing._store

    def store_and_run(*args: Any, **kwargs: Any) -> None:
        store(*args, **kwargs)
        monkeypatch.setattr(undoing, "_store", store)
        plant.run() if ends else services.run_flow(plant.flow)

    monkeypatch.setattr(undoing, "_store", store_and_run)
    if ends:
        undoing.undo_run(run, by="me")
    else:
        with pytest.raises(ConfigError, match="at work"):
            undoing.undo_run(run, by="me")
    assert record_of(last).state == "undone"
    left = [] if ends else [12.1]
    assert [amount for amount in totals(plant, "SalesReceipt") if amount] == left
    assert [amount for amount in totals(plant, "RefundReceipt") if amount] == []


def test_too_many_are_for_the_command(run: Run) -> None:
    with pytest.raises(ConfigError, match="too many") as caught:
        undoing.undo_run(run, by="me", most=3)
    assert f"undo_run {run.pk}" in caught.value.action


# ------------------------------------------------------------------ page and command


@pytest.fixture
def press(client: Client, run: Run) -> Callable[..., Any]:
    """Presses the button of the run."""
    may = ["flows.view_run", "flows.undo_run", "flows.view_syncrecord"]
    client.force_login(StaffFactory(may=may))
    url = reverse("admin:flows_run_press", args=(run.pk, "undo"))
    return lambda **values: client.post(url, values, follow=True)


def test_the_page_shows_first_and_does_then(
    plant: Plant, press: Callable[..., Any]
) -> None:
    page = press()
    assert "Nothing has been taken back yet" in page.text
    assert dict(page.context["counts"]) == {
        "Invoice": 1,
        "Payment": 2,
        "SalesReceipt": 1,
    }
    assert totals(plant, "SalesReceipt") == [12.1]
    done = press(sure="1")
    assert "2 records were taken back" in done.text
    assert totals(plant, "SalesReceipt") == [0]
    assert done.context["buttons"] == []
    assert "not possible now" in press().text


def test_the_page_says_what_is_in_the_way(
    plant: Plant, press: Callable[..., Any]
) -> None:
    plant.flow.enabled = True
    plant.flow.save()
    text = press().content.decode()
    assert "Switch it off" in text
    assert 'name="sure"' not in text


def test_who_may_not_gets_nothing(client: Client, run: Run) -> None:
    client.force_login(StaffFactory(may=["flows.view_run"]))
    url = reverse("admin:flows_run_press", args=(run.pk, "undo"))
    assert client.post(url).status_code == 403


@pytest.mark.parametrize("kept", [True, False])
def test_the_page_says_what_a_run_did_that_only_reversed(
    plant: Plant, run: Run, press: Callable[..., Any], client: Client, kept: bool
) -> None:
    choose(plant, after_posting="reverse")
    source_id = SyncRecord.objects.order_by("pk")[0].source_id
    free = {"what": "lines", "lines": [{**LINE, "price": 0}]}
    for each in (free, {"what": "tenders", "payments": []}):
        plant.till.do("change_receipt", receiptId=source_id, **each)
    last = plant.run()
    assert totals(plant, "RefundReceipt") == [12.1]
    if not kept:
        Envelope.objects.filter(run=run).delete()
    its_page = client.get(reverse("admin:flows_run_change", args=(last.pk,)))
    assert [each["label"] for each in its_page.context["buttons"]] == ["Take back …"]
    page = client.post(reverse("admin:flows_run_press", args=(last.pk, "undo")))
    text = page.content.decode()
    assert page.context["links"] == []
    assert [link.entity for link in page.context["shown_beside"]] == ["RefundReceipt"]
    assert "Not taken back with this run" in text
    assert "<td>reversal</td>" in text
    assert (f">Run {run.pk}<" in text) == kept
    assert ("not known any more" in text) != kept
    out = StringIO()
    call_command("undo_run", str(last.pk), stdout=out)
    assert "Would be taken back: nothing." in out.getvalue()
    assert "1 RefundReceipt" in out.getvalue()


def test_what_only_reversed_is_not_told_once_all_is_taken_back(
    plant: Plant, run: Run
) -> None:
    choose(plant, after_posting="reverse")
    source_id = SyncRecord.objects.order_by("pk")[0].source_id
    change(plant, source_id)
    last = Run.objects.latest("pk")
    found = undoing.list_beside(last)
    assert found.runs == [run.pk]
    entities = {link.entity for link in found.links}
    assert entities == {"RefundReceipt", "SalesReceipt"}
    assert undoing.list_beside(run).links == []
    undoing.undo_run(run, by="me")
    assert undoing.list_beside(last) == undoing.Beside([], [])


def test_the_command_shows_and_does(plant: Plant, run: Run) -> None:
    out = StringIO()
    call_command("undo_run", str(run.pk), stdout=out)
    assert "2 Payment" in out.getvalue()
    call_command("undo_run", str(run.pk), "--yes", stdout=out)
    assert "2 taken back, 0 not." in out.getvalue()
    with pytest.raises(CommandError, match="no run"):
        call_command("undo_run", "999999")

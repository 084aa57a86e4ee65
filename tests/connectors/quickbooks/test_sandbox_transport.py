from __future__ import annotations

import http.client
import json

import pytest

from connectors.quickbooks.sandbox.app import QuickBooksSandbox, build
from connectors.quickbooks.sandbox.seed import US_REALM
from connectors.sandbox.server import start
from tests.connectors.quickbooks.books import Books, send
from tests.connectors.quickbooks.test_sandbox_oauth import Clock


def test_wrong_token_gets_the_gateways_fault(books):
    books.tokens = {"access_token": "nonsense"}
    status, _, text = books.call("companyinfo/1")
    fault = json.loads(text)["fault"]
    assert (status, fault["type"]) == (401, "AUTHENTICATION")
    assert fault["error"][0]["code"] == "3200"
    assert "errorCode=003200; statusCode=401" in fault["error"][0]["message"]


def test_expired_token_says_so(books):
    books.do("expire_access_tokens")
    error = json.loads(books.call("companyinfo/1")[2])["fault"]["error"][0]
    assert error["detail"].startswith("Token expired: ")


def test_token_of_another_company_is_forbidden(books):
    books.realm = US_REALM
    status, _, text = books.call("companyinfo/1")
    assert status == 403
    assert json.loads(text)["fault"]["error"][0]["code"] == "3100"


def test_answer_is_xml_unless_json_is_asked_for(books):
    status, headers, text = books.call("companyinfo/1", headers={"Accept": "*/*"})
    assert status == 200
    assert headers["Content-Type"].startswith("application/xml")
    assert "<CompanyName>Sandbox Company NL</CompanyName>" in text
    _, headers, _ = books.call("companyinfo/1", headers={"Accept": ""}, format="json")
    assert headers["Content-Type"].startswith("application/json")


def test_fault_is_xml_unless_json_is_asked_for(books):
    status, _, text = books.call("customer/99", headers={"Accept": "text/xml"})
    assert status == 400
    assert "<code>610</code>" in text


def test_answer_carries_an_id_and_the_time(books):
    _, headers, text = books.call("companyinfo/1")
    assert headers["intuit_tid"]
    assert json.loads(text)["time"].endswith("-08:00")


def test_unknown_address_gets_a_page(sandbox):
    status, headers, _ = send(f"{sandbox.url}/v2/anything")
    assert (status, headers["Content-Type"]) == (404, "text/html")


@pytest.mark.parametrize("path", ["nothing/1", "customer/1/pdf", "deposit"])
def test_unknown_operation_is_unsupported(books, path):
    assert books.refuse(path)["code"] == "500"


@pytest.mark.parametrize("body", [b"{", b"[]", b"NaN", b'{"DisplayName":NaN}', b""])
def test_malformed_body_is_refused(books, body):
    assert books.refuse("customer", body)["code"] == "2010"


def test_settings_are_read_with_the_realm_or_without(books):
    assert books.get(f"companyinfo/{books.realm}")["CompanyInfo"]["Country"] == "NL"
    preferences = books.get("preferences")["Preferences"]
    assert preferences["CurrencyPrefs"]["HomeCurrency"]["value"] == "EUR"
    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is True


def test_preferences_are_changed_on_command(books):
    books.do(
        "set_preferences",
        preferences={"AccountingInfoPrefs": {"BookCloseDate": "2026-01-31"}},
    )
    found = books.get("preferences")["Preferences"]["AccountingInfoPrefs"]
    assert found["BookCloseDate"] == "2026-01-31"
    assert found["TrackDepartments"] is True


@pytest.fixture
def limited():
    """A company with limits, and the clock they go by."""
    clock = Clock()
    running = start(QuickBooksSandbox(clock=clock))
    books = Books(running)
    books.switch(limits=True)
    yield books, clock
    running.stop()


def count_passed(books, clock, *, calls, step, path="companyinfo/1", body=None):
    passed = 0
    for _ in range(calls):
        clock.now += step
        passed += books.call(path, body)[0] == 200
    return passed


def test_no_limit_holds_unless_switched_on(books):
    assert all(books.call("companyinfo/1")[0] == 200 for _ in range(15))


def test_ten_requests_a_second_pass(limited):
    books, clock = limited
    assert count_passed(books, clock, calls=12, step=0) == 10
    clock.now += 1
    assert books.call("companyinfo/1")[0] == 200


def test_five_hundred_requests_a_minute_pass(limited):
    books, clock = limited
    assert count_passed(books, clock, calls=505, step=0.11) == 500


def test_forty_batches_a_minute_pass(limited):
    books, clock = limited
    body = {"BatchItemRequest": []}
    passed = count_passed(books, clock, calls=45, step=0.2, path="batch", body=body)
    assert passed == 40


def test_batch_items_count_when_switched_so(limited):
    books, clock = limited
    books.switch(batch_counts_items=True)
    item = {"bId": "1", "Query": "select * from Term"}
    body = {"BatchItemRequest": [item] * 30}
    passed = count_passed(books, clock, calls=20, step=0.2, path="batch", body=body)
    assert passed == 16


def test_throttled_call_gets_xml_and_is_in_the_log(limited):
    books, clock = limited
    count_passed(books, clock, calls=10, step=0)
    status, headers, text = books.call("companyinfo/1")
    assert (status, headers["Content-Type"]) == (429, "application/xml")
    assert 'code="3001"' in text
    assert books.control("log")["log"][-1]["status"] == 429


def test_log_names_operations_and_items(books):
    item = {"bId": "1", "operation": "create", "Customer": {"DisplayName": "A"}}
    books.batch(item, item)
    books.query("select * from Term")
    log = books.control("log")["log"]
    found = [(entry["operation"], entry["items"]) for entry in log[-2:]]
    assert found == [("batch", 2), ("query", 1)]


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_fault_speaks_the_vendors_words(books, status):
    books.control("faults", {"action": "status", "status": status})
    found, _, text = books.call("companyinfo/1")
    words = {401: "3200", 429: "3001", 500: "SystemFault", 503: "<html>"}
    assert found == status
    assert words[status] in text


def test_cut_batch_leaves_its_first_items(books):
    rule = {"action": "cut", "stage": "inside", "after_items": 2, "match": "batch"}
    books.control("faults", rule)
    items = [
        {"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"C{n}"}}
        for n in range(5)
    ]
    with pytest.raises(http.client.RemoteDisconnected):
        books.batch(*items)
    found = books.query(
        "select * from Customer where DisplayName in ('C0', 'C1', 'C2', 'C3')"
    )
    names = [customer["DisplayName"] for customer in found["Customer"]]
    assert names == ["C0", "C1"]


def test_latency_is_counted_per_item(books):
    books.switch(latency_per_item=0.01)
    books.batch(*[{"bId": str(n), "Query": "select * from Term"} for n in range(5)])
    assert books.control("log")["log"][-1]["seconds"] >= 0.05


def test_everything_survives_a_restart(tmp_path):
    path = str(tmp_path / "state.sqlite3")
    running = start(build({}), state_file=path)
    books = Books(running)
    item = books.item()
    line = books.line(item, 100, gross=121)
    body = {"DocNumber": "R1", "GlobalTaxCalculation": "TaxInclusive", "Line": [line]}
    made = books.create("SalesReceipt", body, requestid="key-1")
    before = (books.do("ledger"), books.do("documents"), books.do("counts"))
    running.stop()
    running = start(build({}), state_file=path)
    books.url = running.url
    assert (books.do("ledger"), books.do("documents"), books.do("counts")) == before
    again = books.create("SalesReceipt", body, requestid="key-1")
    assert again["Id"] == made["Id"]
    assert books.refuse("salesreceipt", body)["code"] == "6140"
    running.stop()


def test_reset_seeds_again(books):
    books.create("Customer", {"DisplayName": "Gone"})
    books.control("reset", {})
    assert books.call("companyinfo/1")[0] == 401
    books.tokens = books.connect()
    assert books.query("select count(*) from Customer") == {"totalCount": 3}


def test_unknown_action_is_refused(books):
    url = f"{books.url}/_sandbox/do/fly"
    assert send(url, method="POST", body=b"{}")[0] == 400
    url = f"{books.url}/_sandbox/do/deactivate"
    assert send(url, method="POST", body=b"{}")[0] == 400

"""Clients that others wrote must work against the sandbox as they are."""

from __future__ import annotations

import json
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    GeneralException,
    ObjectNotFoundException,
    QuickbooksException,
    ValidationException,
)
from quickbooks.objects import (
    Account,
    CompanyInfo,
    Customer,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    PaymentMethod,
    Preferences,
    RefundReceipt,
    SalesItemLine,
    SalesReceipt,
    TaxAgency,
    TaxCode,
    TaxRate,
    TaxService,
    Term,
)
from quickbooks.objects.base import EmailAddress, PhoneNumber
from quickbooks.objects.detailline import SalesItemLineDetail
from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.taxservice import TaxRateDetails

from connectors.quickbooks.sandbox.seed import US_REALM
from tests.connectors.quickbooks.books import REDIRECT, send

DISCOVERY = "/.well-known/openid_sandbox_configuration"


@pytest.fixture
def oauth(sandbox):
    """An intuit-oauth client that has a user's consent for the US company."""
    client = AuthClient("sandbox", "sandbox", REDIRECT, sandbox.url + DISCOVERY + "/")
    url = client.get_authorization_url([Scopes.ACCOUNTING])
    _, headers, _ = send(f"{url}&sandbox_approve={US_REALM}")
    answer = dict(
        urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query)
    )
    assert answer["state"] == client.state_token
    client.get_bearer_token(answer["code"], realm_id=answer["realmId"])
    yield client
    client.close()


@pytest.fixture
def qb(sandbox, oauth, monkeypatch):
    """A python-quickbooks client of the US company."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{sandbox.url}/v3")
    client = QuickBooks(
        auth_client=oauth,
        refresh_token=oauth.refresh_token,
        company_id=oauth.realm_id,
        minorversion=75,
    )
    yield client
    client.session.close()


@pytest.fixture
def item(qb):
    made = Item()
    made.Name, made.Type = "Bird seed", "Service"
    income = Account.filter(Name="Sales of Product Income", qb=qb)[0]
    made.IncomeAccountRef = income.to_ref()
    return made.save(qb=qb)


@pytest.fixture
def customer(qb):
    return Customer.filter(DisplayName="Bill's Windsurf Shop", qb=qb)[0]


def fill(document, item, *, amount=100, customer=None):
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    document.Line.append(line)
    if customer is not None:
        document.CustomerRef = customer.to_ref()
    return document


def make_customer(name, qb):
    made = Customer()
    made.DisplayName = name
    return made.save(qb=qb)


def test_oauth_refresh_rotates_the_token(oauth):
    first, access = oauth.refresh_token, oauth.access_token
    oauth.refresh()
    assert oauth.refresh_token != first
    assert oauth.access_token != access
    assert oauth.x_refresh_token_expires_in == 8726400


def test_oauth_revoke_ends_the_consent(oauth):
    assert oauth.revoke() is True
    with pytest.raises(AuthClientError) as caught:
        oauth.refresh()
    assert caught.value.status_code == 400
    assert "invalid_grant" in str(caught.value.content)


def test_oauth_refuses_a_wrong_secret(sandbox):
    client = AuthClient("sandbox", "wrong", REDIRECT, sandbox.url + DISCOVERY)
    with client, pytest.raises(AuthClientError) as caught:
        client.refresh("x")
    assert caught.value.status_code == 401


def test_user_info_is_given(oauth):
    assert oauth.get_user_info().status_code == 200


def test_settings_are_read(qb):
    assert CompanyInfo.get(US_REALM, qb=qb).Country == "US"
    preferences = Preferences.get(qb=qb)
    first = preferences.OtherPrefs.NameValue[0].Name
    assert first == "SalesFormsPrefs.DefaultCustomerMessage"


def test_customer_is_made_read_and_changed(qb):
    made = Customer()
    made.GivenName, made.FamilyName = "Sam", "O'Neil"
    made.CompanyName = "Sam's"
    made.PrimaryEmailAddr = EmailAddress()
    made.PrimaryEmailAddr.Address = "sam@example.com"
    made.PrimaryPhone = PhoneNumber()
    made.PrimaryPhone.FreeFormNumber = "555-555-5555"
    made.save(qb=qb)
    found = Customer.get(made.Id, qb=qb)
    assert (found.DisplayName, found.SyncToken) == ("Sam O'Neil", "0")
    found.Notes = "new"
    found.save(qb=qb)
    again = Customer.filter(PrimaryEmailAddr="sam@example.com", qb=qb)[0]
    assert (again.Notes, again.SyncToken) == ("new", "1")


def test_sparse_update_keeps_what_is_not_sent(qb, customer):
    qb.update_object(
        "Customer",
        f'{{"Id":"{customer.Id}","SyncToken":"0","sparse":true,"Notes":"hello"}}',
    )
    found = Customer.get(customer.Id, qb=qb)
    assert (found.DisplayName, found.Notes) == ("Bill's Windsurf Shop", "hello")


def test_lists_are_queried(qb):
    assert Customer.count(qb=qb) == 2
    assert len(Customer.all(max_results=1, qb=qb)) == 1
    assert Account.where("AccountType = 'Bank' AND Name LIKE 'Che%'", qb=qb)
    assert Customer.choose(["1", "2"], field="Id", qb=qb)
    assert Term.all(qb=qb)[0].Name == "Due on receipt"
    assert PaymentMethod.filter(Name="cash", qb=qb)[0].Name == "Cash"
    assert len(TaxCode.all(max_results=1, qb=qb)) >= 3
    assert TaxRate.all(qb=qb)


def test_sales_receipt_is_made_voided_and_deleted(qb, item):
    receipt = fill(SalesReceipt(), item).save(qb=qb)
    assert receipt.TotalAmt == 100
    receipt.void(qb=qb)
    found = SalesReceipt.get(receipt.Id, qb=qb)
    assert (found.TotalAmt, found.PrivateNote) == (0, "Voided")
    found.delete(qb=qb)
    with pytest.raises(ObjectNotFoundException):
        SalesReceipt.get(receipt.Id, qb=qb)


def test_invoice_is_paid(qb, item, customer):
    invoice = fill(Invoice(), item, customer=customer).save(qb=qb)
    payment = Payment()
    payment.TotalAmt = 60
    payment.CustomerRef = customer.to_ref()
    line = PaymentLine()
    line.Amount = 60
    line.LinkedTxn = [invoice.to_linked_txn()]
    payment.Line.append(line)
    payment.save(qb=qb)
    found = Invoice.get(invoice.Id, qb=qb)
    assert found.Balance == 40
    assert found.LinkedTxn[0].TxnId == payment.Id


def test_invoice_and_payment_are_voided(qb, item, customer):
    invoice = fill(Invoice(), item, customer=customer).save(qb=qb)
    invoice.void(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 0
    payment = Payment()
    payment.TotalAmt = 5
    payment.CustomerRef = customer.to_ref()
    payment.save(qb=qb)
    payment.void(qb=qb)
    assert Payment.get(payment.Id, qb=qb).TotalAmt == 0


def test_refund_receipt_keeps_its_number(qb, item):
    refund = fill(RefundReceipt(), item)
    refund.DocNumber = "DocNum123"
    refund.DepositToAccountRef = Account.filter(Name="Checking", qb=qb)[0].to_ref()
    refund.save(qb=qb)
    assert RefundReceipt.get(refund.Id, qb=qb).DocNumber == "DocNum123"


def test_journal_entry_is_made(qb):
    entry = JournalEntry()
    for side, name in (("Debit", "Checking"), ("Credit", "Savings")):
        line = JournalEntryLine()
        line.Amount = 12.5
        line.JournalEntryLineDetail = JournalEntryLineDetail()
        line.JournalEntryLineDetail.PostingType = side
        account = Account.filter(Name=name, qb=qb)[0]
        line.JournalEntryLineDetail.AccountRef = account.to_ref()
        entry.Line.append(line)
    entry.save(qb=qb)
    assert len(JournalEntry.get(entry.Id, qb=qb).Line) == 2


def test_tax_code_is_made(qb):
    agency = TaxAgency()
    agency.DisplayName = "County"
    agency.save(qb=qb)
    service = TaxService()
    service.TaxCode = "County tax"
    rate = TaxRateDetails()
    rate.TaxRateName = "County rate"
    rate.RateValue = 10
    rate.TaxAgencyId = agency.Id
    rate.TaxApplicableOn = "Sales"
    service.TaxRateDetails.append(rate)
    created = service.save(qb=qb)
    assert created.TaxCodeId is not None
    assert created.TaxRateDetails[0].RateValue == 10


def test_batch_creates_updates_and_refuses_each_for_itself(qb):
    names = ("One", "Two", "one")
    made = [Customer() for _ in names]
    for customer, name in zip(made, names, strict=True):
        customer.DisplayName = name
    answer = batch_create(made, qb=qb)
    assert len(answer.successes) == 2
    assert answer.faults[0].Error[0].code == "6240"
    for customer in answer.successes:
        customer.Notes = "changed"
    assert len(batch_update(answer.successes, qb=qb).successes) == 2


def test_batch_deletes(qb, item):
    receipts = [fill(SalesReceipt(), item).save(qb=qb) for _ in range(3)]
    assert len(batch_delete(receipts, qb=qb).successes) == 3
    assert SalesReceipt.count(qb=qb) == 0


def test_repeated_request_id_makes_one_object(qb):
    for _ in range(2):
        made = Customer()
        made.DisplayName = "Once"
        made.save(qb=qb, request_id="once-1")
    assert Customer.count("DisplayName = 'Once'", qb=qb) == 1


def test_changes_are_captured(qb):
    made = make_customer("Newcomer", qb)
    since = datetime.now(tz=UTC) - timedelta(minutes=5)
    changes = change_data_capture([Customer], since.isoformat(), qb=qb)
    assert made.Id in [customer.Id for customer in changes.Customer]


def test_missing_object_is_not_found(qb):
    with pytest.raises(ObjectNotFoundException):
        Customer.get(999, qb=qb)


def test_bad_query_and_bad_reference_are_validation_errors(qb, item):
    with pytest.raises(ValidationException) as caught:
        Customer.where("Nothing = 'x'", qb=qb)
    assert caught.value.error_code == 4001
    customer = Customer()
    customer.Id = 999
    with pytest.raises(ValidationException) as caught:
        fill(Invoice(), item, customer=customer).save(qb=qb)
    assert caught.value.error_code == 2500


def test_duplicate_name_and_stale_version_are_named(qb):
    made = make_customer("Double", qb)
    with pytest.raises(QuickbooksException) as caught:
        make_customer("double", qb)
    assert caught.value.error_code == 6240
    made.SyncToken = "7"
    with pytest.raises(QuickbooksException) as caught:
        made.save(qb=qb)
    assert caught.value.error_code == 5010


def test_too_large_a_batch_is_refused(qb):
    items = {"BatchItemRequest": [{"bId": str(n), "Query": ""} for n in range(31)]}
    with pytest.raises(GeneralException) as caught:
        qb.batch_operation(json.dumps(items))
    assert caught.value.error_code == 1040


def test_revoked_consent_is_an_authorization_error(qb, oauth):
    oauth.revoke()
    with pytest.raises(AuthorizationException):
        Customer.all(qb=qb)

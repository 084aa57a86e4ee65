from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.quickbooks.sandbox.app import QuickBooksSandbox
from connectors.quickbooks.sandbox.operations import NO_OPTIONS, create
from connectors.quickbooks.sandbox.schema import ENTITIES
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM


@pytest.fixture
def item(books):
    return books.item()


def sell(books, *lines, mode="TaxInclusive", **values):
    body = {"GlobalTaxCalculation": mode, "Line": list(lines), **values}
    return books.create("SalesReceipt", body)


def tax_by_percent(made):
    lines = made["TxnTaxDetail"]["TaxLine"]
    return {line["TaxLineDetail"]["TaxPercent"]: line["Amount"] for line in lines}


def override(books, made, amount):
    """The TxnTaxDetail of a document with another amount for its first rate."""
    first, *others = made["TxnTaxDetail"]["TaxLine"]
    return {"TotalTax": amount, "TaxLine": [{**first, "Amount": amount}, *others]}


def test_inclusive_keeps_net_and_gross_apart(books, item):
    made = sell(
        books,
        books.line(item, 100, gross=121),
        books.line(item, 9.17, gross=10, code="VAT 9%"),
    )
    line, _, subtotal = made["Line"]
    assert (line["Amount"], line["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (
        100,
        121,
    )
    assert subtotal["Amount"] == 109.17
    assert made["TxnTaxDetail"]["TotalTax"] == 21.83
    assert made["TotalAmt"] == 131
    assert tax_by_percent(made) == {21: 21, 9: 0.83}


def test_tax_line_names_rate_and_base(books, item):
    made = sell(books, books.line(item, 100, gross=121))
    detail = made["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]
    assert detail["NetAmountTaxable"] == 100
    assert detail["PercentBased"] is True
    rate = books.get(f"taxrate/{detail['TaxRateRef']['value']}")["TaxRate"]
    assert rate["RateValue"] == 21


def test_net_that_is_a_cent_off_is_honoured(books, item):
    made = sell(books, books.line(item, 100.01, gross=121))
    assert made["TxnTaxDetail"]["TotalTax"] == 20.99
    assert made["TotalAmt"] == 121


def test_net_that_is_far_off_is_computed(books, item):
    made = sell(books, books.line(item, 90, gross=121))
    assert made["Line"][0]["Amount"] == 100
    assert made["TxnTaxDetail"]["TotalTax"] == 21


def test_net_is_computed_where_amounts_are_not_honoured(books, item):
    books.switch(tax_amounts="recomputed")
    made = sell(books, books.line(item, 100.01, gross=121, Qty=3, UnitPrice=33.3366667))
    assert made["Line"][0]["Amount"] == 100
    assert made["Line"][0]["SalesItemLineDetail"]["UnitPrice"] == 33.3333333
    assert made["TotalAmt"] == 121


def test_per_rate_rounding_is_on_the_sum(books, item):
    lines = [books.line(item, 0.83, gross=1.0) for _ in range(3)]
    books.switch(tax_amounts="recomputed")
    assert sell(books, *lines)["TxnTaxDetail"]["TotalTax"] == 0.51
    books.switch(vat_rounding="per_rate")
    made = sell(books, *lines)
    assert made["TxnTaxDetail"]["TotalTax"] == 0.52
    assert made["TotalAmt"] == 3
    assert made["Line"][3]["Amount"] == 2.48


@pytest.mark.parametrize(("rounding", "tax"), [("per_line", 0.03), ("per_rate", 0.02)])
def test_excluded_tax_is_rounded_per_line_or_per_rate(books, item, rounding, tax):
    books.switch(vat_rounding=rounding)
    lines = [books.line(item, 0.03) for _ in range(3)]
    made = sell(books, *lines, mode="TaxExcluded")
    assert made["TxnTaxDetail"]["TotalTax"] == tax
    assert made["TotalAmt"] == round(0.09 + tax, 2)
    assert "TaxInclusiveAmt" not in made["Line"][0]["SalesItemLineDetail"]


def test_tax_is_excluded_unless_said(books, item):
    made = books.create("SalesReceipt", {"Line": [books.line(item, 100)]})
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert made["TotalAmt"] == 121


@pytest.mark.parametrize(
    ("reading", "total"),
    [("accepted", 121), ("taken_as_net", 146.41), ("refused", None)],
)
def test_gross_amount_alone(books, item, reading, total):
    books.switch(gross_only=reading)
    body = {"GlobalTaxCalculation": "TaxInclusive", "Line": [books.line(item, 121)]}
    if total is None:
        assert books.refuse("salesreceipt", body)["code"] == "6000"
        return
    assert books.create("SalesReceipt", body)["TotalAmt"] == total


def test_gross_alone_is_plain_where_there_is_no_tax(books, item):
    books.switch(gross_only="refused")
    assert sell(books, books.line(item, 5, code="No VAT"))["TotalAmt"] == 5


def test_zero_rates_are_named_with_their_base(books, item):
    made = sell(
        books,
        books.line(item, 100, gross=100, code="VAT 0%"),
        books.line(item, 10, gross=10, code="No VAT"),
        mode="TaxInclusive",
    )
    bases = [
        line["TaxLineDetail"]["NetAmountTaxable"]
        for line in made["TxnTaxDetail"]["TaxLine"]
    ]
    assert bases == [100, 10]
    assert made["TxnTaxDetail"]["TotalTax"] == 0


def test_reverse_charge_has_no_tax_on_sales(books, item):
    made = sell(
        books, books.line(item, 100, code="VAT reverse charge"), mode="TaxExcluded"
    )
    assert made["TotalAmt"] == 100


@pytest.mark.parametrize("mode", ["TaxInclusive", "TaxExcluded"])
def test_line_without_tax_code_is_refused(books, item, mode):
    body = {
        "GlobalTaxCalculation": mode,
        "Line": [books.line(item, 1, gross=1, code="")],
    }
    error = books.refuse("salesreceipt", body)
    assert error["code"] == "6000"
    assert "Make sure all your transactions have a VAT rate" in error["Detail"]


def test_unknown_tax_code_is_refused(books, item):
    line = books.line(item, 1, code="", TaxCodeRef={"value": "99"})
    error = books.refuse("salesreceipt", {"Line": [line]})
    assert (error["code"], "TaxCodes element id 99" in error["Detail"]) == (
        "2500",
        True,
    )


def test_without_tax_nothing_is_computed(books, item):
    made = sell(books, books.line(item, 100, code=""), mode="NotApplicable")
    assert made["TotalAmt"] == 100
    assert "TxnTaxDetail" not in made
    detail = {"TaxLine": [{"Amount": 1, "DetailType": "TaxLineDetail"}]}
    body = {"GlobalTaxCalculation": "NotApplicable", "TxnTaxDetail": detail}
    body["Line"] = [books.line(item, 100, code="")]
    assert books.refuse("salesreceipt", body)["code"] == "6170"


def test_tax_amount_near_enough_is_taken(books, item):
    line = books.line(item, 100, gross=121)
    first = sell(books, line)
    made = sell(books, line, TxnTaxDetail=override(books, first, 21.03))
    assert made["TxnTaxDetail"]["TotalTax"] == 21.03
    assert (made["TotalAmt"], made["Line"][0]["Amount"]) == (121, 99.97)
    excluded = sell(
        books, line, mode="TaxExcluded", TxnTaxDetail=override(books, first, 21.03)
    )
    assert excluded["TotalAmt"] == 121.03


def test_tax_amount_far_off_is_not_taken(books, item):
    line = books.line(item, 100, gross=121)
    first = sell(books, line)
    made = sell(books, line, TxnTaxDetail=override(books, first, 25))
    assert made["TxnTaxDetail"]["TotalTax"] == 21


def test_tax_amount_is_not_taken_where_it_is_recomputed(books, item):
    line = books.line(item, 100, gross=121)
    first = sell(books, line)
    books.switch(tax_amounts="recomputed")
    made = sell(books, line, TxnTaxDetail=override(books, first, 21.01))
    assert made["TxnTaxDetail"]["TotalTax"] == 21


def test_old_tax_amount_sticks_to_a_sparse_update(books, item):
    line = books.line(item, 100, gross=121)
    detail = override(books, sell(books, line), 21.02)
    made = sell(books, line, TxnTaxDetail=detail)
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [line]}
    changed = books.create("SalesReceipt", body)
    assert changed["TxnTaxDetail"]["TotalTax"] == 21.02


def us_sale(us_books, item, *codes, **values):
    lines = []
    for code in codes:
        line = us_books.line(item, 211, code="")
        if code:
            line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": code}
        lines.append(line)
    return {"Line": lines, "GlobalTaxCalculation": "TaxExcluded", **values}


def test_us_tax_is_per_rate_on_the_sum(us_books):
    item = us_books.item(account="Services", Taxable=True)
    detail = {"TxnTaxCodeRef": us_books.ref("TaxCode", "Tucson")}
    body = us_sale(us_books, item, "TAX", "TAX", "NON", TxnTaxDetail=detail)
    made = us_books.create("SalesReceipt", body)
    assert tax_by_percent(made) == {7.1: 29.96, 2: 8.44}
    assert made["TxnTaxDetail"]["TotalTax"] == 38.4
    assert made["TotalAmt"] == 671.4
    assert "GlobalTaxCalculation" not in made


def test_us_lines_take_the_items_default_and_need_a_code_for_tax(us_books):
    item = us_books.item(account="Services", Taxable=True)
    made = us_books.create("SalesReceipt", us_sale(us_books, item, ""))
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    assert made["TxnTaxDetail"] == {"TotalTax": 0}


def test_us_line_takes_no_other_code(us_books):
    item = us_books.item(account="Services")
    assert (
        us_books.refuse("salesreceipt", us_sale(us_books, item, "1"))["code"] == "6100"
    )


cents = st.integers(-50_000, 50_000).map(lambda n: Decimal(n) / 100)
sales_lines = st.lists(
    st.tuples(cents, st.sampled_from([("1", 21), ("2", 9), ("3", 0), ("5", 0)])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    lines=sales_lines,
    mode=st.sampled_from(["TaxInclusive", "TaxExcluded"]),
    switches=st.fixed_dictionaries(
        {
            "tax_amounts": st.sampled_from(["honoured", "recomputed"]),
            "vat_rounding": st.sampled_from(["per_line", "per_rate"]),
        }
    ),
)
def test_totals_always_hold_and_the_ledger_balances(lines, mode, switches):
    sandbox = QuickBooksSandbox()
    sandbox.switches.change(switches)
    company = sandbox.companies[GLOBAL_REALM]
    sent = []
    for gross, (code, percent) in [*lines, (Decimal(99_999), ("5", 0))]:
        net = round(gross / (1 + Decimal(percent) / 100), 2)
        detail = {"TaxCodeRef": {"value": code}, "TaxInclusiveAmt": gross}
        sent.append({"Amount": net, "DetailType": "SalesItemLineDetail"})
        sent[-1]["SalesItemLineDetail"] = detail
    body = {"GlobalTaxCalculation": mode, "Line": sent}
    made = create(company, ENTITIES["SalesReceipt"], body, NO_OPTIONS)
    tax = made["TxnTaxDetail"]["TotalTax"]
    nets = sum(line["Amount"] for line in made["Line"][:-1])
    assert made["Line"][-1]["Amount"] == nets
    assert made["TotalAmt"] == nets + tax
    assert tax == sum(line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"])
    if mode == "TaxInclusive":
        assert made["TotalAmt"] == sum(gross for gross, _ in lines) + 99_999

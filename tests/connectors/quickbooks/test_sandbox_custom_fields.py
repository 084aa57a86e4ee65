"""Custom fields of the sandbox's sales forms: named, held to what is switched on."""

from __future__ import annotations

import pytest

from connectors.quickbooks.sandbox.customfields import make_definitions


def switch_on(books, **names):
    fields = make_definitions({key.removeprefix("n"): n for key, n in names.items()})
    books.do(
        "set_preferences", preferences={"SalesFormsPrefs": {"CustomField": fields}}
    )


def make_form(sale, key, text):
    field = {"DefinitionId": key, "Type": "StringType", "StringValue": text}
    return {**sale, "CustomField": [field]}


def test_a_field_that_is_switched_on_gets_its_name(books, sale):
    switch_on(books, n2="Crew")
    made = books.create("SalesReceipt", make_form(sale, "2", "x" * 31))
    assert made["CustomField"] == [
        {
            "DefinitionId": "2",
            "Name": "Crew",
            "Type": "StringType",
            "StringValue": "x" * 31,
        }
    ]


@pytest.mark.parametrize(
    ("key", "text", "code"), [("1", "x", "3000"), ("2", "x" * 32, "2050")]
)
def test_another_field_or_a_longer_text_is_refused(books, sale, key, text, code):
    switch_on(books, n2="Crew")
    error = books.refuse("salesreceipt", make_form(sale, key, text))
    assert error["code"] == code


def test_without_definitions_there_are_none(books, sale):
    assert books.refuse("salesreceipt", make_form(sale, "1", "x"))["code"] == "3000"

"""The three custom fields of sales forms, as the company's preferences define them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.company import Company, Object

MAX_TEXT = 31
_USE, _NAME = "SalesFormsPrefs.UseSalesCustom", "SalesFormsPrefs.SalesCustomName"


def make_definitions(names: Mapping[str, str]) -> list[Object]:
    """The preference that switches custom fields on, by number and name."""
    used = [
        {"Name": f"{_USE}{key}", "Type": "BooleanType", "BooleanValue": True}
        for key in names
    ]
    called = [
        {"Name": f"{_NAME}{key}", "Type": "StringType", "StringValue": name}
        for key, name in names.items()
    ]
    return [{"CustomField": used}, {"CustomField": called}] if names else []


def settle_custom_fields(company: Company, form: Object) -> None:
    """Check the form's custom fields and give them their names.

    Raises ApiError 3000 for one that is not switched on, 2050 for a text too long.
    """
    names = _list_names(company)
    for field in form.get("CustomField") or ():
        key = str(field.get("DefinitionId") or "")
        if key not in names:
            detail = f"Custom field definition {key} not found"
            raise ApiError("3000", detail, element="CustomField")
        text = field.get("StringValue") or ""
        if len(text) > MAX_TEXT:
            detail = (
                "String length specified does not match the supported length."
                f" Min:0 Max:{MAX_TEXT} supported. Supplied length:{len(text)}"
            )
            raise ApiError("2050", detail, element="CustomField")
        field |= {"Name": names[key], "Type": "StringType"}


def _list_names(company: Company) -> dict[str, str]:
    preferences = company.preferences["SalesFormsPrefs"].get("CustomField") or ()
    values = {
        each["Name"]: each.get("StringValue", each.get("BooleanValue"))
        for group in preferences
        for each in group["CustomField"]
    }
    return dict(_pair(values))


def _pair(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, used in values.items():
        if name.startswith(_USE) and used is True:
            key = name.removeprefix(_USE)
            yield key, str(values.get(f"{_NAME}{key}") or f"Custom {key}")

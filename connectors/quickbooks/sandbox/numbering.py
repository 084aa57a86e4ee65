"""Document numbers and the closed period."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.quickbooks.sandbox.apifaults import PERIOD_CLOSED, ApiError
from connectors.quickbooks.sandbox.company import Company, Object

# As the user interface calls them, and so do the details of fault 6140.
UI_NAMES = {
    "SalesReceipt": "Sales Receipt",
    "CreditMemo": "Credit Memo",
    "RefundReceipt": "Refund Receipt",
    "JournalEntry": "Journal Entry",
}


def settle_number(
    company: Company,
    entity: str,
    form: Object,
    *,
    allow_duplicate: bool,
    auto: bool = False,
) -> None:
    """Give the form its number, and refuse one that is taken. Raises ApiError 6140."""
    if company.switches["numbers"] != "ours":
        known = company.get(entity, form.get("Id", ""))
        form["DocNumber"] = known["DocNumber"] if known else _next_number(company)
        return
    number = form.get("DocNumber")
    if number is None:
        custom = company.preferences["SalesFormsPrefs"].get("CustomTxnNumbers")
        if auto or (entity != "JournalEntry" and not custom):
            form["DocNumber"] = _next_number(company)
        return
    if allow_duplicate or not _refuses_duplicates(company, entity):
        return
    for other in _holders(company, entity, number):
        if other["Id"] != form.get("Id"):
            raise _duplicate(entity, number, other["Id"])


def check_period(company: Company, *dates: str | None) -> None:
    """Refuse a date in the closed period. Raises ApiError 6210."""
    closed = company.preferences["AccountingInfoPrefs"].get("BookCloseDate")
    if closed and any(day is not None and day <= closed for day in dates):
        raise ApiError("6210", PERIOD_CLOSED)


def _next_number(company: Company) -> str:
    number = company.numbers.get("sales", 1000) + 1
    company.numbers["sales"] = number
    return str(number)


def _refuses_duplicates(company: Company, entity: str) -> bool:
    if company.switches["duplicate_numbers"] != "refused":
        return False
    if entity != "JournalEntry":
        return True
    others = company.preferences["OtherPrefs"]["NameValue"]
    return {"Name": "WarnDuplicateJournalNumber", "Value": "true"} in others


def _holders(company: Company, entity: str, number: str) -> Iterator[Object]:
    for other in company.table(entity).find("DocNumber", number):
        if other["DocNumber"] == number:
            yield other


def _duplicate(entity: str, number: str, other: str) -> ApiError:
    detail = (
        "Duplicate Document Number Error : You must specify a different number. This"
        f" number has already been used. DocNumber={number} is assigned to"
        f" TxnType={UI_NAMES.get(entity, entity)} with TxnId={other}"
    )
    return ApiError("6140", detail, element="DocNumber")

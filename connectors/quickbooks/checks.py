"""What must be right in company and settings before the first posting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.contract import SetUp, SetUpLine
from connectors.quickbooks import company, lists
from connectors.quickbooks.chosen import check_chosen
from connectors.quickbooks.client import Client, all_concerned
from connectors.quickbooks.facts import Facts, part_of, settings_page
from connectors.quickbooks.needs import check_needs
from connectors.quickbooks.targets.items import quote
from connectors.quickbooks.targets.options import read_closed_through

COMPANY = "Change it in QuickBooks, Account and settings."


def check_set_up(client: Client, set_up: SetUp, *, pages: str) -> list[SetUpLine]:
    """All lines, red ones and green ones, each once. Raises what reading does.

    ``pages`` is the address of the company's settings, "" where there is none.
    """
    with all_concerned():
        facts = Facts(client, set_up, pages)
        found = [
            *_check_company(facts),
            *_check_preferences(facts),
            *_check_debtor(facts),
            _check_closing(facts),
            *_check_tracking(facts),
            *check_chosen(facts),
            *check_needs(set_up),
        ]
    once: dict[tuple[str, bool], SetUpLine] = {}
    for line in found:
        once.setdefault((line.label, line.ok), line)
    return list(once.values())


def _check_company(facts: Facts) -> Iterator[SetUpLine]:
    """Edition and currency."""
    info = facts.client.read_company()
    american = str(info.get("Country") or "").upper() in ("US", "USA")
    yield facts.line(
        "The company's edition",
        not american,
        "Sales tax of a company of the United States is not supported.",
        "Connect a company of another edition.",
        "connection",
    )
    wanted = facts.set_up.currency
    yield facts.line(
        "The books are kept in the till's currency",
        not wanted or facts.currency == wanted,
        f"The books are kept in {facts.currency}, the till sells in {wanted}.",
        "Connect a company that keeps its books in the till's currency.",
        "connection",
    )


def _check_preferences(facts: Facts) -> Iterator[SetUpLine]:
    """Numbers, VAT, credits."""
    sales = facts.part("SalesFormsPrefs")
    yield facts.line(
        "Numbers are assigned by the hub",
        sales.get("CustomTxnNumbers") is True,
        company.NUMBERS_OFF,
        COMPANY,
    )
    yield facts.line(
        "VAT is switched on",
        facts.part("TaxPrefs").get("UsingSalesTax") is not False,
        "The company does not use VAT: amounts would be posted without it.",
        "Set up VAT in QuickBooks, Taxes.",
    )
    yield facts.line(
        "Credits are not applied by themselves",
        sales.get("AutoApplyCredit") is not True,
        company.AUTO_CREDIT,
        COMPANY,
    )


def _check_debtor(facts: Facts) -> Iterator[SetUpLine]:
    """The default debtor exists and has the company's currency."""
    chosen = facts.setting("default_debtor")
    if not chosen:
        return
    rows = facts.client.query_all("Customer", f"Id = {quote(chosen)}")
    found = next((row for row in rows if row.get("Active") is not False), None)
    own = str(part_of(found or {}, "CurrencyRef").get("value") or facts.currency)
    gone = "It does not exist or is inactive."
    other = f"Its currency is {own}, that of the books {facts.currency}."
    yield facts.line(
        "The default debtor can be used",
        found is not None and own == facts.currency,
        other if found is not None else gone,
        "Choose another default debtor.",
        settings_page("default_debtor"),
    )


def _check_closing(facts: Facts) -> SetUpLine:
    """Days that are closed; red where today is one of them."""
    closing = {"closing": lists.read_closing(facts.client)}
    settings = facts.set_up.settings
    closed = read_closed_through(type(settings)(values=settings.values, lists=closing))
    is_open = closed is None or closed < datetime.now(UTC).date()
    told = f"Closed up to {closed}." if closed else ""
    line = facts.line(
        "The period is open",
        is_open,
        f"{told} Nothing of today could be posted.",
        "Change the closing date in QuickBooks, or “VAT is filed up to” here.",
        settings_page("vat_filed_through"),
    )
    return SetUpLine(line.label, ok=True, text=told) if is_open else line


def _check_tracking(facts: Facts) -> Iterator[SetUpLine]:
    """Locations and classes are on where branches are mapped to them."""
    books = facts.part("AccountingInfoPrefs")
    by_class = ("ClassTrackingPerTxn", "ClassTrackingPerTxnLine")
    for column, words, is_on in (
        ("location", "Locations", books.get("TrackDepartments") is True),
        ("class", "Classes", any(books.get(name) is True for name in by_class)),
    ):
        mapped = any(values.get(column) for _keys, values in facts.rows("branches"))
        required = facts.setting(f"{column}_required") in ("True", "true")
        if mapped or required:
            yield facts.line(
                f"{words} are switched on",
                is_on,
                f"Branches are mapped to them, and QuickBooks does not track them: "
                f"{words.lower()} would be left out of the documents.",
                COMPANY + " Advanced, Categories.",
            )
        if required:
            yield facts.line(
                f"Branches have their {words.lower()}",
                mapped,
                f"Every document needs one, and no branch is mapped to {words.lower()}.",
                "Map the branches in the value map.",
                "map:branches",
            )

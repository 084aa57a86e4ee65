"""What must be right in company and settings before the first posting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from connectors.contract import Choice, Field, SetUp, SetUpLine
from connectors.quickbooks import company, defaults, lists
from connectors.quickbooks.client import Client, Record, all_concerned
from connectors.quickbooks.needs import PAID, check_needs, enumerate_names
from connectors.quickbooks.targets.items import quote
from connectors.quickbooks.targets.options import parse_history, read_closed_through
from connectors.quickbooks.targets.settings import TARGET_SETTINGS
from connectors.quickbooks.targets.vat import show_rate

SETTINGS = "settings"
COMPANY = "Change it in QuickBooks, Account and settings."
# Codes that must not put anything on the VAT to pay.
ZERO_CODES = (
    "no_vat_code",
    "reverse_charge_code",
    "eu_goods_code",
    "eu_services_code",
    "export_code",
    "margin_code",
)


def check_set_up(client: Client, set_up: SetUp, *, pages: str) -> list[SetUpLine]:
    """All lines, red ones and green ones. Raises what reading does.

    ``pages`` is the address of the company's settings, "" where there is none.
    """
    with all_concerned():
        facts = _Facts(client, set_up, pages)
        return [
            *facts.check_company(),
            *facts.check_debtor(),
            facts.check_closing(),
            *facts.check_tracking(),
            *facts.check_required(),
            *facts.check_accounts(),
            *facts.check_tax_codes(),
            *check_needs(set_up),
        ]


@dataclass(frozen=True)
class _Facts:
    """The company and how the integration is set up; each list is asked for once."""

    client: Client
    set_up: SetUp
    pages: str
    kept: dict[str, list[Choice]] = field(default_factory=dict)

    @cached_property
    def preferences(self) -> Record:
        return self.client.read_preferences()

    @cached_property
    def currency(self) -> str:
        return company.find_currency(self.preferences)

    def list_of(self, name: str) -> dict[str, Choice]:
        """What may be chosen from a list, by id."""
        if name not in self.kept:
            today = datetime.now(UTC).date()
            self.kept[name] = lists.read_list(self.client, name, today=today)
        return {choice.id: choice for choice in self.kept[name] if choice.active}

    def setting(self, name: str) -> str:
        """The value of a setting, "" if it is not chosen."""
        return str(self.set_up.settings.values.get(name) or "").strip()

    def rows(self, name: str) -> Iterable[tuple[Any, Mapping[str, str]]]:
        """The rows of a value map."""
        return self.set_up.maps.get(name, ())

    # --------------------------------------------------------------------- company

    def check_company(self) -> Iterator[SetUpLine]:
        """Edition, numbers, currency, credits."""
        info = self.client.read_company()
        american = str(info.get("Country") or "").upper() in ("US", "USA")
        yield self._line(
            "The company's edition",
            not american,
            "Sales tax of a company of the United States is not supported.",
            "Connect a company of another edition.",
            "connection",
        )
        sales = _part(self.preferences, "SalesFormsPrefs")
        yield self._line(
            "Numbers are assigned by the hub",
            sales.get("CustomTxnNumbers") is True,
            company.NUMBERS_OFF,
            COMPANY,
        )
        wanted = self.set_up.currency
        yield self._line(
            "The books are kept in the till's currency",
            not wanted or self.currency == wanted,
            f"The books are kept in {self.currency}, the till sells in {wanted}.",
            "Connect a company that keeps its books in the till's currency.",
            "connection",
        )
        yield self._line(
            "Credits are not applied by themselves",
            sales.get("AutoApplyCredit") is not True,
            company.AUTO_CREDIT,
            COMPANY,
        )

    def check_debtor(self) -> Iterator[SetUpLine]:
        """The default debtor exists and has the company's currency."""
        chosen = self.setting("default_debtor")
        if not chosen:
            return
        rows = self.client.query_all("Customer", f"Id = {quote(chosen)}")
        found = next((row for row in rows if row.get("Active") is not False), None)
        own = str(_part(found or {}, "CurrencyRef").get("value") or self.currency)
        gone = "It does not exist or is inactive."
        other = f"Its currency is {own}, that of the books {self.currency}."
        yield self._line(
            "The default debtor can be used",
            found is not None and own == self.currency,
            other if found is not None else gone,
            "Choose another default debtor.",
            SETTINGS,
        )

    def check_closing(self) -> SetUpLine:
        """Days that are closed; red where today is one of them."""
        closing = {"closing": lists.read_closing(self.client)}
        settings = self.set_up.settings
        closed = read_closed_through(
            type(settings)(values=settings.values, lists=closing)
        )
        is_open = closed is None or closed < datetime.now(UTC).date()
        told = f"Closed up to {closed}." if closed else ""
        line = self._line(
            "The period is open",
            is_open,
            f"{told} Nothing of today could be posted.",
            "Change the closing date in QuickBooks, or “VAT is filed up to” here.",
            SETTINGS,
        )
        return SetUpLine(line.label, ok=True, text=told) if is_open else line

    def check_tracking(self) -> Iterator[SetUpLine]:
        """Locations and classes are on where branches are mapped to them."""
        books = _part(self.preferences, "AccountingInfoPrefs")
        by_class = ("ClassTrackingPerTxn", "ClassTrackingPerTxnLine")
        for column, words, is_on in (
            ("location", "Locations", books.get("TrackDepartments") is True),
            ("class", "Classes", any(books.get(name) is True for name in by_class)),
        ):
            needed = any(values.get(column) for _keys, values in self.rows("branches"))
            needed = needed or self.setting(f"{column}_required") in ("True", "true")
            if needed:
                yield self._line(
                    f"{words} are switched on",
                    is_on,
                    f"Branches are mapped to them, and QuickBooks does not track them: "
                    f"{words.lower()} would be left out of the documents.",
                    COMPANY + " Advanced, Categories.",
                )

    # -------------------------------------------------------------------- settings

    def check_required(self) -> Iterator[SetUpLine]:
        """What no flow can do without is chosen."""
        for declared in TARGET_SETTINGS:
            if declared.required:
                yield self._line(
                    f"“{declared.label}” is chosen",
                    bool(self.setting(declared.name)),
                    "It is not chosen.",
                    "Choose it in the settings of the integration.",
                    SETTINGS,
                )

    def check_accounts(self) -> Iterator[SetUpLine]:
        """Every account that is chosen exists, is active and of a type that fits."""
        for declared in TARGET_SETTINGS:
            chosen = self.setting(declared.name)
            if chosen and declared.choices in lists.ACCOUNT_LISTS:
                yield self._check_account(declared, chosen)
        for template in defaults.VALUE_MAPS:
            wrong = list(self._find_misfits(template))
            if any(_names_account(column) for column in template["columns"]):
                yield self._line(
                    f"The accounts of “{template['label']}” can be used",
                    not wrong,
                    enumerate_names(wrong),
                    "Choose others in the value map.",
                    f"map:{template['name']}",
                )

    def _check_account(self, declared: Field, chosen: str) -> SetUpLine:
        return self._line(
            f"The account of “{declared.label}” can be used",
            chosen in self.list_of(str(declared.choices)),
            f"Account {self._name(chosen)} is not there, inactive or of another type.",
            "Choose another in the settings of the integration.",
            SETTINGS,
        )

    def _find_misfits(self, template: Mapping[str, Any]) -> Iterator[str]:
        for column in filter(_names_account, template["columns"]):
            fitting = self.list_of(column["choices"])
            for keys, values in self.rows(template["name"]):
                chosen = values.get(column["name"]) or ""
                if values.get("treatment") in PAID:
                    fitting_here = self.list_of("deposit_accounts")
                else:
                    fitting_here = fitting
                if chosen and chosen not in fitting_here:
                    yield f"{' / '.join(keys)}: {self._name(chosen)}"

    def _name(self, account: str) -> str:
        known = self.list_of("accounts").get(account)
        kind = known.facts.get("type", "") if known else ""
        return f"“{known.name}” ({kind})" if known else account

    def check_tax_codes(self) -> Iterator[SetUpLine]:
        """Tax codes exist; those without VAT have a rate of 0, the others the till's."""
        codes = self.list_of("tax_codes")
        for declared in TARGET_SETTINGS:
            chosen = self.setting(declared.name)
            if declared.name not in ZERO_CODES or not chosen:
                continue
            rate = codes[chosen].facts.get("rate", "") if chosen in codes else None
            there = f"Its rate is {rate} %." if rate else "It is not there any more."
            yield self._line(
                f"“{declared.label}” has no VAT",
                rate is not None and _number(rate) == 0,
                there,
                "Choose a code of 0 % in the settings of the integration.",
                SETTINGS,
            )
        wrong = list(self._find_wrong_rates(codes))
        yield self._line(
            "The tax codes of “VAT codes” have the till's rates",
            not wrong,
            enumerate_names(wrong),
            "Choose tax codes of the same rates in the value map.",
            "map:vat",
        )

    def _find_wrong_rates(self, codes: Mapping[str, Choice]) -> Iterator[str]:
        for keys, values in self.rows("vat"):
            chosen = values.get("tax_code") or ""
            if not chosen:
                continue
            if chosen not in codes:
                yield f"{' / '.join(keys)}: gone"
                continue
            # Any of its time: receipts of other days may be read. None is known of a
            # code of several, which is not compared when a receipt is posted either.
            spans = parse_history(codes[chosen].facts.get("history", ""))
            rates = {span.rate: None for span in spans}
            wanted = _number(keys[-1]) if keys else None
            if wanted is not None and rates and wanted not in rates:
                theirs = ", ".join(f"{show_rate(rate)} %" for rate in rates)
                yield f"{' / '.join(keys)}: {theirs}"

    def _line(
        self, label: str, ok: bool, text: str, action: str, page: str = ""
    ) -> SetUpLine:
        if ok:
            return SetUpLine(label, ok=True)
        return SetUpLine(label, False, text, action, page or self.pages)


def _names_account(column: Mapping[str, Any]) -> bool:
    return column.get("choices") in lists.ACCOUNT_LISTS


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}

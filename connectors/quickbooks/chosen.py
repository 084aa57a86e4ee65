"""Whether what is chosen in settings and value maps is there and fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.contract import Choice, Field, SetUpLine
from connectors.quickbooks import defaults, lists
from connectors.quickbooks.facts import CHOOSE, Facts, settings_page
from connectors.quickbooks.maps import PAID
from connectors.quickbooks.needs import enumerate_names
from connectors.quickbooks.targets.options import parse_history
from connectors.quickbooks.targets.settings import TARGET_SETTINGS
from connectors.quickbooks.targets.vat import show_rate

NO_VAT = "no_vat_code"
# Codes of 0 % that are on the VAT return.
RETURNED = (
    "reverse_charge_code",
    "eu_goods_code",
    "eu_services_code",
    "export_code",
    "margin_code",
)
ZERO_CODES = (NO_VAT, *RETURNED)


def check_chosen(facts: Facts) -> Iterator[SetUpLine]:
    """What is needed is chosen, and what is chosen can be used."""
    yield from _check_required(facts)
    yield from _check_accounts(facts)
    yield from _check_tax_codes(facts)


def _check_required(facts: Facts) -> Iterator[SetUpLine]:
    """What no flow can do without."""
    creates = facts.setting("missing_item") in ("", "create")
    for declared in TARGET_SETTINGS:
        # An item that the hub creates has an account of costs, too.
        needed = declared.name == "default_expense_account" and creates
        if declared.required or needed:
            yield facts.line(
                f"“{declared.label}” is chosen",
                bool(facts.setting(declared.name)),
                "It is not chosen.",
                CHOOSE,
                settings_page(declared.name),
            )


# -------------------------------------------------------------------------- accounts


def _check_accounts(facts: Facts) -> Iterator[SetUpLine]:
    """Every account exists, is active, of a type that fits and of the books' currency."""
    for declared in TARGET_SETTINGS:
        chosen = facts.setting(declared.name)
        if chosen and declared.choices in lists.ACCOUNT_LISTS:
            yield _check_account(facts, declared, chosen)
    for template in defaults.VALUE_MAPS:
        wrong = list(_find_misfits(facts, template))
        if any(_names_account(column) for column in template["columns"]):
            yield facts.line(
                f"The accounts of “{template['label']}” can be used",
                not wrong,
                enumerate_names(wrong),
                "Choose others in the value map.",
                f"map:{template['name']}",
            )
    yield _check_bank_feeds(facts)


def _check_account(facts: Facts, declared: Field, chosen: str) -> SetUpLine:
    told = _find_misfit(facts, str(declared.choices), chosen)
    return facts.line(
        f"The account of “{declared.label}” can be used",
        not told,
        f"Account {told}.",
        "Choose another in the settings of the integration.",
        settings_page(declared.name),
    )


def _find_misfits(facts: Facts, template: Mapping[str, Any]) -> Iterator[str]:
    for column in filter(_names_account, template["columns"]):
        for keys, values in facts.rows(template["name"]):
            chosen = values.get(column["name"]) or ""
            paid = values.get("treatment") in PAID
            fitting = "deposit_accounts" if paid else column["choices"]
            told = _find_misfit(facts, fitting, chosen) if chosen else ""
            if told:
                yield f"{' / '.join(keys)}: {told}"


def _find_misfit(facts: Facts, fitting: str, account: str) -> str:
    """Why an account cannot be used where those of a list fit, "" if it can."""
    known = facts.list_of("accounts").get(account)
    if known is None:
        return f"{account} is not there, or inactive"
    named = _name_account(known)
    if account not in facts.list_of(fitting):
        return f"{named} is of another type than what fits"
    currency = known.facts.get("currency") or facts.currency
    if currency != facts.currency:
        return f"{named} is kept in {currency}, the books in {facts.currency}"
    return ""


def _check_bank_feeds(facts: Facts) -> SetUpLine:
    """Tenders go to clearing accounts: the bank's own postings come on top of ours."""
    accounts = facts.list_of("accounts")
    fed = [
        f"{' / '.join(keys)}: {_name_account(account)}"
        for keys, values in facts.rows("tenders")
        if values.get("treatment") in PAID
        and (account := accounts.get(values.get("deposit_account") or ""))
        and account.facts.get("bank_feed")
    ]
    return facts.line(
        "Tenders do not go to accounts that the bank fills",
        not fed,
        f"Linked to online banking: {enumerate_names(fed)}",
        "Choose a clearing account in the value map; what the bank pays out is posted "
        "from there.",
        "map:tenders",
    )


def _name_account(account: Choice) -> str:
    return f"“{account.name}” ({account.facts.get('type', '')})"


def _names_account(column: Mapping[str, Any]) -> bool:
    return column.get("choices") in lists.ACCOUNT_LISTS


# ------------------------------------------------------------------------- tax codes


def _check_tax_codes(facts: Facts) -> Iterator[SetUpLine]:
    """Tax codes exist; those without VAT have a rate of 0, the others the till's."""
    codes = facts.list_of("tax_codes")
    for declared in TARGET_SETTINGS:
        chosen = facts.setting(declared.name)
        if declared.name not in ZERO_CODES or not chosen:
            continue
        rate = codes[chosen].facts.get("rate", "") if chosen in codes else None
        there = f"Its rate is {rate} %." if rate else "It is not there any more."
        yield facts.line(
            f"“{declared.label}” has no VAT",
            rate is not None and _number(rate) == 0,
            there,
            "Choose a code of 0 % in the settings of the integration.",
            settings_page(declared.name),
        )
    if facts.setting(NO_VAT):
        yield _check_outside(facts)
    wrong = list(_find_wrong_rates(facts, codes))
    yield facts.line(
        "The tax codes of “VAT codes” have the till's rates",
        not wrong,
        enumerate_names(wrong),
        "Choose tax codes of the same rates in the value map.",
        "map:vat",
    )


def _check_outside(facts: Facts) -> SetUpLine:
    """What is outside VAT is not on the VAT return; what has 0 % is."""
    chosen = facts.setting(NO_VAT)
    labels = {declared.name: declared.label for declared in TARGET_SETTINGS}
    same = [f"“{labels[n]}”" for n in RETURNED if facts.setting(n) == chosen]
    return facts.line(
        f"“{labels[NO_VAT]}” is a code of its own",
        not same,
        f"It is chosen as {' and '.join(same)}, too: what is outside VAT and what "
        f"belongs on the VAT return could not be told apart.",
        "Choose another code for one of them in the settings of the integration.",
        settings_page(NO_VAT),
    )


def _find_wrong_rates(facts: Facts, codes: Mapping[str, Choice]) -> Iterator[str]:
    for keys, values in facts.rows("vat"):
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


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None

"""The items that lines are posted on: articles by SKU, and the hub's own.

An item bears the account, so what goes to a liability, to payment differences or to
a revenue account of its own has an item of its own. Items are found by their SKU.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.datamodel import Line
from connectors.quickbooks.client import list_columns
from connectors.quickbooks.targets.options import Options
from connectors.writes import Known, Ref, Write
from integration_hub.core.errors import MappingError

KIND = "product"
ROLE = "item"
ENTITY = "Item"
NAME_LENGTH = 100
SUFFIX_LENGTH = 40
DESCRIPTION_LENGTH = 4000
FORBIDDEN = re.compile(r"[:\t\r\n]+")

SPECIAL = {
    "gift_card": "Gift cards",
    "deposit": "Refundable deposits",
    "customer_deposit": "Deposits of customers",
    "payment_differences": "Payment differences",
    "rounding": "VAT rounding",
    "voucher": "Discount vouchers",
    "tip": "Tips",
    "own_use": "Own use",
    "revenue": "Sales",
    "margin": "Margin goods",
    "purchases": "Bought in",
    "liability": "Not turnover",
}


@dataclass(slots=True)
class Items:
    """The items that one receipt needs, each once, in the order they are asked for."""

    options: Options
    known: Mapping[Ref, Known]
    writes: dict[Ref, Write] = field(default_factory=dict)

    def special(self, kind: str, account: str, *, tax_code: str = "") -> Ref:
        """The hub's own item of this kind on this account."""
        key = f"special:{kind}:{account}"
        body = self._make_body(
            key, SPECIAL[kind], account=account, tax_code=tax_code, service=True
        )
        return self._keep(key, body, suffix=account)

    def article(self, line: Line, fields: Mapping[str, Any], tax_code: str) -> Ref:
        """The item of an article, or what the settings put in its place."""
        sku = str(fields.get("sku") or line.article).strip()
        if not sku or self.options.lines_by == "turnover_group":
            return self.group(line, fields, tax_code)
        explicit = str(fields.get("income_account") or "")
        ref = Ref(KIND, sku, ROLE)
        kept = self.known.get(ref)
        account = kept.facts.get("income_account", "") if kept else ""
        if explicit and account and account != explicit:
            if kept and kept.facts.get("stands_in"):
                return self.group(line, fields, tax_code)
            return self.special("revenue", explicit, tax_code=tax_code)
        if self.options.missing_item == "create":
            body = self._make_article(sku, line, fields, tax_code)
            self._keep(sku, body, suffix=sku)
        else:
            self._look_up(sku, line, fields, tax_code)
        if explicit:
            # Whoever made the item, here or in QuickBooks, may have had another account
            # in mind: that of another country, say.
            write = self.writes[ref]
            self.writes[ref] = replace(write, expects={"income_account": explicit})
        return ref

    def group(self, line: Line, fields: Mapping[str, Any], tax_code: str) -> Ref:
        """The item of a line's turnover group, on the group's revenue account."""
        account = self.income(fields)
        if not line.turnover_group:
            return self.special("revenue", account, tax_code=tax_code)
        key = f"group:{line.turnover_group}:{account}"
        name = fields.get("group") or line.turnover_group_name
        name = str(name or f"Group {line.turnover_group}")
        body = self._make_body(
            key, name, account=account, tax_code=tax_code, service=True
        )
        return self._keep(key, body, suffix=f"{line.turnover_group}-{account}")

    def _make_article(
        self, sku: str, line: Line, fields: Mapping[str, Any], tax_code: str
    ) -> dict[str, Any]:
        name = str(fields.get("name") or line.text or sku)
        body = self._make_body(
            sku,
            name,
            account=self.income(fields),
            tax_code=str(fields.get("tax_code") or tax_code),
            expense=str(fields.get("expense_account") or ""),
        )
        description = str(fields.get("description") or "")[:DESCRIPTION_LENGTH]
        return {**body, "Description": description} if description else body

    def _look_up(
        self, sku: str, line: Line, fields: Mapping[str, Any], tax_code: str
    ) -> None:
        """A write that only asks: the article's item, else the group's, else refused."""
        ref = Ref(KIND, sku, ROLE)
        otherwise: dict[str, Any] = {}
        needs: tuple[Ref, ...] = ()
        if self.options.missing_item == "group":
            needs = (self.group(line, fields, tax_code),)
            otherwise = {"otherwise": needs[0], "account": self.income(fields)}
        body = {"Query": make_sku_query([sku]), **otherwise}
        self.writes[ref] = _make_write(sku, body, needs=needs)

    def _keep(self, key: str, body: dict[str, Any], *, suffix: str) -> Ref:
        """Its write; where its name is taken, the suffix stands behind it."""
        ref = Ref(KIND, key, ROLE)
        if ref not in self.writes:
            tail = f" ({clean_name(suffix)[:SUFFIX_LENGTH]})"
            name = clean_name(body["Name"], room=len(tail)) + tail
            self.writes[ref] = _make_write(key, body, fallback={"Name": name})
        return ref

    def _make_body(
        self,
        sku: str,
        name: str,
        *,
        account: str,
        tax_code: str,
        expense: str = "",
        service: bool = False,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "Name": clean_name(name),
            "Sku": sku[:NAME_LENGTH],
            "Type": "Service" if service else "NonInventory",
            "IncomeAccountRef": {"value": account},
        }
        expense = expense or self.options.default_expense_account
        if expense:
            body["ExpenseAccountRef"] = {"value": expense}
        if tax_code:
            body["SalesTaxCodeRef"] = {"value": tax_code}
        return body

    def income(self, fields: Mapping[str, Any]) -> str:
        """The revenue account of a line, the default one unless a rule names it."""
        return str(fields.get("income_account") or "") or self.options.require(
            "default_income_account", "Revenue account"
        )


def find_liability(line: Line, fields: Mapping[str, Any]) -> str:
    """The account of a line that is no turnover. Raises MappingError without one."""
    account = str(fields.get("liability_account") or "")
    if account:
        return account
    group = line.turnover_group_name or line.turnover_group
    raise MappingError(
        f"The turnover group “{group}” is no turnover and has no account.",
        code="liability account",
        reference=line.turnover_group,
        action="Give the rule “Account of a group that is no turnover” an account.",
    )


def clean_name(name: str, *, room: int = 0) -> str:
    """A name as QuickBooks takes it: no colon, tab or newline, not too long."""
    clean = " ".join(FORBIDDEN.sub(" ", name).split())
    return clean[: NAME_LENGTH - room].strip() or "-"


def make_sku_query(skus: list[str]) -> str:
    """The query for items with these SKUs, active ones only."""
    columns, values = list_columns(ENTITY), quote_all(skus)
    return f"select {columns} from Item where Sku in ({values}) maxresults 1000"  # noqa: S608


def quote_all(values: list[str]) -> str:
    """Values as a list of the query language."""
    return ", ".join(quote(value) for value in values)


def quote(value: str) -> str:
    """A value in the query language: single quotes, backslash before one inside."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _make_write(
    key: str,
    body: Mapping[str, Any],
    *,
    needs: tuple[Ref, ...] = (),
    fallback: Mapping[str, Any] | None = None,
) -> Write:
    return Write(
        kind=KIND,
        key=key,
        role=ROLE,
        entity=ENTITY,
        body=body,
        number=str(body.get("Sku", key)),
        needs=needs,
        search={"sku": key},
        shared=True,
        fallback=fallback or {},
        label=f"item {key}",
    )

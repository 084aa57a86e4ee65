"""A company's documents with names in the place of ids, and amounts in cents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .books import DOCUMENTS, LISTS, Books, Row, show, to_cents

OF_THE_COMPANY = "Created by QB Online to link credits to charges"


@dataclass(frozen=True, slots=True)
class BookCustomer:
    """A customer by its names."""

    id: str
    name: str
    email: str
    active: bool


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line with an item, called by its SKU: names may clash and be changed.

    Amounts are in cents, ``account`` is the item's income account.
    """

    item: str
    account: str
    code: str
    net: int
    gross: int
    quantity: str
    text: str


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One line of a journal entry; a debit is positive."""

    account: str
    code: str
    amount: int
    tax: int
    side: str


@dataclass(frozen=True, slots=True)
class BookDocument:
    """One document with names in the place of ids."""

    entity: str
    id: str
    number: str
    day: date | None
    total: int
    balance: int
    customer: BookCustomer | None
    location: str
    account: str
    method: str
    term: str
    due: str
    note: str
    lines: tuple[BookLine, ...]
    tax: Mapping[str, tuple[int, int]]
    tax_total: int
    links: tuple[tuple[str, str, int], ...]
    entries: tuple[BookEntry, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What tells a document from every other."""
        return self.entity, self.id

    @property
    def own_links(self) -> bool:
        """A payment of 0.00 by which the company itself sets off credits."""
        return self.total == 0 and self.note.startswith(OF_THE_COMPANY)

    @property
    def label(self) -> str:
        """How the document is called in sentences."""
        number = self.number or "without a number"
        return f"{self.entity} {number} (id {self.id}) of {show(self.total)}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything the oracle looks at in a company."""

    documents: tuple[BookDocument, ...]
    customers: Mapping[str, BookCustomer]
    items: tuple[Row, ...]
    code_rates: Mapping[str, frozenset[str]]
    closed_through: date | None = None


def read_ledger(books: Books) -> Ledger:
    """Read a company whole and put names in the place of ids."""
    names = {entity: _read_names(books.rows(entity)) for entity in LISTS}
    customers = {
        str(row["Id"]): BookCustomer(
            id=str(row["Id"]),
            name=row.get("DisplayName", ""),
            email=(row.get("PrimaryEmailAddr") or {}).get("Address", ""),
            active=row.get("Active", True),
        )
        for row in names["Customer"].values()
    }
    items = {
        key: (
            str(row.get("Sku") or row.get("Name", "")),
            _name(names["Account"], row, "IncomeAccountRef"),
        )
        for key, row in names["Item"].items()
    }
    reader = _DocumentReader(names=names, customers=customers, items=items)
    return Ledger(
        documents=tuple(
            reader.read(entity, row)
            for entity in DOCUMENTS
            for row in books.rows(entity)
        ),
        customers=customers,
        items=tuple(names["Item"].values()),
        code_rates={
            row["Name"]: frozenset(_read_rates(row))
            for row in names["TaxCode"].values()
        },
        closed_through=read_closing_date(books),
    )


def read_closing_date(books: Books) -> date | None:
    """The last day on which the company lets nothing be posted, None without one."""
    for row in books.rows("Preferences"):
        day = (row.get("AccountingInfoPrefs") or {}).get("BookCloseDate")
        if day:
            return date.fromisoformat(str(day)[:10])
    return None


@dataclass(frozen=True, slots=True)
class _DocumentReader:
    names: Mapping[str, Mapping[str, Row]]
    customers: Mapping[str, BookCustomer]
    items: Mapping[str, tuple[str, str]]

    def read(self, entity: str, row: Row) -> BookDocument:
        number = row.get("PaymentRefNum" if entity == "Payment" else "DocNumber")
        day = row.get("TxnDate")
        tax = row.get("TxnTaxDetail") or {}
        return BookDocument(
            entity=entity,
            id=str(row["Id"]),
            number=number or "",
            day=date.fromisoformat(day) if day else None,
            total=to_cents(row.get("TotalAmt")),
            balance=to_cents(row.get("Balance")),
            customer=self.customers.get(_ref(row, "CustomerRef")),
            location=_name(self.names["Department"], row, "DepartmentRef"),
            account=_name(self.names["Account"], row, "DepositToAccountRef"),
            method=_name(self.names["PaymentMethod"], row, "PaymentMethodRef"),
            term=_name(self.names["Term"], row, "SalesTermRef"),
            due=row.get("DueDate", ""),
            note=row.get("PrivateNote", ""),
            lines=tuple(self._read_lines(row)),
            tax=_read_tax(tax),
            tax_total=to_cents(tax.get("TotalTax")),
            links=tuple(_read_links(row)),
            entries=tuple(self._read_entries(row)),
        )

    def _read_entries(self, row: Row) -> Iterable[BookEntry]:
        for line in row.get("Line", ()):
            detail = line.get("JournalEntryLineDetail")
            if detail is None:
                continue
            sign = 1 if detail.get("PostingType") == "Debit" else -1
            yield BookEntry(
                account=_name(self.names["Account"], detail, "AccountRef"),
                code=_name(self.names["TaxCode"], detail, "TaxCodeRef"),
                amount=sign * to_cents(line.get("Amount")),
                tax=sign * to_cents(detail.get("TaxAmount")),
                side=detail.get("TaxApplicableOn", ""),
            )

    def _read_lines(self, row: Row) -> Iterable[BookLine]:
        for line in row.get("Line", ()):
            detail = line.get("SalesItemLineDetail")
            if detail is None:
                continue
            item, account = self.items.get(_ref(detail, "ItemRef"), ("", ""))
            net = to_cents(line.get("Amount"))
            gross = detail.get("TaxInclusiveAmt")
            yield BookLine(
                item=item,
                account=account,
                code=_name(self.names["TaxCode"], detail, "TaxCodeRef"),
                net=net,
                gross=net if gross is None else to_cents(gross),
                quantity=str(detail.get("Qty", "")),
                text=line.get("Description", ""),
            )


def _read_names(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row["Id"]): row for row in rows}


def _ref(row: Row, field: str) -> str:
    return str((row.get(field) or {}).get("value", ""))


def _name(names: Mapping[str, Row], row: Row, field: str) -> str:
    value = _ref(row, field)
    if not value:
        return ""
    return str(names[value]["Name"]) if value in names else f"unknown id {value}"


def _read_rates(row: Row) -> Iterable[str]:
    for detail in (row.get("SalesTaxRateList") or {}).get("TaxRateDetail", ()):
        yield _ref(detail, "TaxRateRef")


def _read_tax(tax: Row) -> dict[str, tuple[int, int]]:
    """Net and VAT by tax rate id, as the company has them."""
    sums: dict[str, tuple[int, int]] = {}
    for line in tax.get("TaxLine", ()):
        detail = line.get("TaxLineDetail") or {}
        rate = _ref(detail, "TaxRateRef")
        net, vat = sums.get(rate, (0, 0))
        net += to_cents(detail.get("NetAmountTaxable"))
        sums[rate] = net, vat + to_cents(line.get("Amount"))
    return sums


def _read_links(row: Row) -> Iterable[tuple[str, str, int]]:
    for line in row.get("Line", ()):
        for link in line.get("LinkedTxn") or ():
            yield link["TxnType"], str(link["TxnId"]), to_cents(line.get("Amount"))

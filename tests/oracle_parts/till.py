"""Read the till over plain SOAP: envelopes made and taken apart by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import requests
from lxml import etree

from .records import Relation, TillLine, TillPayment, TillReceipt, TillVat

NAMESPACE = "urn:mplusqapi"
PAGE = 1000
Parsed = TypeVar("Parsed")
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
    f' xmlns:ns="{NAMESPACE}"><SOAP-ENV:Body>%s</SOAP-ENV:Body></SOAP-ENV:Envelope>'
)


RECEIPT_FIELDS = (
    "<ns:articlePluNumbers></ns:articlePluNumbers>"
    "<ns:articleBarcodes></ns:articleBarcodes>"
    "<ns:includeLineList>true</ns:includeLineList>"
)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


class TillError(Exception):
    """The till did not answer as it should."""


@dataclass(slots=True)
class _Walk:
    """What a walk over pages showed: whether markers were left out, page sizes."""

    gaps: bool = False
    largest: int = 0

    def note(self, start: int, markers: list[int]) -> None:
        """Take one page down; numbering begins at 1."""
        self.gaps |= max(markers) - max(start, 1) + 1 > len(markers)
        self.largest = max(self.largest, len(markers))


@dataclass(frozen=True, slots=True)
class TillServer:
    """A till at an address; ``url`` ends without a query."""

    url: str
    ident: str
    secret: str

    def receipts(self) -> Iterator[TillReceipt]:
        """Every receipt as it is now, whatever the till's pages hold.

        The vendor promises no order. A page that leaves markers out may only show
        that receipts were edited, or that it does not hold the lowest; then the days
        are asked one range at a time, in which nothing can be left out.
        """
        walk = _Walk()
        found = list(self._walk("getReceipts", "receipt", RECEIPT_FIELDS, walk))
        if walk.gaps:
            found += self._walk_days(FIRST_DAY, LAST_DAY, walk.largest)
        latest: dict[str, tuple[int, TillReceipt]] = {}
        for element in found:
            marker, receipt = _read_marker(element), parse_receipt(element)
            if receipt.id not in latest or latest[receipt.id][0] <= marker:
                latest[receipt.id] = marker, receipt
        for _, receipt in latest.values():
            yield receipt

    def relations(self) -> Mapping[str, Relation]:
        """Every customer card by its number."""
        found = map(parse_relation, self._walk("getRelations", "relation"))
        return {relation.number: relation for relation in found}

    def payment_methods(self) -> Mapping[str, str]:
        """The type of every payment method by its code."""
        answer = self._ask("<ns:getPaymentMethods/>")
        return {
            read_text(element, "method"): read_text(element, "type")
            for element in answer.iter(f"{{{NAMESPACE}}}paymentMethod")
        }

    def vat_percentages(self) -> Mapping[str, Decimal]:
        """The percentage of every VAT code, as sent."""
        answer = self._ask("<ns:getVatGroupList/>")
        return {
            read_text(element, "vatCode"): Decimal(read_text(element, "vatPercentage"))
            for element in answer.iter(f"{{{NAMESPACE}}}vatGroup")
        }

    def _walk(
        self, operation: str, item: str, fields: str = "", walk: _Walk | None = None
    ) -> Iterator[etree._Element]:
        marker = 0
        while page := self._read_page(operation, item, fields, marker):
            yield from page
            markers = [_read_marker(element) for element in page]
            if walk is not None:
                walk.note(marker, markers)
            if max(markers) < marker:
                return
            marker = max(markers) + 1

    def _walk_days(self, first: date, last: date, full: int) -> list[etree._Element]:
        """The receipts of some days; a range that fills a page is halved."""
        fields = f"{_show_day('from', first)}{_show_day('through', last)}"
        fields += RECEIPT_FIELDS
        page = self._read_page("getReceipts", "receipt", fields, 0)
        if not page:
            return []
        if len(page) < full or first == last:
            return list(self._walk("getReceipts", "receipt", fields))
        half = first + (last - first) // 2
        later = self._walk_days(half + timedelta(days=1), last, full)
        return self._walk_days(first, half, full) + later

    def _read_page(
        self, operation: str, item: str, fields: str, marker: int
    ) -> list[etree._Element]:
        answer = self._ask(
            f"<ns:{operation}><ns:request><ns:syncMarker>{marker}</ns:syncMarker>"
            f"<ns:syncMarkerLimit>{PAGE}</ns:syncMarkerLimit>{fields}"
            f"</ns:request></ns:{operation}>"
        )
        return list(_children(_child(answer, f"{item}List"), item))

    def _ask(self, inner: str) -> etree._Element:
        response = requests.post(
            self.url,
            params={"ident": self.ident, "secret": self.secret},
            data=(ENVELOPE % inner).encode(),
            headers={"Content-Type": "text/xml; charset=utf-8"},
            timeout=120,
        )
        if response.status_code != 200:
            raise TillError(f"The till answered {response.status_code} to {inner[:40]}")
        root = etree.fromstring(response.content)
        for part in root:
            if etree.QName(part).localname == "Body" and len(part):
                return part[0]
        raise TillError(f"The till's answer to {inner[:40]} has no body")


def parse_relation(element: etree._Element) -> Relation:
    """One ``relation`` element."""
    days = read_text(element, "paymentWithinDays")
    return Relation(
        number=read_text(element, "relationNumber"),
        name=read_text(element, "name").strip(),
        company=read_text(element, "companyName").strip(),
        email=read_text(element, "email").strip(),
        days=int(days) if days else None,
    )


def parse_receipt(element: etree._Element) -> TillReceipt:
    """One ``receipt`` element; what makes no sense becomes a fault, not an error."""
    receipt = TillReceipt(id=read_text(element, "receiptId"))
    try:
        return _fill_receipt(element, receipt)
    except (ValueError, ArithmeticError) as error:
        return replace(receipt, fault=f"cannot be read: {error}")


def _fill_receipt(element: etree._Element, receipt: TillReceipt) -> TillReceipt:
    day = _read_day(_child(element, "financialDate"))
    if day is None:
        raise ValueError("no financial date")
    return replace(
        receipt,
        text=read_text(element, "transactionString"),
        number=_read_number(_child(element, "receiptNumber")),
        type=read_text(element, "receiptType"),
        state=read_text(element, "state"),
        relation=_read_relation(element),
        day=day,
        branch=read_text(element, "financialBranchNumber"),
        vat_method=read_text(element, "vatMethod"),
        total_incl=_read_cents(element, "totalInclAmount"),
        total_excl=_read_cents(element, "totalExclAmount"),
        paid=_read_cents(element, "paidAmount"),
        lines=_read_list(element, "lineList", "line", _parse_line),
        payments=_read_list(element, "paymentList", "payment", _parse_payment),
        vat=_read_list(element, "vatGroupList", "vatGroup", _parse_vat),
    )


def _parse_line(element: etree._Element) -> TillLine:
    data = _child(element, "data")
    return TillLine(
        text=read_text(element, "text"),
        incl=_read_cents(data, "totalInclAmount"),
        excl=_read_cents(data, "totalExclAmount"),
        vat_code=read_text(data, "vatCode"),
        group=read_text(data, "turnoverGroup"),
        group_type=read_text(data, "turnoverGroupType"),
        price_type=read_text(data, "priceType"),
        quantity=_read_cents(data, "quantity"),
        bpe=_read_cents(data, "bpeAmount"),
        type=_read_sub_type(element),
        kind=read_text(element, "lineKind"),
        subs=_read_list(element, "preparationList", "line", _parse_line),
    )


def _read_sub_type(element: etree._Element) -> str:
    """What kind of sub-line this is: the older field may leave it to the newer."""
    older = read_text(element, "lineType").replace("LINE-TYPE-NONE", "")
    return older or read_text(element, "subLineType")


def _parse_payment(element: etree._Element) -> TillPayment:
    return TillPayment(
        id=read_text(element, "paymentId"),
        day=_read_day(_child(element, "financialDate")),
        branch=read_text(element, "branchNumber"),
        method=read_text(element, "method"),
        type=read_text(element, "paymentMethodType"),
        amount=_read_cents(element, "amount"),
    )


def _parse_vat(element: etree._Element) -> TillVat:
    return TillVat(
        code=read_text(element, "vatCode"),
        percentage=Decimal(read_text(element, "vatPercentage") or 0),
        excl=_read_cents(element, "exclAmount"),
        vat=_read_cents(element, "vatAmount"),
        country=read_text(element, "countryIso3"),
    )


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else element.find(f"{{{NAMESPACE}}}{name}")


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from element.iterfind(f"{{{NAMESPACE}}}{name}")


def read_text(element: etree._Element | None, name: str) -> str:
    """The text of a direct child, "" where there is none."""
    found = _child(element, name)
    return "" if found is None else (found.text or "")


def _read_marker(element: etree._Element) -> int:
    return int(read_text(element, "syncMarker") or 0)


def _show_day(end: str, day: date) -> str:
    return (
        f"<ns:{end}FinancialDate><ns:day>{day.day}</ns:day><ns:mon>{day.month}</ns:mon>"
        f"<ns:year>{day.year}</ns:year></ns:{end}FinancialDate>"
    )


def _read_cents(element: etree._Element | None, name: str) -> int:
    return int(read_text(element, name) or 0)


def _read_list(
    element: etree._Element,
    wrapper: str,
    item: str,
    parse: Callable[[etree._Element], Parsed],
) -> tuple[Parsed, ...]:
    return tuple(parse(found) for found in _children(_child(element, wrapper), item))


def _read_day(element: etree._Element | None) -> date | None:
    if element is None:
        return None
    day, month, year = (_read_cents(element, name) for name in ("day", "mon", "year"))
    # The vendor's empty date is all zeros.
    return date(year, month, day) if day or month or year else None


def _read_relation(element: etree._Element) -> str:
    number = read_text(element, "relationNumber")
    return "" if number == "0" else number


def _read_number(element: etree._Element | None) -> tuple[str, str, str, str] | None:
    names = ("branchNumber", "workplaceNumber", "year", "number")
    parts = [read_text(element, name) for name in names]
    if not parts[3] or parts[3] == "0":
        return None
    return parts[0], parts[1], parts[2], parts[3]

"""Read the till over plain SOAP: envelopes made and taken apart by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import requests
from lxml import etree

from .parse import (
    NAMESPACE,
    parse_cash_count,
    parse_receipt,
    parse_relation,
    read_child,
    read_children,
    read_marker,
    read_text,
)
from .records import CashCount, Relation, TillReceipt

PAGE = 1000
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
            marker, receipt = read_marker(element), parse_receipt(element)
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

    def cash_counts(self) -> tuple[CashCount, ...]:
        """Every cash count; none where the service does not know or give them."""
        try:
            answer = self._ask(
                "<ns:getCashCountList><ns:request></ns:request></ns:getCashCountList>"
            )
        except TillError:
            return ()
        counts = read_children(read_child(answer, "cashCountList"), "cashCount")
        return tuple(map(parse_cash_count, counts))

    def _walk(
        self, operation: str, item: str, fields: str = "", walk: _Walk | None = None
    ) -> Iterator[etree._Element]:
        marker = 0
        while page := self._read_page(operation, item, fields, marker):
            yield from page
            markers = [read_marker(element) for element in page]
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
        return list(read_children(read_child(answer, f"{item}List"), item))

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


def _show_day(end: str, day: date) -> str:
    return (
        f"<ns:{end}FinancialDate><ns:day>{day.day}</ns:day><ns:mon>{day.month}</ns:mon>"
        f"<ns:year>{day.year}</ns:year></ns:{end}FinancialDate>"
    )

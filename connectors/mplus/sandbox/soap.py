"""SOAP 1.1 as the vendor's service speaks it: envelopes, faults, requests.

Requests are taken as they come: any prefix, any order, missing elements, a Header.
Faults answer with HTTP 500; their texts are those of gSOAP, which the vendor's service
appears to be built with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from connectors.mplus.sandbox.rendering import escape
from connectors.mplus.schema import NAMESPACE, OPERATIONS, STRUCTS
from connectors.mplus.schema_types.enums import ENUMS
from connectors.mplus.schema_types.notation import Element

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE = "text/xml; charset=utf-8"
MAX_REQUEST = 2_000_000

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE}"'
    ' xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    f' xmlns:ns="{NAMESPACE}"><SOAP-ENV:Body>'
)
_TAIL = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
_VIOLATION = "Validation constraint violation: "


class Fault(Exception):
    """The call is refused; ``code`` is what comes behind ``SOAP-ENV:``."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def wrap(body: str) -> bytes:
    """An envelope around an answer element."""
    return f"{_HEAD}{body}{_TAIL}".encode()


def wrap_fault(fault: Fault) -> bytes:
    """An envelope with a fault."""
    return wrap(
        "<SOAP-ENV:Fault>"
        f"<faultcode>SOAP-ENV:{fault.code}</faultcode>"
        f"<faultstring>{escape(fault.text)}</faultstring>"
        "</SOAP-ENV:Fault>"
    )


def parse_call(document: bytes) -> tuple[str, etree._Element]:
    """The operation's name and its element in the body. Raises Fault."""
    if len(document) > MAX_REQUEST:
        raise Fault("Message size limit exceeded")
    # A parser is not safe to share between threads.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Fault("XML syntax error") from error
    if root.getroottree().docinfo.doctype:
        raise Fault("XML syntax error: document type declarations are not allowed")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Fault(f"{_VIOLATION}tag name or namespace mismatch in element 'Envelope'")
    body = root.find(f"{{{ENVELOPE}}}Body")
    if body is None or len(body) == 0:
        raise Fault(f"{_VIOLATION}occurrence violation in element 'SOAP-ENV:Body'")
    name = etree.QName(body[0])
    if name.namespace != NAMESPACE or name.localname not in OPERATIONS:
        raise Fault(unknown_method(name.localname))
    return name.localname, body[0]


def unknown_method(name: str) -> str:
    """What gSOAP says of a method that the server does not have."""
    return (
        f"Method 'ns:{name}' not implemented: method name or namespace not recognized"
    )


def read_request(
    operation: str, element: etree._Element, *, strict: bool = False
) -> dict[str, Any]:
    """The request as a dict by element name; absent elements are absent.

    Numbers become int, booleans bool, dates and timestamps ISO text, lists of plain
    elements lists. ``strict`` refuses missing elements, as the WSDL does. Raises Fault.
    """
    return _read_elements(element, OPERATIONS[operation].request, strict=strict)


def _read_elements(
    parent: etree._Element, elements: Iterable[Element], *, strict: bool
) -> dict[str, Any]:
    found: dict[str, list[etree._Element]] = {}
    for child in parent:
        found.setdefault(etree.QName(child).localname, []).append(child)
    values: dict[str, Any] = {}
    for element in elements:
        given = found.get(element.name, [])
        if strict and (
            (element.required and not given)
            or (len(given) > 1 and not element.repeated)
        ):
            raise Fault(f"{_VIOLATION}occurrence violation in element '{element.name}'")
        read = [_read_value(each, element, strict=strict) for each in given]
        read = [value for value in read if value is not None]
        if element.repeated:
            values[element.name] = read
        elif read:
            values[element.name] = read[-1]
    return values


def _read_value(node: etree._Element, element: Element, *, strict: bool) -> Any:
    kind = element.type
    if kind in STRUCTS:
        values = _read_elements(node, STRUCTS[kind].elements, strict=strict)
        if kind in ("SoapMplusDate", "SoapMplusDateTime"):
            return _join_date(values, element.name)
        return values
    text = (node.text or "").strip()
    if kind == "string" or kind in ENUMS:
        return node.text or ""
    if not text:
        return None
    try:
        return _READERS[kind](text)
    except (KeyError, ValueError) as error:
        raise Fault(
            f"{_VIOLATION}data type mismatch in element '{element.name}'"
        ) from error


def _join_date(values: dict[str, int], name: str) -> str | None:
    if not any(values.get(part) for part in ("day", "mon", "year")):
        return None
    try:
        year, month, day = values["year"], values["mon"], values["day"]
    except KeyError as error:
        raise Fault(f"{_VIOLATION}occurrence violation in element '{name}'") from error
    text = f"{year:04d}-{month:02d}-{day:02d}"
    if "hour" not in values:
        return text
    clock = (values.get(part, 0) for part in ("hour", "min", "sec"))
    return text + "T{:02d}:{:02d}:{:02d}".format(*clock)


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_READERS: dict[str, Any] = {
    "boolean": _BOOLEANS.__getitem__,
    "date": str,
    "dateTime": str,
    "decimal": str,
    "int": int,
    "long": int,
    "short": int,
}

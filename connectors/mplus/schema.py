"""The project's own description of the MplusKASSA operations and types it uses.

The connector's client and the sandbox both work from it; ``wsdl`` writes it as a
WSDL that any SOAP client can load without network. Everything here is a subset of
the vendor's WSDL: same names, same order, same bounds. Whole-number amounts are
cents, percentages are whole numbers (the sandbox's README tells their scale).
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from connectors.mplus.schema_types.answers import ANSWERS
from connectors.mplus.schema_types.cards import CARDS
from connectors.mplus.schema_types.counts import COUNTS
from connectors.mplus.schema_types.enums import ENUMS
from connectors.mplus.schema_types.notation import (
    SIMPLE_TYPES,
    Element,
    Operation,
    Struct,
)
from connectors.mplus.schema_types.operations import OPERATIONS as ALL_OPERATIONS
from connectors.mplus.schema_types.receipts import RECEIPTS
from connectors.mplus.schema_types.requests import REQUESTS
from connectors.mplus.schema_types.shop import SHOP
from connectors.mplus.schema_types.values import VALUES

NAMESPACE = "urn:mplusqapi"
SERVICE = "MplusQapi"
BINDING = f"{{{NAMESPACE}}}{SERVICE}"

OPERATIONS: dict[str, Operation] = {each.name: each for each in ALL_OPERATIONS}
STRUCTS: dict[str, Struct] = {
    each.name: each
    for each in (
        *VALUES,
        *SHOP,
        *CARDS,
        *RECEIPTS,
        *COUNTS,
        *REQUESTS,
        *ANSWERS,
    )
}

_XSD = "http://www.w3.org/2001/XMLSchema"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_PREFIXES = {None: _WSDL, "tns": NAMESPACE, "xsd": _XSD, "SOAP": _SOAP}


def wsdl(address: str) -> bytes:
    """Write the WSDL, UTF-8, for a service at ``address``."""
    root = etree.Element(
        f"{{{_WSDL}}}definitions",
        nsmap=_PREFIXES,
        name=SERVICE,
        targetNamespace=NAMESPACE,
    )
    _add_schema(root)
    for operation in OPERATIONS.values():
        _add_message(root, operation.name)
    for answer in sorted({each.answer for each in OPERATIONS.values()}):
        _add_message(root, answer)
    _add_port_type(root)
    _add_binding(root)
    service = _add(root, _WSDL, "service", name=SERVICE)
    port = _add(service, _WSDL, "port", name=SERVICE, binding=f"tns:{SERVICE}")
    _add(port, _SOAP, "address", location=address)
    document: bytes = etree.tostring(
        root, xml_declaration=True, encoding="utf-8", pretty_print=True
    )
    return document


def _add(parent: etree._Element, space: str, tag: str, **values: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{space}}}{tag}", **values)


def _add_schema(root: etree._Element) -> None:
    schema = _add(
        _add(root, _WSDL, "types"),
        _XSD,
        "schema",
        targetNamespace=NAMESPACE,
        elementFormDefault="qualified",
        attributeFormDefault="unqualified",
    )
    for name, values in ENUMS.items():
        simple = _add(schema, _XSD, "simpleType", name=name)
        base = _add(simple, _XSD, "restriction", base="xsd:string")
        for value in values:
            _add(base, _XSD, "enumeration", value=value)
    for struct in STRUCTS.values():
        complex_type = _add(schema, _XSD, "complexType", name=struct.name)
        _add_sequence(complex_type, struct.elements)
    for operation in OPERATIONS.values():
        element = _add(schema, _XSD, "element", name=operation.name)
        _add_sequence(_add(element, _XSD, "complexType"), operation.request)
    for answer in sorted({each.answer for each in OPERATIONS.values()}):
        _add(schema, _XSD, "element", name=answer, type=f"tns:{answer}")


def _add_sequence(parent: etree._Element, elements: Iterable[Element]) -> None:
    sequence = _add(parent, _XSD, "sequence")
    for element in elements:
        prefix = "xsd" if element.type in SIMPLE_TYPES else "tns"
        bounds = {} if element.required else {"minOccurs": "0"}
        if element.repeated:
            bounds["maxOccurs"] = "unbounded"
        kind = f"{prefix}:{element.type}"
        _add(sequence, _XSD, "element", name=element.name, type=kind, **bounds)


def _add_message(root: etree._Element, name: str) -> None:
    message = _add(root, _WSDL, "message", name=name)
    _add(message, _WSDL, "part", name="Body", element=f"tns:{name}")


def _add_port_type(root: etree._Element) -> None:
    port_type = _add(root, _WSDL, "portType", name=f"{SERVICE}PortType")
    for operation in OPERATIONS.values():
        each = _add(port_type, _WSDL, "operation", name=operation.name)
        _add(each, _WSDL, "input", message=f"tns:{operation.name}")
        _add(each, _WSDL, "output", message=f"tns:{operation.answer}")


def _add_binding(root: etree._Element) -> None:
    binding = _add(root, _WSDL, "binding", name=SERVICE, type=f"tns:{SERVICE}PortType")
    _add(binding, _SOAP, "binding", style="document", transport=_HTTP)
    for operation in OPERATIONS.values():
        each = _add(binding, _WSDL, "operation", name=operation.name)
        _add(each, _SOAP, "operation", soapAction="")
        for side in ("input", "output"):
            end = _add(each, _WSDL, side)
            _add(end, _SOAP, "body", use="literal", parts="Body")

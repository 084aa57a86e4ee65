"""Turns SOAP answers into plain dicts, driven by the types of a WSDL.

This is the seam behind which answers are read: ``Answers.decode`` takes the bytes of
an answer and gives dict, list, text, int, bool and Decimal under the API's own names.
What the WSDL does not know (a newer server sends more) is kept too, as text, dict or
list. Enum values stay text, known or not, and a value that is not of its type stays
text too: one broken record must not disturb the others of its page. Nothing is
converted to the hub's vocabulary here. A test holds it against zeep's own reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import zeep
from lxml import etree
from zeep import xsd

NAMESPACE = "urn:mplusqapi"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class DecodeError(ValueError):
    """The bytes are no SOAP answer; the text says why and shows none of them."""


class NotSoapError(DecodeError):
    """Well-formed XML that is something else than a SOAP answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault: code without its prefix ("Client.Authentication") and text."""

    code: str
    text: str


@dataclass(slots=True)
class _Shape:
    """How the children of one complex type are read, by their full tag."""

    fields: dict[str, _Child] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Child:
    """One child: its name, whether it repeats, and how its content is read."""

    name: str
    many: bool
    shape: _Shape | None
    convert: Callable[[str], Any]


def _to_bool(text: str) -> bool:
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise ValueError(text)


def _to_decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


_WHOLE = dict.fromkeys(
    ("long", "int", "short", "integer", "byte", "unsignedInt", "unsignedShort"), int
)
_CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    **_WHOLE,
    "decimal": _to_decimal,
    "boolean": _to_bool,
}


class Answers:
    """Reads the answers of one WSDL. Safe to share between threads."""

    def __init__(self, document: zeep.wsdl.Document) -> None:
        self._shapes: dict[Any, _Shape] = {}
        self._answers: dict[str, _Shape] = {}
        service = next(iter(document.services.values()))
        port = next(iter(service.ports.values()))
        for operation in port.binding.all().values():
            element = operation.output.body
            self._answers[str(element.qname)] = self._shape_of(element.type)

    def decode(self, body: bytes) -> dict[str, Any] | Fault:
        """The answer's fields, or the fault. Raises DecodeError."""
        element = _find_answer(parse_xml(body))
        if element.tag == f"{{{SOAP}}}Fault":
            return _read_fault(element)
        return _read(element, self._answers.get(element.tag) or _Shape())

    def _shape_of(self, kind: Any) -> _Shape:
        if kind in self._shapes:
            return self._shapes[kind]
        # Stored before it is filled: types refer to themselves (lines hold lines).
        shape = self._shapes[kind] = _Shape()
        for name, element in kind.elements:
            shape.fields[f"{{{NAMESPACE}}}{element.attr_name or name}"] = _Child(
                name=element.attr_name or name,
                many=bool(element.accepts_multiple),
                shape=self._nested(element.type),
                convert=_CONVERTERS.get(element.type.name, str),
            )
        return shape

    def _nested(self, kind: Any) -> _Shape | None:
        return self._shape_of(kind) if isinstance(kind, xsd.ComplexType) else None


def parse_xml(body: bytes) -> etree._Element:
    """Parse without entities, DTD and network. Raises DecodeError."""
    # A parser is not to be shared between threads.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DecodeError("The answer is not well-formed XML.") from error
    if root.getroottree().docinfo.doctype:
        raise DecodeError("The answer declares a document type, which is not accepted.")
    return root


def _find_answer(root: etree._Element) -> etree._Element:
    if root.tag != f"{{{SOAP}}}Envelope":
        raise NotSoapError("The answer is not a SOAP envelope.")
    body = root.find(f"{{{SOAP}}}Body")
    if body is None or not len(body):
        raise NotSoapError("The SOAP answer has no content.")
    return body[0]


def _read_fault(element: etree._Element) -> Fault:
    code = (element.findtext("faultcode") or "").strip()
    text = (element.findtext("faultstring") or "").strip()
    return Fault(code=code.rsplit(":", 1)[-1], text=text)


def _read(node: etree._Element, shape: _Shape) -> dict[str, Any]:
    result: dict[str, Any] = {}
    fields = shape.fields
    for element in node:
        child = fields.get(element.tag)
        if child is None:
            _add_unknown(result, element)
            continue
        value = (
            _read_leaf(element, child)
            if child.shape is None
            else _read(element, child.shape)
        )
        if not child.many:
            result[child.name] = value
        elif value is not None:
            result.setdefault(child.name, []).append(value)
    return result


def _read_leaf(element: etree._Element, child: _Child) -> Any:
    text = element.text
    if child.convert is str:
        return text or ""
    text = (text or "").strip()
    if not text:
        return None
    try:
        return child.convert(text)
    except (ValueError, InvalidOperation):
        return text


def _add_unknown(result: dict[str, Any], element: etree._Element) -> None:
    """Keep a child the WSDL does not know; a second one of a name makes a list."""
    name = etree.QName(element).localname
    value: Any = _read(element, _Shape()) if len(element) else element.text or ""
    if name not in result:
        result[name] = value
    elif isinstance(result[name], list):
        result[name].append(value)
    else:
        result[name] = [result[name], value]

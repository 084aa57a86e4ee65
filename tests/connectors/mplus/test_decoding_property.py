"""Any receipt that the description allows is read as zeep reads it."""

from __future__ import annotations

import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from zeep.helpers import serialize_object

from connectors.mplus.description import own_description
from connectors.mplus.schema import ENUMS, STRUCTS

NS = "urn:mplusqapi"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DEEPEST = 6
# zeep strips nothing of texts, and XML turns a carriage return into a line feed.
texts = st.text(string.ascii_letters + string.digits + " é€&<>'\"", max_size=6)
SCALARS = {
    "string": texts,
    "boolean": st.sampled_from(["true", "false"]),
    "decimal": st.decimals(-1000, 1000, places=3).map(str),
}
NUMBERS = st.integers(-(2**31), 2**31 - 1).map(str)
# zeep makes datetimes of them; here they stay the text that was sent.
LEFT_OUT = {"dateTime", "date", "base64Binary"}


@st.composite
def elements(draw, name, kind, depth=0):
    """An element of a type, with any choice of its children."""
    element = etree.Element(f"{{{NS}}}{name}")
    if kind not in STRUCTS:
        scalar = SCALARS.get(kind, NUMBERS)
        element.text = draw(st.sampled_from(ENUMS[kind]) if kind in ENUMS else scalar)
        return element
    children = [each for each in STRUCTS[kind].elements if each.type not in LEFT_OUT]
    if depth >= DEEPEST:
        children = [each for each in children if each.type not in STRUCTS]
    wanted = (
        []
        if not children
        else draw(st.lists(st.sampled_from(children), max_size=5, unique=True))
    )
    for each in sorted(wanted, key=children.index):
        times = draw(st.integers(1, 2)) if each.repeated else 1
        for _ in range(times):
            element.append(draw(elements(each.name, each.type, depth + 1)))
    return element


def wrap(answer):
    envelope = etree.Element(f"{{{SOAP}}}Envelope")
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(answer)
    return envelope


def clean(value):
    """Without what is absent or empty, and with texts as they are sent."""
    if isinstance(value, list):
        return [found for each in value if (found := clean(each)) not in (None, "", {})]
    if not isinstance(value, dict):
        return value
    cleaned = {name: clean(each) for name, each in value.items()}
    return {k: v for k, v in cleaned.items() if v not in (None, "", [], {})}


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(elements("GetReceiptResponse", "GetReceiptResponse"))
def test_every_receipt_is_read_as_zeep_reads_it(answer):
    description = own_description()
    envelope = wrap(answer)
    operation = description.zeep.service._binding.get("getReceipt")
    theirs = serialize_object(operation.output.deserialize(envelope), dict)
    ours = description.answers.decode(etree.tostring(envelope))
    assert clean(ours) == clean(theirs)

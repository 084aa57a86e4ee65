"""The vendor's own WSDL, where a copy of it lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

SHARED = Path(__file__).resolve().parents[4] / "shared"
WSDL = SHARED / "reference" / "mplus" / "mplusqapi.wsdl"
CONFORMANCE = SHARED / "checks" / "mplus_conformance.py"

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_STUB = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://schemas.xmlsoap.org/soap/encoding/">
  <simpleType name="base64">
    <restriction base="base64Binary"
      xmlns="http://www.w3.org/2001/XMLSchema"/>
  </simpleType>
</schema>"""

needs_vendor_wsdl = pytest.mark.skipif(
    not WSDL.exists(), reason=f"NOT RUN: the vendor's WSDL is not at {WSDL}"
)


def load_vendor_schema(folder) -> etree.XMLSchema:
    """The types of the vendor's WSDL as a schema, its unreachable import stubbed."""
    (folder / "encoding.xsd").write_bytes(_STUB)
    types = etree.parse(str(WSDL)).getroot().find(f".//{_XSD}schema")
    types.find(f"{_XSD}import").set("schemaLocation", "encoding.xsd")
    path = folder / "vendor.xsd"
    path.write_bytes(etree.tostring(types, with_tail=False))
    return etree.XMLSchema(etree.parse(str(path)))

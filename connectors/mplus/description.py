"""A WSDL, loaded by zeep: what writes the requests and how answers are shaped."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import Any

import zeep
from lxml import etree
from zeep.transports import Transport

from connectors.mplus import schema
from connectors.mplus.decoding import Answers
from integration_hub.core.errors import ConfigError

# Replaced by the connection's own address with every call.
ANY_ADDRESS = "http://127.0.0.1:18083/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
# The vendor's WSDL imports this schema without saying where it is; four fields of
# type base64 are all that is used of it.
ENCODING_STUB = (
    b'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="'
    + ENCODING.encode()
    + b'"><simpleType name="base64"><restriction xmlns:xsd="http://www.w3.org/2001/'
    b'XMLSchema" base="xsd:base64Binary"/></simpleType></schema>'
)


class OfflineTransport(Transport):
    """Loads WSDLs without network and posts nothing: the session does that."""

    def load(self, url: str) -> bytes:
        """Only the one schema that is never reachable anyway."""
        if url == ENCODING:
            return ENCODING_STUB
        raise ConfigError(f"The WSDL wants {url}, which is not loaded.", code="wsdl")


class Description:
    """A WSDL, loaded: writes the requests and reads the answers of its operations.

    Takes more than the project's own subset: the vendor's whole WSDL works too.
    """

    def __init__(self, wsdl: bytes) -> None:
        # Not strict, and free of sequence order: newer servers add fields anywhere.
        settings = zeep.Settings(
            strict=False,
            xsd_ignore_sequence_order=True,
            forbid_dtd=True,
            forbid_entities=True,
            forbid_external=False,
        )
        transport = OfflineTransport()  # type: ignore[no-untyped-call]
        self.zeep = zeep.Client(  # type: ignore[no-untyped-call]
            io.BytesIO(wsdl), transport=transport, settings=settings
        )
        self.answers = Answers(self.zeep.wsdl)

    def request(self, operation: str, values: Mapping[str, Any]) -> bytes:
        """The envelope of a call."""
        envelope = self.zeep.create_message(  # type: ignore[no-untyped-call]
            self.zeep.service, operation, **values
        )
        content: bytes = etree.tostring(
            envelope, xml_declaration=True, encoding="utf-8"
        )
        return content


@functools.cache
def own_description() -> Description:
    """The project's own subset, loaded once per process."""
    return Description(schema.wsdl(ANY_ADDRESS))

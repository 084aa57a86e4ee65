"""A running MplusKASSA sandbox for tests, called with hand-written SOAP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from lxml import etree

from connectors.mplus.sandbox.app import build
from connectors.sandbox.server import start

NS = "{urn:mplusqapi}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
CREDENTIALS = {"ident": "sandbox", "secret": "sandbox"}


class Till:
    """A client that knows nothing but XML."""

    def __init__(self, running):
        self.running = running
        self.url = running.url
        self.http = requests.Session()

    def post(self, document, **params):
        return self.http.post(
            f"{self.url}/", params=params or CREDENTIALS, data=document.encode()
        )

    def call(self, operation, inside=""):
        """The answer's element; ``inside`` is the XML in the request element."""
        reply = self.post(envelope(f"<m:{operation}>{inside}</m:{operation}>"))
        assert reply.status_code == 200, reply.text
        return etree.fromstring(reply.content)[0][0]

    def fault(self, document, **params):
        """The (faultcode, faultstring) of a call that is refused."""
        reply = self.post(document, **params)
        assert reply.status_code == 500, reply.text
        found = etree.fromstring(reply.content).find(f".//{SOAP}Fault")
        return found.findtext("faultcode"), found.findtext("faultstring")

    def receipts(self, **wanted):
        return self.call("getReceipts", request_of(**wanted))[0].findall(f"{NS}receipt")

    def markers(self, **wanted):
        return [int(text(each, "syncMarker")) for each in self.receipts(**wanted)]

    def do(self, action, **payload):
        reply = self.http.post(f"{self.url}/_sandbox/do/{action}", json=payload)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def refuse(self, action, **payload):
        reply = self.http.post(f"{self.url}/_sandbox/do/{action}", json=payload)
        assert reply.status_code == 400
        return reply.json()["error"]

    def switch(self, **values):
        reply = self.http.post(f"{self.url}/_sandbox/switches", json=values)
        assert reply.status_code == 200, reply.text


@contextmanager
def running_till(state_file=None, **options) -> Iterator[Till]:
    options = {"seed": 1, "receipts": 100, "days": 3, **options}
    running = start(build(options), state_file=state_file)
    till = Till(running)
    try:
        yield till
    finally:
        till.http.close()
        running.stop()


def envelope(body, header=""):
    return (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"'
        f' xmlns:m="urn:mplusqapi">{header}<E:Body>{body}</E:Body></E:Envelope>'
    )


def request_of(**wanted):
    """``<request>`` with plain elements; a list is a repeated element."""
    parts = []
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        parts += [f"<m:{name}>{each}</m:{name}>" for each in values]
    return f"<m:request>{''.join(parts)}</m:request>"


def text(element, path):
    return element.findtext("/".join(f"{NS}{part}" for part in path.split("/")))


def texts(element, path):
    found = element.findall("/".join(f"{NS}{part}" for part in path.split("/")))
    return [each.text or "" for each in found]

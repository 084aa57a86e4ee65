"""A till and a company on loopback, no wiser than the oracle needs them to be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.oracle_example.books import ExampleBooks
from tests.oracle_example.wire import RATES, ExampleTill, to_xml

TOKEN = "Bearer fresh"


@dataclass
class Scene:
    """What the two servers answer from, and what they were asked."""

    till: ExampleTill
    books: ExampleBooks
    page: int = 1000
    throttled: int = 0
    asked: list[str] = field(default_factory=list)

    def answer_till(self, body: str) -> str:
        """The body of the till's answer to an envelope."""
        marker = int((re.search(r"syncMarker>(\d+)<", body) or [0, 0])[1])
        if "getReceipts" in body:
            receipts = [
                {**record, "syncMarker": at + 1}
                for at, record in enumerate(self.till.records)
            ]
            return self._list("receipt", receipts, marker)
        if "getRelations" in body:
            cards = [
                {**card, "syncMarker": at + 1}
                for at, card in enumerate(self.till.cards)
            ]
            return self._list("relation", cards, marker)
        if "getCashCountList" in body:
            counts = {"cashCountList": {"cashCount": self.till.counts}}
            return to_xml("GetCashCountListResponse", counts)
        groups = [{"vatCode": c, "vatPercentage": r} for c, r in RATES.items()]
        return to_xml("getVatGroupListResponse", {"vatGroup": groups})

    def answer_books(self, query: str) -> dict[str, Any]:
        """The answer of a company to a query."""
        self.asked.append(query)
        found = re.search(r"from (\w+).*startposition (\d+)", query)
        assert found
        start = int(found[2]) - 1
        rows = list(self.books.rows(found[1]))[start : start + 1000]
        return {"QueryResponse": {found[1]: rows} if rows else {}}

    def _list(self, item: str, records: list[dict[str, Any]], marker: int) -> str:
        page = [record for record in records if record["syncMarker"] >= marker]
        # The vendor promises no order within a page.
        page = page[: self.page][::-1]
        return to_xml(f"get{item.title()}sResponse", {f"{item}List": {item: page}})


class Handler(BaseHTTPRequestHandler):
    """Both servers in one: the till takes POST, the company GET."""

    scene: ClassVar[Scene]

    def do_POST(self) -> None:
        """Answer as the till."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if parse_qs(urlsplit(self.path).query) != {"ident": ["i"], "secret": ["s"]}:
            self._send(500, "<fault/>", {})
            return
        answer = self.scene.answer_till(body)
        self._send(
            200,
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
            f' xmlns:ns="urn:mplusqapi"><e:Body>{answer}</e:Body></e:Envelope>',
            {},
        )

    def do_GET(self) -> None:
        """Answer as the company."""
        if self.scene.throttled:
            self.scene.throttled -= 1
            self._send(429, "", {"Retry-After": "0"})
            return
        if self.headers["Authorization"] != TOKEN:
            self._send(401, '{"fault": {}}', {})
            return
        query = parse_qs(urlsplit(self.path).query)["query"][0]
        self._send(200, json.dumps(self.scene.answer_books(query)), {})

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _send(self, status: int, text: str, headers: dict[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve_scene(scene: Scene) -> Iterator[str]:
    """Serve a scene and give its address."""
    handler = type("SceneHandler", (Handler,), {"scene": scene})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()

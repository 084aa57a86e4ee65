"""How many writes per second the QuickBooks sandbox takes, one client, one process each.

Run it from the project's folder: ``python benchmarks/sandbox_speed.py [--state]``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from connectors.quickbooks.sandbox.app import build
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM
from connectors.sandbox.server import serve

REDIRECT = "http://localhost:1/callback"
BATCH = 30


class Client:
    """One kept-alive connection with a consent of its own."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._connection.connect()
        self._headers = {"Accept": "application/json"}
        self._headers["Authorization"] = f"Bearer {self._connect()}"

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a write, which must succeed."""
        return self._send(f"/v3/company/{GLOBAL_REALM}/{path}", json.dumps(body))

    def _send(self, path: str, body: str) -> Any:
        self._connection.request("POST", path, body=body, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:500]!r}")
        return json.loads(text)

    def _connect(self) -> str:
        asked = {
            "client_id": "sandbox",
            "scope": "com.intuit.quickbooks.accounting",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "x",
            "sandbox_approve": GLOBAL_REALM,
        }
        self._connection.request("GET", f"/connect/oauth2?{urlencode(asked)}")
        answer = self._connection.getresponse()
        answer.read()
        location = urlsplit(answer.headers["Location"])
        form = {
            "grant_type": "authorization_code",
            "code": dict(parse_qsl(location.query))["code"],
            "redirect_uri": REDIRECT,
        }
        basic = b64encode(b"sandbox:sandbox").decode()
        self._headers["Authorization"] = f"Basic {basic}"
        given = self._send("/oauth2/v1/tokens/bearer", urlencode(form))
        return str(given["access_token"])


def make_receipt(number: int, item: str) -> dict[str, Any]:
    """A sales receipt of three lines, as the hub sends them."""
    lines = [
        {
            "Amount": net,
            "DetailType": "SalesItemLineDetail",
            "Description": "An article of the shop",
            "SalesItemLineDetail": {
                "ItemRef": {"value": item},
                "Qty": 1,
                "TaxCodeRef": {"value": code},
                "TaxInclusiveAmt": gross,
            },
        }
        for net, gross, code in ((10.0, 12.1, "1"), (4.59, 5.0, "2"), (2.0, 2.0, "5"))
    ]
    return {
        "DocNumber": f"B1-1-26-{number}",
        "TxnDate": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "GlobalTaxCalculation": "TaxInclusive",
        "CustomerRef": {"value": "1"},
        "DepositToAccountRef": {"value": "9"},
        "PaymentMethodRef": {"value": "1"},
        "DepartmentRef": {"value": "1"},
        "PrivateNote": f"a note about receipt {number}",
        "Line": lines,
    }


def measure(url: str, *, singles: int, batches: int) -> tuple[float, float]:
    """Single and batched writes per second."""
    client = Client(url)
    body = {
        "Name": "Bread",
        "Type": "Service",
        "IncomeAccountRef": {"value": "23"},
    }
    item = client.post("item", body)["Item"]["Id"]
    started = time.perf_counter()
    for number in range(singles):
        client.post(f"salesreceipt?requestid=s{number}", make_receipt(number, item))
    single = singles / (time.perf_counter() - started)
    number = singles
    started = time.perf_counter()
    for batch in range(batches):
        items = []
        for position in range(BATCH):
            receipt = make_receipt(number, item)
            items.append(
                {"bId": str(position), "operation": "create", "SalesReceipt": receipt}
            )
            number += 1
        answer = client.post(f"batch?requestid=b{batch}", {"BatchItemRequest": items})
        if any("Fault" in item for item in answer["BatchItemResponse"]):
            raise SystemExit("An item was refused.")
    return single, batches * BATCH / (time.perf_counter() - started)


def run_server(queue: multiprocessing.Queue[str], state: str | None) -> None:
    """Serve the sandbox and tell where."""
    serve(build({}), 0, state, ready=queue.put)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", action="store_true", help="keep the state in a file")
    parser.add_argument("--singles", type=int, default=2000)
    parser.add_argument("--batches", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "state.sqlite3") if options.state else None
        queue: multiprocessing.Queue[str] = multiprocessing.Queue()
        server = multiprocessing.Process(
            target=run_server, args=(queue, state), daemon=True
        )
        server.start()
        single, batched = measure(
            queue.get(timeout=30), singles=options.singles, batches=options.batches
        )
        server.terminate()
        server.join()
    where = "in a file" if options.state else "in memory"
    print(f"state {where}: {single:,.0f} single writes/s, {batched:,.0f} batched")


if __name__ == "__main__":
    main()

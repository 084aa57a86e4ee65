"""A plain client of the sandbox, for tests."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode

from connectors.quickbooks.sandbox.seed import GLOBAL_REALM

BASIC = "Basic " + b64encode(b"sandbox:sandbox").decode()
REDIRECT = "http://localhost:9999/callback"
SCOPE = "com.intuit.quickbooks.accounting"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def send(url, *, method="GET", body=None, headers=None):
    """Status, headers and text of one call, whatever the status."""
    request = urllib.request.Request(
        url, data=body, method=method, headers=headers or {}
    )
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


class Books:
    """One company of a running sandbox, with a consent of its own."""

    def __init__(self, running, realm=GLOBAL_REALM):
        self.running = running
        self.url = running.url
        self.realm = realm
        self.tokens = self.connect()

    def authorize(self, **extra):
        asked = {
            "client_id": "sandbox",
            "scope": SCOPE,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "st",
            "sandbox_approve": self.realm,
        }
        query = urllib.parse.urlencode({**asked, **extra})
        status, headers, text = send(f"{self.url}/connect/oauth2?{query}")
        if status != 302:
            return status, text
        location = urllib.parse.urlsplit(headers["Location"])
        return status, dict(urllib.parse.parse_qsl(location.query))

    def connect(self, **extra):
        code = self.authorize(**extra)[1]["code"]
        return self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT
        )[1]

    def token(self, headers=None, **form):
        status, _, text = send(
            f"{self.url}/oauth2/v1/tokens/bearer",
            method="POST",
            body=urllib.parse.urlencode(form).encode(),
            headers={"Authorization": BASIC, **(headers or {})},
        )
        return status, json.loads(text)

    def call(self, path, body=None, *, method=None, headers=None, **query):
        sent = {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Accept": "application/json",
            **(headers or {}),
        }
        url = f"{self.url}/v3/company/{self.realm}/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            method = method or "POST"
        return send(url, method=method or "GET", body=data, headers=sent)

    def get(self, path, **query):
        status, _, text = self.call(path, **query)
        assert status == 200, text
        return json.loads(text)

    def post(self, path, body, **query):
        status, _, text = self.call(path, body, **query)
        assert status == 200, text
        return json.loads(text)

    def create(self, entity, body, **query):
        return self.post(entity.lower(), body, **query)[entity]

    def refuse(self, path, body=None, **query):
        """The first error of a call that must be refused with 400."""
        status, _, text = self.call(path, body, **query)
        assert status == 400, text
        return json.loads(text)["Fault"]["Error"][0]

    def query(self, text):
        return self.get("query", query=text)["QueryResponse"]

    def batch(self, *items, **query):
        answer = self.post("batch", {"BatchItemRequest": list(items)}, **query)
        return answer["BatchItemResponse"]

    def id_of(self, entity, name):
        field = "DisplayName" if entity == "Customer" else "Name"
        found = self.query(f"select * from {entity} where {field} = '{name}'")
        return found[entity][0]["Id"]

    def ref(self, entity, name):
        return {"value": self.id_of(entity, name)}

    def control(self, name, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        status, _, text = send(f"{self.url}/_sandbox/{name}", method=method, body=data)
        assert status == 200, text
        return json.loads(text)

    def do(self, action, **payload):
        return self.control(f"do/{action}", {"realm": self.realm, **payload})

    def switch(self, **values):
        return self.control("switches", values)

    def item(self, name="Bread", account="Sales", **extra):
        """A service item that sells to an account; gives its reference."""
        body = {"Name": name, "Type": "Service", **extra}
        body["IncomeAccountRef"] = self.ref("Account", account)
        return {"value": self.create("Item", body)["Id"]}

    def line(self, item, net, *, gross=None, code="VAT 21%", **detail):
        """A sales line; tax codes by name."""
        detail = {"ItemRef": item, **detail}
        if code:
            detail["TaxCodeRef"] = self.ref("TaxCode", code)
        if gross is not None:
            detail["TaxInclusiveAmt"] = gross
        return {
            "Amount": net,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": detail,
        }

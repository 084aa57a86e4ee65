"""OAuth 2 over HTTP: discovery, the consent page, token, revoke and user info."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.quickbooks.sandbox.apifaults import unauthorized
from connectors.quickbooks.sandbox.tokens import (
    CLIENT_ID,
    CLIENT_SECRET,
    HARD_SECONDS,
    Tokens,
)
from connectors.sandbox.faults import Hold
from connectors.sandbox.messages import Request, Response, json_response

AUTHORIZE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"  # noqa: S105 - a path
REVOKE = "/v2/oauth2/tokens/revoke"
USERINFO = "/v1/openid_connect/userinfo"
JWKS = "/op/v1/jwks"
DISCOVERY = (
    "/.well-known/openid_configuration",
    "/.well-known/openid_sandbox_configuration",
)
ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = {
    ACCOUNTING,
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
}
HARD_HEADER = "x-include-refresh-token-hard-expires-in"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Connect to QuickBooks (sandbox)</title></head><body>
<h1>Sandbox: connect to QuickBooks</h1>
<form method="post"><p>The app wants to read and write the books of a company:</p>
{choices}
<p><button name="consent" value="yes">Connect</button>
<button name="consent" value="no">No thanks</button></p></form></body></html>"""


class OAuthServer:
    """Answers the OAuth addresses for a set of companies (realm to name)."""

    def __init__(self, tokens: Tokens, companies: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._companies = companies

    def handle(self, request: Request, hold: Hold) -> Response | None:
        """The answer, or None when the path is not one of these."""
        path = request.path.rstrip("/")
        if path in DISCOVERY:
            hold.begin("discovery")
            return json_response(200, _describe(request))
        if path == AUTHORIZE:
            hold.begin("authorize")
            return self._authorize(request)
        if path == TOKEN:
            hold.begin("token")
            response = self._give_token(request)
            hold.after()
            return response
        if path == REVOKE:
            hold.begin("revoke")
            return self._revoke(request)
        if path == USERINFO:
            hold.begin("userinfo")
            return self._show_user(request)
        if path == JWKS:
            hold.begin("jwks")
            return json_response(200, {"keys": []})
        return None

    def _authorize(self, request: Request) -> Response:
        asked = request.query
        problem = _find_problem(asked)
        if problem:
            return _page(400, f"<h1>{html.escape(problem)}</h1>")
        scope = asked["scope"]
        if not set(scope.split()) <= SCOPES:
            return _redirect(asked, {"error": "invalid_scope"})
        realm = asked.get("sandbox_approve", "")
        if request.method == "POST":
            form = dict(parse_qsl(request.body.decode()))
            realm = form.get("realm", "") if form.get("consent") == "yes" else "deny"
        if realm == "deny":
            return _redirect(asked, {"error": "access_denied"})
        if realm not in self._companies:
            return _page(200, self._make_page())
        code = self._tokens.grant(
            realm, scope=scope, redirect_uri=asked["redirect_uri"]
        )
        return _redirect(asked, {"code": code, "realmId": realm})

    def _make_page(self) -> str:
        choices = "".join(
            f'<p><label><input type="radio" name="realm" value="{realm}"'
            f"{' checked' if place == 0 else ''}> {html.escape(name)} ({realm})"
            "</label></p>"
            for place, (realm, name) in enumerate(self._companies.items())
        )
        return PAGE.format(choices=choices)

    def _give_token(self, request: Request) -> Response:
        if not _is_client(request):
            return json_response(401, {"error": "invalid_client"})
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        kind = form.get("grant_type")
        if kind == "authorization_code":
            given = self._tokens.exchange(
                form.get("code", ""), form.get("redirect_uri", "")
            )
        elif kind == "refresh_token":
            given = self._tokens.refresh(form.get("refresh_token", ""))
        else:
            error = "unsupported_grant_type" if kind else "invalid_request"
            return json_response(400, {"error": error})
        if given is None:
            text = "Incorrect or invalid refresh token"
            if kind == "authorization_code":
                return json_response(400, {"error": "invalid_grant"})
            return json_response(
                400, {"error_description": text, "error": "invalid_grant"}
            )
        if request.headers.get(HARD_HEADER) == "true":
            given["x_refresh_token_hard_expires_in"] = HARD_SECONDS
        return json_response(200, given)

    def _revoke(self, request: Request) -> Response:
        if not _is_client(request):
            return json_response(401, {"error": "invalid_client"})
        text = request.body.decode("utf-8", "replace")
        try:
            form: Any = json.loads(text)
        except ValueError:
            form = dict(parse_qsl(text))
        token = form.get("token", "") if isinstance(form, dict) else ""
        if not self._tokens.revoke(str(token)):
            return json_response(400, {"error": "invalid_request"})
        return Response(200)

    def _show_user(self, request: Request) -> Response:
        consent = self._tokens.check(bearer(request))
        if isinstance(consent, str):
            return unauthorized(consent)
        return json_response(200, {"sub": consent.id, "emailVerified": True})


def bearer(request: Request) -> str:
    """The bearer token of a request, or empty text."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _is_client(request: Request) -> bool:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        sent = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return sent == f"{CLIENT_ID}:{CLIENT_SECRET}"


def _describe(request: Request) -> dict[str, Any]:
    base = f"http://{request.headers.get('host', '')}"
    return {
        "issuer": f"{base}/op/v1",
        "authorization_endpoint": base + AUTHORIZE,
        "token_endpoint": base + TOKEN,
        "userinfo_endpoint": base + USERINFO,
        "revocation_endpoint": base + REVOKE,
        "jwks_uri": base + JWKS,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": sorted(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }


def _find_problem(asked: Mapping[str, str]) -> str:
    for name in ("client_id", "scope", "redirect_uri", "response_type", "state"):
        if not asked.get(name):
            return f"The {name} query parameter is missing."
    if asked["client_id"] != CLIENT_ID:
        return "The client_id query parameter value is invalid."
    if asked["response_type"] != "code":
        return "The response_type query parameter value is invalid."
    if urlsplit(asked["redirect_uri"]).scheme not in ("http", "https"):
        return "The redirect_uri query parameter value is invalid."
    return ""


def _redirect(asked: Mapping[str, str], values: Mapping[str, str]) -> Response:
    target = asked["redirect_uri"]
    mark = "&" if urlsplit(target).query else "?"
    query = urlencode({**values, "state": asked["state"]})
    return Response(302, {"Location": f"{target}{mark}{query}"})


def _page(status: int, text: str) -> Response:
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())

"""The QuickBooks Online sandbox: a server that behaves as the real one is documented.

What it does, its companies and its switches are told in the README beside this file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from connectors.quickbooks.sandbox import apifaults, persistence
from connectors.quickbooks.sandbox.actions import ACTIONS
from connectors.quickbooks.sandbox.api import Api
from connectors.quickbooks.sandbox.company import Company
from connectors.quickbooks.sandbox.limits import Limits
from connectors.quickbooks.sandbox.oauth import OAuthServer
from connectors.quickbooks.sandbox.render import to_json
from connectors.quickbooks.sandbox.replay import Replays
from connectors.quickbooks.sandbox.seed import NAMES, seed
from connectors.quickbooks.sandbox.tokens import Tokens
from connectors.sandbox.faults import Hold
from connectors.sandbox.messages import ControlError, Request, Response
from connectors.sandbox.state import State
from connectors.sandbox.switches import Switch, Switches

DEFAULT_PORT = 18084
OAUTH_KIND = "oauth"
NOT_FOUND = b"<html><body><h1>404 Not Found</h1></body></html>"
SWITCHES = {
    "tax_amounts": Switch("honoured", ("honoured", "recomputed")),
    "vat_rounding": Switch("per_line", ("per_line", "per_rate")),
    "gross_only": Switch("accepted", ("accepted", "refused", "taken_as_net")),
    "journal_tax": Switch("on_top", ("on_top", "inside")),
    "duplicate_numbers": Switch("refused", ("refused", "accepted")),
    "numbers": Switch("ours", ("ours", "assigned", "replaced")),
    "requestid": Switch("per_item", ("per_item", "whole", "refused", "forgotten")),
    "batch_counts_items": Switch(default=False),
    "email_filter": Switch(default=True),
    "sku_among_all": Switch(default=True),
    "zero_total": Switch("accepted", ("accepted", "refused")),
    "refund_negative_lines": Switch("accepted", ("accepted", "refused")),
    "auto_apply_credit": Switch(default=False),
    "links_bump_version": Switch(default=True),
    "refresh_rotation": Switch("grace", ("grace", "strict", "none")),
    "limits": Switch(default=False),
    "latency_per_item": Switch(0.0),
}


class QuickBooksSandbox:
    """Two companies, one OAuth server, and the limits and switches they share."""

    key = "quickbooks"

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.switches = Switches(SWITCHES)
        self.clock = clock
        self.limits = Limits(clock)
        self.tokens = Tokens(self.switches, clock)
        self.companies: dict[str, Company] = {}
        self.replays: dict[str, Replays] = {}
        self._state = State()
        self._oauth = OAuthServer(self.tokens, NAMES)
        self._api = Api(self)
        self._make_companies()

    def handle(self, request: Request, hold: Hold) -> Response:
        """Answer one request of the API or of OAuth."""
        if request.path.startswith("/v3/company/"):
            return self._api.handle(request, hold)
        response = self._oauth.handle(request, hold)
        if response is not None:
            self._save_tokens()
            return response
        return Response(404, {"Content-Type": "text/html"}, NOT_FOUND)

    def failure(self, status: int) -> Response:
        """How the service answers when it fails."""
        return apifaults.failure(status)

    def control(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do an action of the control endpoint; the README lists them."""
        if action not in ACTIONS:
            known = ", ".join(sorted(ACTIONS))
            raise ControlError(f"There is no action {action}; there are {known}.")
        try:
            answer = ACTIONS[action](self, payload)
        except (KeyError, apifaults.ApiError) as error:
            raise ControlError(f"{action} cannot be done: {error}") from error
        for realm in self.companies:
            self.save(realm)
        self._save_tokens()
        answered: dict[str, Any] = json.loads(to_json(answer))
        return answered

    def load(self, state: State) -> None:
        """Take up what ``state`` holds; what it does not hold is seeded."""
        self._state = state
        rows = list(state.rows())
        self.tokens.restore(
            (key, body) for kind, key, body in rows if kind == OAUTH_KIND
        )
        for realm, company in self.companies.items():
            mine = [row for row in rows if row[0].startswith(realm)]
            if mine:
                company.tables.clear()
                persistence.load(company, self.replays[realm], mine)
            else:
                persistence.keep_all(company)
                self.save(realm)

    def reset(self) -> None:
        """Forget everything and seed again."""
        self._state.clear()
        self.tokens.clear()
        self.limits.reset()
        self._make_companies()
        self.load(self._state)

    def save(self, realm: str) -> None:
        """Write what changed in a company to the state file."""
        persistence.save(self._state, self.companies[realm], self.replays[realm])

    def _save_tokens(self) -> None:
        if self._state.kept:
            rows = [(OAUTH_KIND, key, body) for key, body in self.tokens.rows()]
            self._state.save(rows)

    def _make_companies(self) -> None:
        for realm in NAMES:
            company = Company(realm, switches=self.switches, clock=self.clock)
            seed(company)
            self.companies[realm] = company
            self.replays[realm] = Replays(self.switches)


def build(options: Mapping[str, Any]) -> QuickBooksSandbox:
    """The sandbox, not yet served. It has no options of its own."""
    return QuickBooksSandbox()

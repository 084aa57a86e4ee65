"""The control endpoint of a sandbox, outside the vendor's API: JSON in, JSON out.

GET/POST ``/_sandbox/switches`` · GET/POST/DELETE ``/_sandbox/faults`` ·
GET ``/_sandbox/held?wait=seconds`` · POST ``/_sandbox/release`` ({"id": n} or all) ·
GET ``/_sandbox/log?since=n`` · POST ``/_sandbox/reset`` · POST ``/_sandbox/do/action``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.faults import Faults, make_rule
from connectors.sandbox.journal import Journal
from connectors.sandbox.messages import (
    Application,
    ControlError,
    Request,
    Response,
    json_response,
)

PREFIX = "/_sandbox/"
DO = "do/"


class Control:
    """Answers the control endpoint of one running sandbox."""

    def __init__(
        self, application: Application, *, faults: Faults, journal: Journal
    ) -> None:
        self._application = application
        self._faults = faults
        self._journal = journal
        self._routes: dict[tuple[str, str], Callable[[Request, Any], Any]] = {
            ("GET", "switches"): self._show_switches,
            ("POST", "switches"): self._change_switches,
            ("GET", "faults"): self._show_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "held"): self._show_held,
            ("POST", "release"): self._release,
            ("GET", "log"): self._show_log,
            ("POST", "reset"): self._reset,
        }

    def handle(self, request: Request) -> Response:
        """Answer one control request; 400 with an ``error`` when it makes no sense."""
        name = request.path.removeprefix(PREFIX).strip("/")
        try:
            payload = json.loads(request.body) if request.body.strip() else {}
            return json_response(200, self._answer(request, name, payload))
        except ControlError as error:
            return json_response(400, {"error": str(error)})
        except ValueError as error:
            return json_response(400, {"error": f"Not valid: {error}"})

    def _answer(self, request: Request, name: str, payload: Any) -> Any:
        if name.startswith(DO):
            if not isinstance(payload, Mapping):
                raise ControlError("An action takes a JSON object.")
            return self._application.control(name.removeprefix(DO), payload)
        route = self._routes.get((request.method, name))
        if route is None:
            raise ControlError(f"There is no {request.method} {PREFIX}{name}.")
        return route(request, payload)

    def _show_switches(self, request: Request, payload: Any) -> Any:
        return self._application.switches.as_dict()

    def _change_switches(self, request: Request, payload: Any) -> Any:
        if not isinstance(payload, Mapping):
            raise ControlError("Switches are a JSON object.")
        self._application.switches.change(payload)
        return self._application.switches.as_dict()

    def _show_faults(self, request: Request, payload: Any) -> Any:
        return {"faults": self._faults.rules()}

    def _add_faults(self, request: Request, payload: Any) -> Any:
        rules = [make_rule(values) for values in _as_list(payload)]
        return {"faults": [self._faults.add(rule).as_dict() for rule in rules]}

    def _clear_faults(self, request: Request, payload: Any) -> Any:
        rule_id = request.query.get("id")
        self._faults.clear(int(rule_id) if rule_id else None)
        return {"faults": self._faults.rules()}

    def _show_held(self, request: Request, payload: Any) -> Any:
        return {"held": self._faults.held(float(request.query.get("wait") or 0))}

    def _release(self, request: Request, payload: Any) -> Any:
        if not isinstance(payload, Mapping):
            raise ControlError('Release takes {"id": number} or {}.')
        return {"released": self._faults.release(payload.get("id"))}

    def _show_log(self, request: Request, payload: Any) -> Any:
        return {"log": self._journal.since(int(request.query.get("since") or 0))}

    def _reset(self, request: Request, payload: Any) -> Any:
        self._faults.clear()
        self._faults.release()
        self._application.switches.reset()
        self._application.reset()
        self._journal.clear()
        return {"reset": True}


def _as_list(payload: Any) -> list[Mapping[str, Any]]:
    items = payload if isinstance(payload, list) else [payload]
    if not all(isinstance(item, Mapping) for item in items):
        raise ControlError("A fault is a JSON object.")
    return items

"""The accounting API over HTTP: who may call, which operation, and how it is answered."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from connectors.quickbooks.sandbox import apifaults, batch, operations
from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.limits import Limits
from connectors.quickbooks.sandbox.oauth import ACCOUNTING, bearer
from connectors.quickbooks.sandbox.render import complete, timestamp, to_json, to_xml
from connectors.quickbooks.sandbox.replay import Replays
from connectors.quickbooks.sandbox.schema import BY_PATH, EntitySchema
from connectors.quickbooks.sandbox.search import capture_changes, run_query
from connectors.quickbooks.sandbox.taxservice import create_tax_code
from connectors.quickbooks.sandbox.tokens import Tokens
from connectors.sandbox.faults import Hold
from connectors.sandbox.messages import Request, Response
from connectors.sandbox.switches import Switches

Work = Callable[[Any], Object]


class Books(Protocol):
    """What the API needs of the sandbox."""

    switches: Switches
    limits: Limits
    tokens: Tokens
    companies: dict[str, Company]
    replays: dict[str, Replays]
    clock: Callable[[], float]

    def save(self, realm: str) -> None:
        """Write what changed in a company to the state file."""


class Throttled(Exception):
    """The call is over a rate limit."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API request on its way. ``parts`` are the path behind the company."""

    company: Company
    replays: Replays
    request: Request
    hold: Hold
    parts: tuple[str, ...]

    @property
    def request_id(self) -> str:
        """The idempotency key the client sent, or empty text."""
        return self.request.query.get("requestid", "")


class Api:
    """Answers everything below ``/v3/company/``."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def handle(self, request: Request, hold: Hold) -> Response:
        """Answer one request."""
        realm, *parts = request.path.removeprefix("/v3/company/").strip("/").split("/")
        refusal = self._refuse(request, realm)
        if refusal is not None:
            hold.operation = "refused"
            return refusal
        call = Call(
            self._books.companies[realm],
            self._books.replays[realm],
            request,
            hold,
            tuple(part.lower() if i == 0 else part for i, part in enumerate(parts)),
        )
        try:
            answer = self._answer(call)
        except ApiError as error:
            answer = {"Fault": error.fault}
        except Throttled:
            return apifaults.throttled()
        finally:
            # A call that is cut off has still done what it had done.
            self._books.save(realm)
        latency = self._books.switches["latency_per_item"]
        if latency:
            time.sleep(latency * hold.items)
        return _respond(request, answer, self._books.clock())

    def _refuse(self, request: Request, realm: str) -> Response | None:
        consent = self._books.tokens.check(bearer(request))
        if isinstance(consent, str):
            return apifaults.unauthorized(consent)
        if consent.realm != realm or ACCOUNTING not in consent.scope.split():
            return apifaults.forbidden()
        return None

    def _answer(self, call: Call) -> Object:
        name = call.parts[0] if call.parts else ""
        if name == "batch":
            return self._run_batch(call)
        if name == "query":
            return self._run_query(call)
        if name == "cdc":
            return self._capture(call)
        if call.parts == ("taxservice", "taxcode"):
            work = partial(create_tax_code, call.company)
            return self._write(call, "create TaxService", work)
        schema = BY_PATH.get(name)
        if schema is None or len(call.parts) > 2:
            self._begin(call, "unknown")
            raise ApiError("500", f"Operation {name} is not supported.")
        if call.request.method == "GET":
            return self._read(call, schema)
        return self._write_entity(call, schema)

    def _begin(self, call: Call, operation: str, *, items: int = 1) -> None:
        """Count the call against the limits and pass the stage before."""
        call.hold.operation = operation
        if self._books.switches["limits"]:
            is_batch = operation == "batch"
            counted = items if self._books.switches["batch_counts_items"] else 1
            realm = call.company.realm
            if not self._books.limits.allow(realm, batch=is_batch, units=counted):
                raise Throttled
        call.hold.begin(operation, items)

    def _read(self, call: Call, schema: EntitySchema) -> Object:
        self._begin(call, f"read {schema.name}")
        key = call.parts[1] if len(call.parts) == 2 else ""
        if schema.name in ("CompanyInfo", "Preferences"):
            key = "1"
        obj = operations.read(call.company, schema, key)
        return {schema.name: complete(call.company, schema.name, obj)}

    def _run_query(self, call: Call) -> Object:
        self._begin(call, "query")
        text = call.request.query.get("query", "")
        if call.request.method == "POST":
            text = call.request.body.decode("utf-8", "replace")
        return {"QueryResponse": run_query(call.company, text)}

    def _capture(self, call: Call) -> Object:
        self._begin(call, "cdc")
        asked = call.request.query
        changes = capture_changes(
            call.company, asked.get("entities", ""), asked.get("changedSince", "")
        )
        return {"CDCResponse": [{"QueryResponse": changes}]}

    def _write_entity(self, call: Call, schema: EntitySchema) -> Object:
        query = call.request.query
        operation = query.get("operation", "").lower()

        def work(body: Any) -> Object:
            obj = batch.write(
                call.company,
                schema,
                body,
                operation=operation,
                include=query.get("include", ""),
            )
            return {schema.name: obj}

        return self._write(call, f"{operation or 'write'} {schema.name}", work)

    def _write(self, call: Call, operation: str, work: Work) -> Object:
        """One write outside a batch, replayed when its request id is repeated."""
        self._begin(call, operation)
        body = _read_json(call.request.body)
        key = call.request_id
        with call.company.lock:
            answer = call.replays.begin(key, batch=False)
            answer = answer or call.replays.answer(key, "")
            if answer is None:
                answer = _attempt(work, body)
                call.replays.keep(key, "", answer)
        call.hold.inside(1)
        call.hold.after()
        return answer

    def _run_batch(self, call: Call) -> Object:
        items: list[Mapping[str, Any]] = []
        problem = None
        try:
            items = batch.read_items(_read_json(call.request.body))
        except ApiError as error:
            problem = error
        self._begin(call, "batch", items=len(items))
        if problem is not None:
            raise problem
        key = call.request_id
        with call.company.lock:
            whole: Object | None = call.replays.begin(key, batch=True)
        if whole is not None:
            return whole
        answers = batch.run_batch(
            call.company, items, request_id=key, replays=call.replays, hold=call.hold
        )
        answer = {"BatchItemResponse": answers}
        if self._books.switches["requestid"] == "whole":
            call.replays.keep(key, "", answer)
        call.hold.after()
        return answer


def _attempt(work: Work, body: Any) -> Object:
    try:
        return work(body)
    except ApiError as error:
        return {"Fault": error.fault}


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        detail = f"Property Name:Can not parse the body specified is invalid: {error}"
        raise ApiError("2010", detail) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _respond(request: Request, answer: Object, now: float) -> Response:
    """The answer in the form the client asks for; a fault is HTTP 400."""
    body = {**answer, "time": timestamp(now)}
    accepted = request.headers.get("accept", "")
    wants_json = "json" in accepted or request.query.get("format") == "json"
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "intuit_tid": f"1-{uuid.uuid4()}",
        "QBO-Version": "sandbox",
    }
    status = 400 if "Fault" in answer else 200
    if wants_json:
        return Response(status, headers, to_json(body))
    headers["Content-Type"] = "application/xml;charset=UTF-8"
    return Response(status, headers, to_xml(body))

"""One write or query, and batches of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.quickbooks.sandbox import operations
from connectors.quickbooks.sandbox.apifaults import ApiError, missing
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.operations import Options
from connectors.quickbooks.sandbox.render import complete
from connectors.quickbooks.sandbox.replay import Replays
from connectors.quickbooks.sandbox.schema import ENTITIES, EntitySchema
from connectors.quickbooks.sandbox.search import run_query
from connectors.sandbox.faults import Hold

MAX_ITEMS = 30
# Where the batch has a requestid.
MAX_KEYED_BID = 10
OPERATIONS = ("", "create", "update", "delete", "void")
ITEM_WORDS = ("bId", "operation", "optionsData")


def write(
    company: Company,
    schema: EntitySchema,
    body: Any,
    *,
    operation: str,
    include: str,
) -> Object:
    """Do one write and give the object as it is then. Raises ApiError.

    ``operation`` is create, update, delete, void or empty: then a body with an Id is an
    update. ``include`` may hold ``void`` and ``allowduplicatedocnum``.
    """
    if not isinstance(body, Mapping):
        raise ApiError("2010", "Property Name:body specified is unsupported or invalid")
    words = include.lower().split(",")
    options = Options(
        allow_duplicate="allowduplicatedocnum" in words,
        auto_number="allowautodocnum" in words,
    )
    if operation not in OPERATIONS:
        raise ApiError("500", f"Operation {operation} is not supported.")
    if operation == "delete":
        return operations.delete(company, schema, body)
    if operation == "void" or "void" in words:
        obj = operations.void(company, schema, body)
    elif operation == "update" or (not operation and body.get("Id")):
        obj = operations.update(company, schema, body, options)
    else:
        obj = operations.create(company, schema, body, options)
    return complete(company, schema.name, obj)


def read_items(body: Any) -> list[Mapping[str, Any]]:
    """The items of a batch. Raises ApiError."""
    if not isinstance(body, Mapping):
        raise ApiError("2010", "Property Name:body specified is unsupported or invalid")
    unknown = [name for name in body if name != "BatchItemRequest"]
    if unknown:
        detail = f"Property Name:{unknown[0]} specified is unsupported or invalid"
        raise ApiError("2010", detail)
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not all(isinstance(i, Mapping) for i in items):
        raise missing("BatchItemRequest")
    if len(items) > MAX_ITEMS:
        raise ApiError(
            "1040", f"The maximum number of batch items is {MAX_ITEMS}: {len(items)}"
        )
    return items


def run_batch(
    company: Company,
    items: list[Mapping[str, Any]],
    *,
    request_id: str,
    replays: Replays,
    hold: Hold,
) -> list[Object]:
    """Do the items one by one, each for itself; gives their answers in order."""
    answers = []
    for done, item in enumerate(items, 1):
        with company.lock:
            answer = _answer_item(company, item, request_id, replays)
        answers.append({**answer, "bId": item["bId"]} if "bId" in item else answer)
        hold.inside(done)
    return answers


def _answer_item(
    company: Company, item: Mapping[str, Any], request_id: str, replays: Replays
) -> Object:
    """Do an item, or repeat what was answered to it before."""
    bid = str(item.get("bId") or "")
    answer = replays.answer(request_id, bid) if bid else None
    if answer is not None:
        return answer
    failure = company.failures.pop(0) if company.failures else None
    if failure is None or failure.done:
        answer = _run_item(company, item, keyed=bool(request_id))
        if bid and "QueryResponse" not in answer:
            replays.keep(request_id, bid, answer)
    if failure is not None:
        return {"Fault": ApiError(failure.code, kind="SystemFault").fault}
    return answer or {}


def _run_item(company: Company, item: Mapping[str, Any], *, keyed: bool) -> Object:
    try:
        if keyed and len(str(item.get("bId") or "")) > MAX_KEYED_BID:
            raise ApiError("2130", f"With a requestid a bId has {MAX_KEYED_BID}")
        if "Query" in item:
            return {"QueryResponse": run_query(company, str(item["Query"]))}
        name = next((key for key in item if key not in ITEM_WORDS), "")
        schema = ENTITIES.get(name)
        if schema is None:
            detail = f"Property Name:{name} specified is unsupported or invalid"
            raise ApiError("2010", detail)
        obj = write(
            company,
            schema,
            item[name],
            operation=str(item.get("operation") or ""),
            include=str(item.get("optionsData") or ""),
        )
    except ApiError as error:
        return {"Fault": error.fault}
    return {name: obj}

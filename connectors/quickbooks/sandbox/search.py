"""Answers queries and change data capture from a company's tables."""

from __future__ import annotations

import fnmatch
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.company import (
    PACIFIC,
    Company,
    Object,
    index_value,
)
from connectors.quickbooks.sandbox.query import Condition, parse
from connectors.quickbooks.sandbox.render import complete
from connectors.quickbooks.sandbox.schema import ENTITIES, EntitySchema

BY_NAME = {name.lower(): schema for name, schema in ENTITIES.items()}
CDC_DAYS = 30
CDC_LIMIT = 1000
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
# Objects of the US edition that stand for a code without being one.
PSEUDO = ("TAX", "NON")
# Computed when asked for, so never in an index.
BALANCES = ("Balance", "BalanceWithJobs", "CurrentBalance")


def run_query(company: Company, text: str) -> Object:
    """The QueryResponse for a query. Raises ApiError 4000, 4001."""
    query = parse(text)
    schema = BY_NAME.get(query.entity.lower())
    if schema is None or "query" not in schema.operations:
        raise ApiError(
            "4001",
            f"QueryValidationError: Entity {query.entity} is not queryable",
        )
    found = _select(company, schema, query.conditions)
    if query.count:
        return {"totalCount": len(found)}
    _sort(schema, found, query.order)
    # A known defect of the service: the limit does not count the pseudo codes.
    pseudo = [obj for obj in found if obj["Id"] in PSEUDO]
    rest = [obj for obj in found if obj["Id"] not in PSEUDO]
    page = pseudo + rest[query.start - 1 : query.start - 1 + query.limit]
    if not page:
        return {}
    objects = [complete(company, schema.name, obj) for obj in page]
    if query.columns:
        objects = [_project(schema, obj, query.columns) for obj in objects]
    elif not company.switches["sku_among_all"] and "Sku" not in query.beside:
        objects = [{k: v for k, v in obj.items() if k != "Sku"} for obj in objects]
    return {
        schema.name: objects,
        "startPosition": query.start,
        "maxResults": len(objects),
    }


def capture_changes(company: Company, entities: str, since: str) -> list[Object]:
    """The QueryResponse list of change data capture. Raises ApiError."""
    moment = _read_moment(since)
    now = datetime.fromtimestamp(company.clock(), tz=UTC)
    if now - moment > timedelta(days=CDC_DAYS):
        raise ApiError("4001", f"changedSince is more than {CDC_DAYS} days ago")
    start = moment.astimezone(PACIFIC).isoformat(timespec="seconds")
    return [_changes(company, name.strip(), start) for name in entities.split(",")]


def _changes(company: Company, name: str, start: str) -> Object:
    schema = BY_NAME.get(name.lower())
    if schema is None or not schema.cdc:
        raise ApiError("4001", f"QueryValidationError: no changes are kept of {name}")
    changed: list[Object] = [
        complete(company, schema.name, obj)
        for obj in list(company.all(schema.name))
        if obj["MetaData"]["LastUpdatedTime"] >= start
    ]
    changed += [
        {key: value for key, value in obj.items() if key != "entity"}
        for obj in company.gone
        if obj["entity"] == schema.name and obj["MetaData"]["LastUpdatedTime"] >= start
    ]
    changed = changed[:CDC_LIMIT]
    if not changed:
        return {}
    return {schema.name: changed, "startPosition": 1, "maxResults": len(changed)}


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError("2060", f"changedSince {text} is not a date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def _select(
    company: Company, schema: EntitySchema, conditions: Iterable[Condition]
) -> list[Object]:
    tests = [_make_test(company, schema, condition) for condition in conditions]
    found = _candidates(company, schema, conditions)
    if any(_field(condition) in BALANCES for condition in conditions):
        found = [complete(company, schema.name, obj) for obj in found]
    if not any(_field(condition) == "Active" for condition in conditions):
        found = [obj for obj in found if obj.get("Active") is not False]
    return [obj for obj in found if all(test(obj) for test in tests)]


def _field(condition: Condition) -> str:
    return "Active" if condition.field.lower() == "active" else condition.field


def _candidates(
    company: Company, schema: EntitySchema, conditions: Iterable[Condition]
) -> list[Object]:
    """The objects that may match, through an index where a condition has one."""
    table = company.table(schema.name)
    for condition in conditions:
        values = [index_value(value) for value in condition.values]
        if condition.operator not in ("=", "IN"):
            continue
        if condition.field.lower() == "id":
            return [table.objects[key] for key in values if key in table.objects]
        name = schema.properties.get(condition.field.lower(), "")
        if name in table.index:
            with company.lock:
                keys = {
                    key: None
                    for value in values
                    for key in table.index[name].get(value, ())
                }
            return [table.objects[key] for key in keys if key in table.objects]
    dated = _dated(company, schema, conditions)
    return list(table.objects.values()) if dated is None else dated


def _dated(
    company: Company, schema: EntitySchema, conditions: Iterable[Condition]
) -> list[Object] | None:
    table = company.table(schema.name)
    windows = [each for each in conditions if each.field.lower() == "txndate"]
    if not windows or "TxnDate" not in table.index:
        return None
    with company.lock:
        days = [
            day
            for day in table.index["TxnDate"]
            if all(
                COMPARE[each.operator](day, each.values[0])
                for each in windows
                if each.operator in COMPARE
            )
        ]
        keys = [key for day in days for key in table.index["TxnDate"][day]]
    return [table.objects[key] for key in keys if key in table.objects]


def _make_test(
    company: Company, schema: EntitySchema, condition: Condition
) -> Callable[[Object], bool]:
    kind, name = _resolve(company, schema, condition.field)
    values = [_convert(kind, value, condition.field) for value in condition.values]
    if condition.operator == "IN":
        return lambda obj: _value(obj, name, kind) in values
    if condition.operator == "LIKE":
        pattern = _like_pattern(condition.values[0])
        return lambda obj: fnmatch.fnmatchcase(str(_value(obj, name, kind)), pattern)
    compare, wanted = COMPARE[condition.operator], values[0]

    def test(obj: Object) -> bool:
        value = _value(obj, name, kind)
        return value is not None and compare(value, wanted)

    return test


def _resolve(company: Company, schema: EntitySchema, field: str) -> tuple[str, str]:
    """Kind and true name of a filterable property. Raises ApiError 4001."""
    lower = field.lower().removesuffix(".value").removesuffix(".address")
    kind = schema.filterable.get(lower)
    if lower == "primaryemailaddr" and not company.switches["email_filter"]:
        kind = None
    if kind is not None:
        if lower.startswith("metadata."):
            name = "CreateTime" if lower.endswith("createtime") else "LastUpdatedTime"
            return kind, f"MetaData.{name}"
        return kind, schema.properties[lower]
    if lower.split(".")[0] in schema.properties:
        detail = f"QueryValidationError: property '{field}' is not queryable"
        raise ApiError("4001", detail)
    detail = (
        f"QueryValidationError: Property {field} not found for Entity {schema.name}"
    )
    raise ApiError("4001", detail)


def _convert(kind: str, text: str, field: str) -> Any:
    try:
        if kind == "decimal":
            return Decimal(text)
        if kind == "dateTime":
            moment = _read_moment(text)
            return moment.astimezone(PACIFIC).isoformat(timespec="seconds")
    except InvalidOperation as error:
        detail = f"QueryValidationError: value {text} of {field} is not valid"
        raise ApiError("4001", detail) from error
    if kind == "boolean":
        return text.lower() == "true"
    return text.lower()


def _value(obj: Object, name: str, kind: str) -> Any:
    """The value of a property as conditions compare it; None if there is none."""
    value: Any = obj
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return None
    if kind in ("decimal", "boolean", "dateTime"):
        return value
    return index_value(value)


def _like_pattern(text: str) -> str:
    escaped = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text.lower())
    return escaped.replace("%", "*")


def _sort(
    schema: EntitySchema, found: list[Object], order: Iterable[tuple[str, bool]]
) -> None:
    found.sort(key=lambda obj: _id_key(obj["Id"]))
    for field, descending in reversed(list(order)):
        name = schema.properties.get(field.lower())
        if field.lower().startswith("metadata."):
            name = {"createtime": "MetaData.CreateTime"}.get(
                field.lower()[9:], "MetaData.LastUpdatedTime"
            )
        if name is None:
            detail = f"Property {field} not found for Entity {schema.name}"
            raise ApiError("4001", f"QueryValidationError: {detail}")
        found.sort(key=lambda obj: _sort_key(obj, name), reverse=descending)


def _id_key(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)


def _sort_key(obj: Object, name: str) -> Any:
    if name == "Id":
        return _id_key(obj["Id"])
    value = _value(obj, name, "")
    number = obj.get(name)
    if isinstance(number, Decimal | int) and not isinstance(number, bool):
        return (1, Decimal(number), "")
    return (0 if value is None else 2, Decimal(0), value or "")


def _project(schema: EntitySchema, obj: Object, columns: Iterable[str]) -> Object:
    partial: Object = {"sparse": True, "Id": obj["Id"]}
    for column in columns:
        name = schema.properties.get(column.split(".")[0].lower())
        if name is None:
            detail = f"Property {column} not found for Entity {schema.name}"
            raise ApiError("4001", f"QueryValidationError: {detail}")
        if name in obj:
            partial[name] = obj[name]
    partial["sparse"] = True
    return partial

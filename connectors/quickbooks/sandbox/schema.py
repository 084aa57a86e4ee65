"""The fields of the API's objects, and the checks every body goes through.

``fields.json`` holds what Intuit's XSD and reference tables say: type, length, read-only
and filterable. Each type becomes a table of small checking functions, made once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from connectors.quickbooks.sandbox.apifaults import ApiError

Check = Callable[[Any, str], Any]
SYSTEM = frozenset({"Id", "SyncToken", "MetaData", "domain", "status", "sparse"})
CENT = Decimal("0.01")
# Kept in whole cents, however many decimals are sent.
MONEY = frozenset({"Amount", "TaxInclusiveAmt", "TaxAmount", "TotalAmt", "TotalTax"})
MAX_DIGITS = Decimal("99999999999.9999999")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class EntitySchema:
    """What can be done with an entity and what it has.

    ``filterable`` maps the lower-case name of a property that a query may filter by
    to its type; ``readonly`` fields are ignored when sent.
    """

    name: str
    path: str
    operations: frozenset[str]
    cdc: bool
    checks: Mapping[str, Check]
    readonly: frozenset[str]
    properties: Mapping[str, str]
    filterable: Mapping[str, str]


def _load() -> dict[str, Any]:
    text = (Path(__file__).parent / "fields.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


_DATA = _load()
_TYPES: dict[str, dict[str, Check]] = {}


def clean(schema: EntitySchema, body: Any) -> dict[str, Any]:
    """The body with its values checked and in their Python types.

    Left out are read-only fields, system fields and nulls. A field that is sent empty
    is None: a sparse update clears it. Amounts are Decimal. Raises ApiError.
    """
    if not isinstance(body, dict):
        raise ApiError("2010", "Property Name:body specified is unsupported or invalid")
    cleaned = {}
    for name, value in body.items():
        if value is None or name in SYSTEM or name in schema.readonly:
            continue
        check = schema.checks.get(name)
        if check is None:
            raise _unknown(name)
        cleaned[name] = check(value, name)
    return cleaned


def _unknown(name: str) -> ApiError:
    detail = f"Property Name:{name} specified is unsupported or invalid"
    return ApiError("2010", detail, element=name)


def _check_string(limit: int) -> Check:
    def check(value: Any, name: str) -> str | None:
        if isinstance(value, dict | list | bool):
            raise ApiError("2040", f"{name} is not a string", element=name)
        text = str(value)
        if limit and len(text) > limit:
            detail = (
                "String length specified does not match the supported length."
                f" Min:0 Max:{limit} supported. Supplied length:{len(text)}"
            )
            raise ApiError("2050", detail, element=name)
        return text or None

    return check


def _check_decimal(value: Any, name: str) -> Decimal | None:
    if value == "":
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ApiError("2110", f"{name} is not a number", element=name)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ApiError("2110", f"{name} is not a number", element=name)
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ApiError("2110", f"{name} is not a number", element=name) from error
    if abs(number) > MAX_DIGITS:
        raise ApiError("2110", f"{name} is too large", element=name)
    return number.quantize(CENT, ROUND_HALF_UP) if name in MONEY else number


def _check_integer(value: Any, name: str) -> int | None:
    if value == "":
        return None
    number = _check_decimal(value, name)
    if number is None or number != int(number):
        raise ApiError("2090", f"{name} is not a whole number", element=name)
    return int(number)


def _check_boolean(value: Any, name: str) -> bool | None:
    if value == "":
        return None
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ApiError("2230", f"{name} is not true or false", element=name)


def _check_date(value: Any, name: str) -> str | None:
    if value == "":
        return None
    try:
        # Intuit takes a date with a time behind it and keeps the date.
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise ApiError("2060", f"{name} is not a date", element=name) from error


def _check_enum(values: tuple[str, ...]) -> Check:
    def check(value: Any, name: str) -> Any:
        if value == "" or value in values:
            return value or None
        detail = f"{name} has an invalid value; values supported are {values}"
        raise ApiError("2170", detail, element=name)

    return check


def _check_reference(value: Any, name: str) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = {"value": value}
    if not isinstance(value, dict):
        raise ApiError("2040", f"{name} is not a reference", element=name)
    for key in value:
        if key not in ("value", "name", "type"):
            raise _unknown(key)
    target = value.get("value")
    if target is None or target == "":
        return None
    return {**value, "value": str(target)}


def _check_object(type_name: str) -> Check:
    checks = _TYPES[type_name]

    def check(value: Any, name: str) -> dict[str, Any] | None:
        if value == "":
            return None
        if not isinstance(value, dict):
            raise ApiError("2010", f"Property Name:{name} is not an object")
        cleaned = {}
        for key, inner in value.items():
            if inner is None:
                continue
            inner_check = checks.get(key)
            if inner_check is None:
                raise _unknown(key)
            checked = inner_check(inner, key)
            if checked is not None:
                cleaned[key] = checked
        # An empty detail object says something by being there.
        return cleaned or (cleaned if type_name.endswith("Detail") else None)

    return check


def _check_array(item: Check) -> Check:
    def check(value: Any, name: str) -> list[Any]:
        values = value if isinstance(value, list) else [value]
        checked = [item(entry, name) for entry in values if entry is not None]
        return [entry for entry in checked if entry is not None]

    return check


_SIMPLE: dict[str, Check] = {
    "decimal": _check_decimal,
    "integer": _check_integer,
    "boolean": _check_boolean,
    "date": _check_date,
    "dateTime": _check_string(0),
    "ReferenceType": _check_reference,
}


def _make_check(spec: str) -> Check:
    kind, *flags = spec.split()
    base = kind.removesuffix("[]")
    if base == "string":
        limits = [int(flag[4:]) for flag in flags if flag.startswith("max=")]
        check = _check_string(limits[0] if limits else 0)
    elif base.startswith("enum:"):
        check = _check_enum(tuple(_DATA["enums"][base[5:]]))
    elif base in _SIMPLE:
        check = _SIMPLE[base]
    else:
        _load_type(base)
        check = _check_object(base)
    return _check_array(check) if kind.endswith("[]") else check


def _load_type(name: str) -> None:
    if name in _TYPES:
        return
    # The table is there before it is filled, because types contain each other.
    table = _TYPES[name] = {}
    for field_name, spec in _DATA["types"][name].items():
        table[field_name] = _make_check(spec)


def _make_schema(name: str, data: Mapping[str, Any]) -> EntitySchema:
    specs: dict[str, str] = {}
    for group in data["groups"]:
        specs |= _DATA["groups"][group]
    specs |= data["fields"]
    kinds = {key: spec.split()[0] for key, spec in specs.items()}
    filterable = {
        key.lower(): kinds[key]
        for key, spec in specs.items()
        if "filterable" in spec.split()
    }
    filterable["id"] = "Id"
    if data["cdc"]:
        filterable["metadata.createtime"] = "dateTime"
        filterable["metadata.lastupdatedtime"] = "dateTime"
    readonly = {key for key, spec in specs.items() if "readonly" in spec.split()}
    return EntitySchema(
        name=name,
        path=data["path"],
        operations=frozenset(data["operations"]),
        cdc=data["cdc"],
        checks={
            key: _make_check(spec) for key, spec in specs.items() if key not in readonly
        },
        readonly=frozenset(readonly),
        properties={key.lower(): key for key in [*specs, *SYSTEM]},
        filterable=filterable,
    )


ENTITIES = {name: _make_schema(name, data) for name, data in _DATA["entities"].items()}
BY_PATH = {schema.path: schema for schema in ENTITIES.values()}

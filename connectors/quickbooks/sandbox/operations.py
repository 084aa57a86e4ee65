"""Create, read, update, delete and void: one object at a time.

Whoever calls holds the company's lock. All raise ApiError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.quickbooks.sandbox import payments
from connectors.quickbooks.sandbox.apifaults import (
    DEPOSITED,
    STALE,
    ApiError,
    business_error,
    missing,
    not_found,
)
from connectors.quickbooks.sandbox.company import TRANSACTIONS, Company, Object
from connectors.quickbooks.sandbox.credits import apply_credits
from connectors.quickbooks.sandbox.journals import prepare_journal
from connectors.quickbooks.sandbox.ledger import Posting
from connectors.quickbooks.sandbox.lists import PREPARE
from connectors.quickbooks.sandbox.numbering import check_period, settle_number
from connectors.quickbooks.sandbox.references import drop_empty, settle_department
from connectors.quickbooks.sandbox.salesforms import FORMS, prepare_form
from connectors.quickbooks.sandbox.schema import SYSTEM, EntitySchema, clean

ZERO = Decimal(0)
VOIDABLE = ("SalesReceipt", "Invoice", "CreditMemo", "RefundReceipt", "Payment")
DELETED_SUFFIX = " (deleted)"


@dataclass(frozen=True, slots=True)
class Options:
    """What the query parameters or a batch item's options ask for."""

    allow_duplicate: bool = False
    auto_number: bool = False


def create(
    company: Company, schema: EntitySchema, body: Any, options: Options
) -> Object:
    """Make a new object."""
    _require(schema, "create")
    values = drop_empty(clean(schema, body))
    return _store(company, schema, values, old=None, options=options)


def read(company: Company, schema: EntitySchema, key: str) -> Object:
    """The object with this id."""
    _require(schema, "read")
    if not key.isdigit() and schema.name != "TaxCode":
        raise ApiError("2030", f"Invalid ID : {key}")
    obj = company.get(schema.name, key)
    if obj is None:
        raise not_found()
    return obj


def update(
    company: Company, schema: EntitySchema, body: Mapping[str, Any], options: Options
) -> Object:
    """Change an object: wholly, or only what is sent when ``sparse``."""
    _require(schema, "update")
    old = _find_current(company, schema, body)
    sparse = body.get("sparse") in (True, "true")
    if sparse and schema.name == "Account":
        raise ApiError("500", "Operation sparse update is not supported for Account")
    _refuse_locked(company, schema.name, old)
    kept = old
    if not sparse:
        always = SYSTEM | schema.readonly
        kept = {key: value for key, value in old.items() if key in always}
    values = drop_empty({**kept, **clean(schema, body)})
    _mark_inactive(schema.name, values, old)
    return _store(company, schema, values, old=old, options=options)


def delete(company: Company, schema: EntitySchema, body: Mapping[str, Any]) -> Object:
    """Delete a transaction; gives what the service answers."""
    _require(schema, "delete")
    old = _find_current(company, schema, body)
    name, key = schema.name, old["Id"]
    _refuse_locked(company, name, old)
    check_period(company, old["TxnDate"])
    if company.links.get((name, key)):
        raise business_error("Unlink the payments of this transaction first.")
    company.remove(name, key)
    company.ledger.post((name, key), ())
    if name == "Payment":
        for target in payments.take_back(company, old):
            payments.reopen(company, target)
    return {"status": "Deleted", "domain": "QBO", "Id": key}


def void(company: Company, schema: EntitySchema, body: Mapping[str, Any]) -> Object:
    """Set every amount of a transaction to zero and keep it."""
    name = schema.name
    if name not in VOIDABLE:
        raise ApiError("500", f"Operation void is not supported for {name}")
    old = _find_current(company, schema, body)
    _refuse_locked(company, name, old)
    check_period(company, old["TxnDate"])
    note = old.get("PrivateNote")
    values = {**old, "TotalAmt": ZERO, "LinkedTxn": []}
    values["PrivateNote"] = f"Voided - {note}" if note else "Voided"
    values["Line"] = [_void_line(line) for line in old["Line"]]
    if name == "Payment":
        values |= {"Line": [], "UnappliedAmt": ZERO}
    else:
        values["Balance"] = ZERO
    if "RemainingCredit" in values:
        values["RemainingCredit"] = ZERO
    if "TxnTaxDetail" in values:
        values["TxnTaxDetail"] = {"TotalTax": ZERO}
    touched = payments.take_back(company, old) if name == "Payment" else []
    payments.unlink(company, (name, old["Id"]))
    obj = _stamp(company, values, old)
    company.put(name, obj)
    company.ledger.post((name, old["Id"]), ())
    for target in touched:
        payments.reopen(company, target)
    return obj


def _store(
    company: Company,
    schema: EntitySchema,
    values: Object,
    *,
    old: Object | None,
    options: Options,
) -> Object:
    name = schema.name
    if name not in TRANSACTIONS:
        values.setdefault("Active", True)
        if name in ("CompanyInfo", "Preferences", "TaxAgency"):
            del values["Active"]
        prepared = PREPARE[name](company, values, old)
        obj = _stamp(
            company, prepared, old, key=company.next_id(name) if not old else ""
        )
        company.put(name, obj)
        return obj
    values.setdefault("TxnDate", company.today)
    check_period(company, values["TxnDate"], old["TxnDate"] if old else None)
    if name == "Payment":
        return _store_payment(company, values, old)
    prepared, postings = _prepare(company, name, values, options)
    obj = _save(company, name, prepared, old=old, postings=postings)
    if old is None and name in ("Invoice", "CreditMemo"):
        apply_credits(company, name, obj)
    return company.get(name, obj["Id"]) or obj


def _prepare(
    company: Company, name: str, values: Object, options: Options
) -> tuple[Object, list[Posting]]:
    settle_number(
        company,
        name,
        values,
        allow_duplicate=options.allow_duplicate,
        auto=options.auto_number,
    )
    if name in FORMS:
        return prepare_form(company, name, values)
    settle_department(company, values)
    return prepare_journal(company, values)


def _store_payment(company: Company, values: Object, old: Object | None) -> Object:
    before = payments.applied_by(old) if old else {}
    prepared, postings, applied = payments.prepare_payment(
        company, values, released=before
    )
    if old:
        payments.take_back(company, old)
    obj = _save(company, "Payment", prepared, old=old, postings=postings)
    payments.apply(company, obj["Id"], applied)
    for target in {**before, **applied}:
        payments.reopen(company, target)
    return obj


def _save(
    company: Company,
    name: str,
    values: Object,
    *,
    old: Object | None,
    postings: list[Posting],
) -> Object:
    obj = _stamp(company, values, old, key="" if old else company.next_id(name))
    # The rows of a transaction are written with the object, so it goes last.
    company.ledger.post((name, obj["Id"]), postings)
    company.put(name, obj)
    return obj


def _stamp(
    company: Company, values: Object, old: Object | None, *, key: str = ""
) -> Object:
    """The object with id, version and times."""
    now = company.now
    version, created = "0", now
    if old is not None:
        key = old["Id"]
        version = str(int(old["SyncToken"]) + 1)
        created = old["MetaData"]["CreateTime"]
    system = {
        "domain": "QBO",
        "sparse": False,
        "Id": key,
        "SyncToken": version,
        "MetaData": {"CreateTime": created, "LastUpdatedTime": now},
    }
    return {**values, **system}


def _require(schema: EntitySchema, operation: str) -> None:
    if operation not in schema.operations:
        detail = f"Operation {operation} is not supported for {schema.name}."
        raise ApiError("500", detail)


def _find_current(
    company: Company, schema: EntitySchema, body: Mapping[str, Any]
) -> Object:
    key = str(body.get("Id") or "")
    if not key:
        raise missing("Id")
    old = read(company, schema, key)
    token = body.get("SyncToken")
    if token is None or token == "":
        raise missing("SyncToken")
    if str(token) != old["SyncToken"]:
        raise ApiError("5010", STALE)
    return old


def _refuse_locked(company: Company, name: str, obj: Object) -> None:
    code = company.locked.get((name, obj["Id"]))
    if code is not None:
        raise ApiError(code, DEPOSITED if code == "6540" else "")


def _mark_inactive(name: str, values: Object, old: Object) -> None:
    """The service adds to the name of what is made inactive, so that it is free."""
    if "Active" not in old or "Active" not in values:
        return
    field = "DisplayName" if name == "Customer" else "Name"
    if old["Active"] and not values["Active"]:
        if values.get("Type") == "Category":
            raise business_error("A category cannot be made inactive.")
        values[field] += DELETED_SUFFIX
    elif values["Active"] and not old["Active"]:
        values[field] = values[field].removesuffix(DELETED_SUFFIX)


def _void_line(line: Object) -> Object:
    changed = {**line}
    if "Amount" in line:
        changed["Amount"] = ZERO
    detail = line.get("SalesItemLineDetail")
    if detail is not None:
        kept = {key: value for key, value in detail.items() if key != "UnitPrice"}
        if "TaxInclusiveAmt" in kept:
            kept["TaxInclusiveAmt"] = ZERO
        changed["SalesItemLineDetail"] = {**kept, "Qty": ZERO}
    return changed


NO_OPTIONS = Options()

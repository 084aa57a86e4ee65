"""What tests and demos can do to the companies through the control endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.quickbooks.sandbox.apifaults import MESSAGES
from connectors.quickbooks.sandbox.company import (
    OTHER_NAMES,
    TRANSACTIONS,
    Company,
    ItemFailure,
)
from connectors.quickbooks.sandbox.operations import DELETED_SUFFIX
from connectors.quickbooks.sandbox.render import complete
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM
from connectors.sandbox.messages import ControlError

if TYPE_CHECKING:
    from connectors.quickbooks.sandbox.app import QuickBooksSandbox

Payload = Mapping[str, Any]
Answer = Mapping[str, Any]


def _company(sandbox: QuickBooksSandbox, payload: Payload) -> Company:
    return sandbox.companies[payload.get("realm", GLOBAL_REALM)]


def expire_access_tokens(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """Every access token expires now."""
    return {"expired": sandbox.tokens.expire_access()}


def expire_refresh_tokens(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """Every refresh token expires now."""
    return {"expired": sandbox.tokens.expire_refresh()}


def revoke_consent(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """The company's owner disconnects the app: {"realm"}."""
    return {"revoked": sandbox.tokens.revoke_realm(payload.get("realm", GLOBAL_REALM))}


def set_preferences(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """Lay {"preferences": {group: {name: value}}} over the company's."""
    company = _company(sandbox, payload)
    with company.lock:
        changed = {**company.preferences}
        for group, values in payload["preferences"].items():
            if not isinstance(values, Mapping):
                raise ControlError("Preferences are groups of names and values.")
            changed[group] = {**changed.get(group, {}), **values}
        changed["SyncToken"] = str(int(changed["SyncToken"]) + 1)
        company.put("Preferences", changed)
    return {"preferences": changed}


def deactivate(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user makes {"entity", "id"} inactive."""
    return _set_active(sandbox, payload, active=False)


def activate(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user makes {"entity", "id"} active again."""
    return _set_active(sandbox, payload, active=True)


def _set_active(
    sandbox: QuickBooksSandbox, payload: Payload, *, active: bool
) -> Answer:
    company = _company(sandbox, payload)
    entity = payload["entity"]
    with company.lock:
        obj = company.get(entity, str(payload["id"]))
        if obj is None:
            raise ControlError(f"There is no {entity} {payload['id']}.")
        field = "DisplayName" if entity == "Customer" else "Name"
        name = obj[field].removesuffix(DELETED_SUFFIX)
        changed = {**obj, "Active": active}
        changed[field] = name if active else name + DELETED_SUFFIX
        changed["SyncToken"] = str(int(obj.get("SyncToken", "0")) + 1)
        company.put(entity, changed)
    return {"name": changed[field], "active": active}


def create_name(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user makes a {"kind": Vendor or Employee} called {"name"}."""
    company = _company(sandbox, payload)
    kind = payload["kind"]
    if kind not in OTHER_NAMES:
        raise ControlError(f"kind is one of {', '.join(OTHER_NAMES)}.")
    with company.lock:
        key = company.next_id(kind)
        company.put(kind, {"Id": key, "DisplayName": payload["name"], "Active": True})
    return {"id": key}


def edit(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user changes {"entity", "id"}: {"values"} are laid over it, with a new version.

    Amounts and the ledger stay as they are.
    """
    company = _company(sandbox, payload)
    with company.lock:
        obj = company.get(payload["entity"], str(payload["id"]))
        if obj is None:
            raise ControlError(f"There is no {payload['entity']} {payload['id']}.")
        version = str(int(obj["SyncToken"]) + 1)
        times = {**obj["MetaData"], "LastUpdatedTime": company.now}
        changed = {**obj, **payload["values"], "SyncToken": version, "MetaData": times}
        company.put(payload["entity"], changed)
    return {"version": version}


def deposit(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user puts {"entity", "id"} on a bank deposit: it is locked (6540)."""
    return _lock(sandbox, payload, "6540")


def reconcile(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """A user matches {"entity", "id"} with the bank: it is locked (6480)."""
    return _lock(sandbox, payload, "6480")


def _lock(sandbox: QuickBooksSandbox, payload: Payload, code: str) -> Answer:
    company = _company(sandbox, payload)
    key = (payload["entity"], str(payload["id"]))
    with company.lock:
        obj = company.get(*key)
        if obj is None:
            raise ControlError(f"There is no {key[0]} {key[1]}.")
        company.locked[key] = code
        company.put(key[0], obj)
    return {"locked": True}


def fail_items(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """The next {"count"} batch items fail with a fault of the system.

    {"done"} says whether the work is done all the same, {"code"} is 10000 or 3001.
    """
    company = _company(sandbox, payload)
    failure = ItemFailure(payload.get("code", "10000"), bool(payload.get("done")))
    if failure.code not in MESSAGES:
        raise ControlError(f"There is no code {failure.code}.")
    with company.lock:
        company.failures = [failure] * int(payload["count"])
    return {"failing": len(company.failures)}


def show_ledger(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """Every posting: {"lines": [{txn_type, txn_id, doc_number, date, account, ...}]}."""
    company = _company(sandbox, payload)
    lines = []
    with company.lock:
        for (kind, key), postings in company.ledger.all():
            txn = company.get(kind, key) or {}
            for posting in postings:
                account = company.get("Account", posting.account) or {}
                amount = posting.amount
                lines.append(
                    {
                        "txn_type": kind,
                        "txn_id": key,
                        "doc_number": txn.get("DocNumber", ""),
                        "date": txn.get("TxnDate", ""),
                        "account_id": posting.account,
                        "account": account.get("Name", ""),
                        "debit": str(max(amount, amount * 0)),
                        "credit": str(max(-amount, amount * 0)),
                        "tax_code": posting.tax_code,
                        "tax_rate": posting.tax_rate,
                        "customer": posting.customer,
                        "department": posting.department,
                    }
                )
    return {"lines": lines}


def show_trial_balance(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """Debit less credit of every account: {"accounts": {name: amount}, "total"}."""
    company = _company(sandbox, payload)
    with company.lock:
        balances = {
            account["FullyQualifiedName"]: company.ledger.balance(account["Id"])
            for account in company.all("Account")
        }
    shown = {name: str(balance) for name, balance in balances.items() if balance}
    return {"accounts": shown, "total": str(sum(balances.values()))}


def show_documents(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """All transactions by entity, or those of {"entity"}; lists too when named."""
    company = _company(sandbox, payload)
    entities = [payload["entity"]] if "entity" in payload else list(TRANSACTIONS)
    with company.lock:
        found = {
            entity: [complete(company, entity, obj) for obj in company.all(entity)]
            for entity in entities
        }
    return {"documents": found}


def show_counts(sandbox: QuickBooksSandbox, payload: Payload) -> Answer:
    """How many objects there are of each entity."""
    company = _company(sandbox, payload)
    with company.lock:
        sizes = {name: len(table.objects) for name, table in company.tables.items()}
    return {name: size for name, size in sizes.items() if size}


ACTIONS: dict[str, Callable[[QuickBooksSandbox, Payload], Answer]] = {
    "expire_access_tokens": expire_access_tokens,
    "expire_refresh_tokens": expire_refresh_tokens,
    "revoke_consent": revoke_consent,
    "set_preferences": set_preferences,
    "deactivate": deactivate,
    "activate": activate,
    "create_name": create_name,
    "edit": edit,
    "deposit": deposit,
    "reconcile": reconcile,
    "fail_items": fail_items,
    "ledger": show_ledger,
    "trial_balance": show_trial_balance,
    "documents": show_documents,
    "counts": show_counts,
}

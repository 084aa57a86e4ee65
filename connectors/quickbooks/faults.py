"""What QuickBooks' faults and HTTP statuses mean to the hub.

Faults come as JSON with capital or small keys, or as XML, whatever was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.quickbooks.error_codes import ALIASES, LOOK, RULES, Rule
from connectors.writes import CLOSED_PERIOD
from integration_hub.core import exactjson
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    Conflict,
    HubError,
    OutcomeUnknown,
    RateLimited,
    RecordError,
    Rejected,
    Unavailable,
)
from integration_hub.core.http import Reply

THROTTLED = frozenset({"3001", "003001"})
WAIT_AFTER_429 = 60.0
DUPLICATE_REQUEST = "duplicate request"
# What the hub calls these codes, because it does something about them.
KNOWN_CODES = {"600": DUPLICATE_REQUEST, "6200": CLOSED_PERIOD}
RECONNECT = "Open the connection and connect it to QuickBooks again."
XML_ERROR = re.compile(
    r'<Error\s+code="(?P<code>-?\w+)"[^>]*>\s*'
    r"(?:<Message>(?P<message>.*?)</Message>)?\s*(?:<Detail>(?P<detail>.*?)</Detail>)?",
    re.DOTALL,
)
ELEMENT = re.compile(r"(?P<list>\w+) element id (?P<id>\S+)")
TAKEN = re.compile(r"TxnType=(?P<type>[\w ]+?) with TxnId=(?P<id>\w+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an answer."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""
    type: str = ""

    @property
    def is_system(self) -> bool:
        """Whether the system itself failed: what became of the write is not known."""
        big = self.code.isdigit() and int(self.code) >= 10_000
        throttled = self.code in THROTTLED
        return self.type.lower() == "systemfault" or big or throttled


def read_faults(payload: Any) -> list[Fault]:
    """The errors of a parsed answer or batch item; none if it holds no fault."""
    if not isinstance(payload, Mapping):
        return []
    fault = payload.get("Fault") or payload.get("fault")
    if not isinstance(fault, Mapping):
        return []
    kind = str(fault.get("type") or "")
    errors = fault.get("Error") or fault.get("error") or [{}]
    return [
        Fault(
            code=str(error.get("code") or ""),
            message=str(error.get("Message") or error.get("message") or ""),
            detail=str(error.get("Detail") or error.get("detail") or ""),
            element=str(error.get("element") or ""),
            type=kind,
        )
        for error in errors
        if isinstance(error, Mapping)
    ]


def read_reply_faults(reply: Reply) -> list[Fault]:
    """The errors of an answer in any of its forms; none if it is none of them."""
    try:
        return read_faults(exactjson.loads(reply.body))
    except ValueError:
        text = reply.body.decode("utf-8", "replace")
        return [
            Fault(
                code=found["code"],
                message=found["message"] or "",
                detail=found["detail"] or "",
            )
            for found in XML_ERROR.finditer(text)
        ]


def judge_item(fault: Fault, *, subject: str, system: str) -> RecordError:
    """The error of one refused write. ``subject`` names it without personal data."""
    code = ALIASES.get(fault.code, fault.code)
    unknown = Rule(Rejected, fault.message[:200] or "no reason given", LOOK)
    rule = RULES.get(code, unknown)
    if code == "6140":
        return judge_number(fault, subject=subject, system=system)
    words = f" ({fault.detail[:300]})" if rule.detail and fault.detail else ""
    return rule.kind(
        f"{system} refuses {subject}: {rule.text}{words}.",
        code=KNOWN_CODES.get(code, fault.code),
        reference=find_reference(fault),
        action=rule.action,
        system=system,
    )


def judge_number(fault: Fault, *, subject: str, system: str) -> RecordError:
    """The error for a document number that is taken; it names the document."""
    found = TAKEN.search(fault.detail)
    other = f"{found['type']} {found['id']}" if found else "another document"
    return Conflict(
        f"{system} refuses {subject}: its number is used by {other}.",
        code=fault.code,
        reference=found["id"] if found else "",
        action="Give one of the two another number, then choose Retry.",
        system=system,
    )


def find_taker(fault: Fault) -> str:
    """The entity that has a taken number ("SalesReceipt"), "" if it is not said."""
    found = TAKEN.search(fault.detail)
    return found["type"].replace(" ", "") if found else ""


def find_reference(fault: Fault) -> str:
    """What a fault is about: an element of a list, else a property."""
    found = ELEMENT.search(fault.detail)
    if found:
        return f"{found['list']} {found['id']}"
    return fault.element


def judge_reply(reply: Reply, *, write: bool, system: str) -> HubError | None:
    """The error of a whole call; None for 200 and for a fault with status 400.

    A 400 is a definite refusal that the caller judges by its codes.
    """
    status = reply.status
    faults = read_reply_faults(reply) if status != 200 else []
    codes = {fault.code for fault in faults}
    common = {"system": system, "exchange": reply.exchange}
    if status == 429 or codes & THROTTLED:
        return RateLimited(
            f"{system} asks us to slow down.",
            retry_after=reply.retry_after or WAIT_AFTER_429,
            code="429",
            **common,
        )
    if status in (401, 403):
        return _judge_access(status, faults, system=system, reply=reply)
    if status == 404:
        return ConfigError(
            f"{system} does not know the address that was called.",
            code="404",
            action="Check the base address of the connection.",
            system=system,
            exchange=reply.exchange,
        )
    if status == 200 or (status == 400 and not any(f.is_system for f in faults)):
        return None
    kind = OutcomeUnknown if write else Unavailable
    text = f"{system} answers {status} and does not say what became of the call."
    return kind(text, code=str(status), system=system, exchange=reply.exchange)


def _judge_access(
    status: int, faults: list[Fault], *, system: str, reply: Reply
) -> HubError:
    code = faults[0].code if faults else str(status)
    if status == 401:
        text = f"{system} does not accept our token."
    else:
        text = f"{system} does not let us into this company (is it the right one?)."
    return AuthError(
        text, code=code, action=RECONNECT, system=system, exchange=reply.exchange
    )

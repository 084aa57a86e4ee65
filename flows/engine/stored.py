"""A write and a member as an envelope keeps them, and back."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from connectors.writes import Member, Ref, Write
from flows.models import EnvelopeMember, Link
from integration_hub.core import exactjson


def dump_write(write: Write) -> str:
    """A write without its body as JSON text, for a look-up later."""
    return json.dumps(
        {
            "kind": write.kind,
            "key": write.key,
            "role": write.role,
            "entity": write.entity,
            "number": write.number,
            "search": dict(write.search),
            "mark": write.mark,
            "fallback": dict(write.fallback),
            "shared": write.shared,
            "update_of": list(_key(write.update_of)) if write.update_of else None,
            "total": str(write.expected_total)
            if write.expected_total is not None
            else None,
            "date": write.date.isoformat() if write.date else None,
            "label": write.label,
        }
    )


def load_write(text: str) -> Write:
    """The write that ``dump_write`` made; its body is empty."""
    data = json.loads(text)
    return Write(
        kind=data["kind"],
        key=data["key"],
        role=data["role"],
        entity=data["entity"],
        body={},
        number=data["number"],
        search=data["search"],
        mark=data["mark"],
        fallback=data.get("fallback", {}),
        shared=data["shared"],
        update_of=Ref(*data["update_of"]) if data["update_of"] else None,
        expected_total=Decimal(data["total"]) if data["total"] is not None else None,
        date=date.fromisoformat(data["date"]) if data["date"] else None,
        label=data["label"],
    )


def _key(ref: Ref) -> tuple[str, str, str]:
    return (ref.kind, ref.key, ref.role)


def stored_member(member: EnvelopeMember, link: Link, entity: str) -> Member:
    """The exact member that was sent before, to be sent again."""
    return Member(
        position=member.position,
        entity=entity or link.entity,
        operation=member.operation,
        body=exactjson.loads(member.body),
    )

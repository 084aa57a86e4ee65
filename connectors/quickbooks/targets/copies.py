"""Copies: a receipt that is reversed and posted again, once or more often. Pure.

The first posting has plain roles and numbers. Each later one takes the place of the one
before it: its reversal and itself have a letter each behind their numbers (a and b,
then c and d) and the version of the receipt that asked for them in their roles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.quickbooks.targets.numbers import MARK, clean_hub, make_mark
from connectors.writes import Known, Plan, Ref, Write

KIND = "order"
SALE = "sale"
REVERSAL, AGAIN = "reversal", "again"
UPDATE, CORRECTION = "update:", "correction:"
# There is one pair of letters for each.
MOST = 13
COPY = re.compile(r"([a-z])(-[^-]*)?$")
PLAIN = re.compile(r"[\w.-]{1,20}")


@dataclass(frozen=True, slots=True)
class Copy:
    """One posting of a receipt: the first has place 0 and no version."""

    key: str
    place: int = 0
    version: str = ""

    @property
    def letter(self) -> str:
        """What is behind its numbers."""
        return chr(ord("a") + 2 * self.place - 1) if self.place else ""

    @property
    def turned_letter(self) -> str:
        """What is behind the numbers of the reversal that goes before it."""
        return chr(ord("a") + 2 * self.place - 2)

    def name(self, role: str) -> str:
        """The role of this copy's write that has a plain role."""
        if not self.place or role.startswith(UPDATE):
            return role
        if role.startswith(CORRECTION):
            return f"{role}:{self.version}"
        return name_role(AGAIN, self.version, role)

    def find_plain(self, role: str) -> str:
        """The plain role of a write of this copy, "" for a write of another."""
        if not self.place or role.startswith(UPDATE):
            return "" if is_copied(role) else role
        if role.startswith(CORRECTION):
            plain = role.removesuffix(f":{self.version}")
            return plain if plain != role else ""
        if role == f"{AGAIN}:{self.version}":
            return SALE
        start = f"{AGAIN}:{self.version}:"
        return role.removeprefix(start) if role.startswith(start) else ""

    def see(self, known: Mapping[Ref, Known]) -> dict[Ref, Known]:
        """What is known, with this copy's writes under their plain roles."""
        seen = {}
        for ref, there in known.items():
            role = self.find_plain(ref.role) if is_of(ref, self.key) else ref.role
            if role:
                seen[replace(ref, role=role)] = there
        return seen

    def list_there(self, known: Mapping[Ref, Known]) -> dict[Ref, Known]:
        """This copy's own documents in QuickBooks, without the changes of them."""
        return {
            ref: there
            for ref, there in known.items()
            if is_of(ref, self.key)
            and there.id
            and (role := self.find_plain(ref.role))
            and not role.startswith((UPDATE, CORRECTION))
        }

    def rename(self, plan: Plan, *, hub: str) -> Plan:
        """A plan with plain roles as one of this copy."""
        if not self.place:
            return plan
        return replace(
            plan,
            writes=tuple(self._rename(write, hub) for write in plan.writes),
            later=tuple(self._rename(write, hub) for write in plan.later),
        )

    def _rename(self, write: Write, hub: str) -> Write:
        ref = self._rename_ref(write.ref)
        return replace(
            write,
            role=ref.role,
            needs=tuple(map(self._rename_ref, write.needs)),
            update_of=self._rename_ref(write.update_of) if write.update_of else None,
            body=self._rename_all(write.body, hub),
            mark=self._rename_text(write.mark, hub),
        )

    def _rename_ref(self, ref: Ref) -> Ref:
        return replace(ref, role=self.name(ref.role)) if is_of(ref, self.key) else ref

    def _rename_all(self, value: Any, hub: str) -> Any:
        if isinstance(value, Ref):
            return self._rename_ref(value)
        if isinstance(value, str):
            return self._rename_text(value, hub)
        if isinstance(value, Mapping):
            return {name: self._rename_all(each, hub) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._rename_all(each, hub) for each in value]
        return value

    def _rename_text(self, text: str, hub: str) -> str:
        """A text with the marks of this receipt's documents as those of the copy."""
        if "[" not in text:
            return text
        return MARK.sub(lambda found: self._rename_mark(found, hub), text)

    def _rename_mark(self, found: re.Match[str], hub: str) -> str:
        ref = Ref(found["kind"], found["key"], found["role"])
        if found["hub"] != clean_hub(hub) or not is_of(ref, self.key):
            return found[0]
        return make_mark(hub, self._rename_ref(ref))


@dataclass(frozen=True, slots=True)
class History:
    """The copies of a receipt so far, and the reversals before them: versions by place.

    A place with a reversal only is one of which nothing stands.
    """

    key: str
    reversals: Mapping[int, str] = field(default_factory=dict)
    copies: Mapping[int, str] = field(default_factory=dict)

    @property
    def stands(self) -> Copy:
        """The last posting, reversed or not."""
        place = max(self.copies, default=0)
        return Copy(self.key, place, self.copies.get(place, ""))

    @property
    def is_reversed(self) -> bool:
        """Whether a reversal of what was posted last has begun, and no new one."""
        return max(self.reversals, default=0) > max(self.copies, default=0)

    def find_copy(self, version: str) -> Copy:
        """What a version of the receipt is, or would be, posted as."""
        for place, known in (*self.copies.items(), *self.reversals.items()):
            if known == version:
                return Copy(self.key, place, version)
        return Copy(self.key, max(self.copies, default=0) + 1, version)

    def find_before(self, copy: Copy) -> Copy:
        """The posting whose place a copy takes."""
        place = copy.place - 1
        return Copy(self.key, place, self.copies.get(place, ""))

    def find_reversal(self, copy: Copy) -> str:
        """The version that the reversal before a copy has, or would have."""
        return self.reversals.get(copy.place, copy.version)

    def is_last(self, version: str) -> bool:
        """Whether a version is what was posted, or made nothing, last."""
        place = max((*self.copies, *self.reversals), default=0)
        found = self.copies.get(place) or self.reversals.get(place)
        return found == version

    def has(self, version: str) -> bool:
        """Whether anything was written because of a version."""
        return version in (*self.copies.values(), *self.reversals.values())


def read_history(key: str, known: Mapping[Ref, Known]) -> History:
    """The copies of a receipt by what is in QuickBooks; answered questions are not."""
    reversals: dict[int, str] = {}
    copies: dict[int, str] = {}
    for role, there in list_own(key, known):
        if is_copied(role) and not role.startswith(CORRECTION):
            sort, version = role.split(":")[:2]
            letter = find_copy(there.number) or "a"
            place = (ord(letter) - ord("a")) // 2 + 1
            (reversals if sort == REVERSAL else copies)[place] = version
    return History(key, reversals, copies)


def list_own(key: str, known: Mapping[Ref, Known]) -> Iterator[tuple[str, Known]]:
    """What of a receipt is in QuickBooks, by role."""
    for ref, there in known.items():
        if is_of(ref, key) and there.id:
            yield ref.role, there


def is_of(ref: Ref, key: str) -> bool:
    """Whether a write belongs to a receipt."""
    return ref.kind == KIND and ref.key == key


def is_copied(role: str) -> bool:
    """Whether a role is of a reversal or of a copy."""
    sort, _, rest = role.partition(":")
    return sort in (REVERSAL, AGAIN) or (sort == "correction" and ":" in rest)


def is_sale(role: str) -> bool:
    """Whether a role is that of a receipt's own document, of whichever copy."""
    sort, _, version = role.partition(":")
    return role == SALE or (sort == AGAIN and bool(version) and ":" not in version)


def name_role(sort: str, version: str, role: str) -> str:
    """The role of a reversal or a copy of the write that has a plain role."""
    return f"{sort}:{version}" if role == SALE else f"{sort}:{version}:{role}"


def find_copy(number: str) -> str:
    """The letter of a copy or a reversal in one of its numbers, "" without one."""
    found = COPY.search(number)
    return found[1] if found else ""


def shorten(version: str) -> str:
    """A version as it stands in roles."""
    if PLAIN.fullmatch(version):
        return version
    return hashlib.sha256(version.encode()).hexdigest()[:20]

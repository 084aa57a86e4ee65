"""What was answered to which request id, so that a repeated write is not done twice."""

from __future__ import annotations

from typing import Any

from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.company import Object
from connectors.sandbox.switches import Switches

MAX_SINGLE = 50
MAX_BATCH = 36
Key = tuple[str, str]


class Replays:
    """The answers of one company by (request id, item id).

    The switch ``requestid`` says how a repeated id is treated: ``per_item`` replays
    each item that was done, ``whole`` the whole answer once it is complete,
    ``refused`` answers 600, ``forgotten`` does everything again.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._answers: dict[Key, Any] = {}
        self._seen: set[str] = set()
        self._new: list[tuple[str, Any]] = []

    def begin(self, request_id: str, *, batch: bool) -> Any | None:
        """Note a request id; gives the whole answer where that is replayed.

        Raises ApiError 2130 for a bad id, 600 for a repeated one that is refused.
        """
        if not request_id:
            return None
        limit = MAX_BATCH if batch else MAX_SINGLE
        if len(request_id) > limit:
            raise ApiError("2130", f"requestid is longer than {limit}")
        mode = self._switches["requestid"]
        if mode == "refused" and request_id in self._seen:
            raise ApiError("600", f"Duplicate Request ID : {request_id}")
        self._seen.add(request_id)
        if mode == "whole":
            return self._answers.get((request_id, ""))
        return None

    def answer(self, request_id: str, item: str) -> Object | None:
        """What was answered to this item before, where items are replayed."""
        if not request_id or self._switches["requestid"] != "per_item":
            return None
        answer: Object | None = self._answers.get((request_id, item))
        return answer

    def keep(self, request_id: str, item: str, answer: Any) -> None:
        """Remember an answer; the empty item stands for the whole."""
        if request_id:
            self._answers[request_id, item] = answer
            self._new.append((f"{request_id}\t{item}", answer))

    def take_new(self) -> list[tuple[str, Any]]:
        """The answers kept since the last time."""
        new, self._new = self._new, []
        return new

    def restore(self, key: str, answer: Any) -> None:
        """Put back an answer that was kept in a file."""
        request_id, _, item = key.partition("\t")
        self._answers[request_id, item] = answer
        self._seen.add(request_id)

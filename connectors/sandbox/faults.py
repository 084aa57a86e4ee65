"""Faults that a test can order: refusals, cut connections, held and late calls.

A rule says which calls it is for, at which stage it strikes and what it does. Stages:
``before`` any work, ``inside`` a batch after ``after_items`` items are committed,
``after`` all work, and ``answer``, when the answer is about to leave.
"""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from connectors.sandbox.messages import ControlError, Request, Response

STAGES = ("before", "inside", "after", "answer")
ACTIONS = ("status", "cut", "garble", "latency", "hold", "lose", "late")


class Answered(Exception):
    """A fault answers in the application's place."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class CutOff(Exception):
    """A fault closes the connection without an answer."""


@dataclass(slots=True)
class Rule:
    """One ordered fault.

    ``match`` is searched for in "METHOD path operation". ``after`` matching calls are
    let through first, then it strikes ``times`` times (None: always), each time with
    ``probability``. ``seconds`` is the latency, or the longest time to hold a call
    (0: until released).
    """

    action: str
    stage: str = ""
    match: str = ""
    times: int | None = 1
    probability: float = 1.0
    after: int = 0
    after_items: int = 1
    status: int = 503
    body: str | None = None
    content_type: str = "text/html"
    seconds: float = 0.0
    per_item: float = 0.0
    seed: int = 1
    id: int = 0
    struck: int = 0
    _pattern: re.Pattern[str] = field(init=False, repr=False)
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check what was ordered. Raises ControlError."""
        if self.action not in ACTIONS:
            raise ControlError(f"A fault's action is one of {', '.join(ACTIONS)}.")
        if not self.stage:
            self.stage = "answer" if self.action in ("lose", "garble") else "before"
        if self.stage not in STAGES:
            raise ControlError(f"A fault's stage is one of {', '.join(STAGES)}.")
        if self.action in ("lose", "garble"):
            self.stage = "answer"
        try:
            self._pattern = re.compile(self.match)
        except re.error as error:
            raise ControlError(f"match is not a regular expression: {error}") from error
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def strikes(self, subject: str) -> bool:
        """Whether this rule strikes the call ``subject`` now; counts it if so."""
        if self.times == 0 or not self._pattern.search(subject):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        self.struck += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """The rule as the control endpoint shows it."""
        return {item.name: getattr(self, item.name) for item in SHOWN}


SHOWN = tuple(item for item in fields(Rule) if item.init)


def make_rule(values: Mapping[str, Any]) -> Rule:
    """A rule from JSON. Raises ControlError on unknown or missing names."""
    known = {item.name for item in SHOWN} - {"id", "struck"}
    unknown = set(values) - known
    if unknown or "action" not in values:
        wrong = ", ".join(sorted(unknown)) or "action is missing"
        raise ControlError(
            f"A fault has no {wrong}; it has {', '.join(sorted(known))}."
        )
    return Rule(**values)


@dataclass(slots=True)
class HeldCall:
    """A call that waits to be released."""

    id: int
    stage: str
    method: str
    path: str
    operation: str
    items: int
    done: int
    at: float
    released: threading.Event = field(default_factory=threading.Event, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The call as the control endpoint shows it."""
        names = ("id", "stage", "method", "path", "operation", "items", "done", "at")
        return {name: getattr(self, name) for name in names}


class Faults:
    """The rules and the held calls of one running sandbox."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._rules: list[Rule] = []
        self._held: dict[int, HeldCall] = {}

    def add(self, rule: Rule) -> Rule:
        """Put a rule behind the others."""
        with self._changed:
            rule.id = next(self._ids)
            self._rules = [*self._rules, rule]
        return rule

    def rules(self) -> list[dict[str, Any]]:
        """All rules, also those that are used up."""
        return [rule.as_dict() for rule in self._rules]

    def clear(self, rule_id: int | None = None) -> None:
        """Remove one rule, or all of them. Held calls stay held."""
        with self._changed:
            self._rules = [
                rule for rule in self._rules if rule_id not in (None, rule.id)
            ]

    def due(self, stage: str, subject: str, *, done: int = 0) -> list[Rule]:
        """The rules that strike ``subject`` at this stage, counted as struck."""
        if not self._rules:
            return []
        with self._changed:
            return [
                rule
                for rule in self._rules
                if rule.stage == stage
                and (stage != "inside" or rule.after_items == done)
                and rule.strikes(subject)
            ]

    def wait(self, call: HeldCall, seconds: float) -> None:
        """Block until the call is released, or ``seconds`` have passed (0: no end)."""
        with self._changed:
            call.id = next(self._ids)
            self._held[call.id] = call
            self._changed.notify_all()
        call.released.wait(seconds or None)
        with self._changed:
            self._held.pop(call.id, None)

    def held(self, wait: float = 0.0) -> list[dict[str, Any]]:
        """The calls that are held now; waits up to ``wait`` seconds for the first."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: bool(self._held), wait)
            return [call.as_dict() for call in self._held.values()]

    def release(self, call_id: int | None = None) -> int:
        """Let one held call go on, or all; says how many."""
        with self._changed:
            calls = [call for call in self._held.values() if call_id in (None, call.id)]
            for call in calls:
                del self._held[call.id]
                call.released.set()
        return len(calls)


class Hold:
    """Where the faults meet one call. The application tells it how far it is.

    ``cut`` closes the connection at once; after that no answer is sent.
    """

    def __init__(
        self,
        faults: Faults,
        request: Request,
        *,
        cut: Callable[[], None],
        failure: Callable[[int], Response],
    ) -> None:
        self._faults = faults
        self._request = request
        self._cut = cut
        self._failure = failure
        self.operation = ""
        self.items = 1
        self.done = 0

    def begin(self, operation: str, items: int = 1) -> None:
        """Name the call (for matching and the log) and pass the stage ``before``."""
        self.operation = operation
        self.items = items
        self._pass("before")

    def inside(self, done: int) -> None:
        """Say that ``done`` items are committed."""
        self.done = done
        self._pass("inside")

    def after(self) -> None:
        """Say that all work is committed."""
        self.done = self.items
        self._pass("after")

    def answer(self, response: Response) -> Response:
        """The answer as it leaves: the server calls this."""
        for rule in self._faults.due("answer", self._subject()):
            if rule.action == "lose":
                raise CutOff
            if rule.action == "garble":
                half = response.body[: len(response.body) // 2]
                response = Response(response.status, response.headers, half + b"\x00<")
                continue
            self._strike(rule)
        return response

    def _subject(self) -> str:
        return f"{self._request.method} {self._request.path} {self.operation}"

    def _pass(self, stage: str) -> None:
        for rule in self._faults.due(stage, self._subject(), done=self.done):
            self._strike(rule)

    def _strike(self, rule: Rule) -> None:
        if rule.action == "latency":
            time.sleep(rule.seconds + rule.per_item * self.items)
            return
        if rule.action == "cut":
            raise CutOff
        if rule.action == "status":
            raise Answered(self._make_answer(rule))
        if rule.action == "late":
            self._cut()
        self._faults.wait(self._make_call(rule.stage), rule.seconds)

    def _make_answer(self, rule: Rule) -> Response:
        if rule.body is None:
            return self._failure(rule.status)
        headers = {"Content-Type": rule.content_type}
        return Response(rule.status, headers, rule.body.encode())

    def _make_call(self, stage: str) -> HeldCall:
        return HeldCall(
            id=0,
            stage=stage,
            method=self._request.method,
            path=self._request.path,
            operation=self.operation,
            items=self.items,
            done=self.done,
            at=time.time(),
        )

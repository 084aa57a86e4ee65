"""Errors, named by what has to happen next.

Every error that a person sees says what was wrong, with which value, in which
system and what to do. ``message`` is that sentence and holds no secret and no
personal data; ``code`` is the remote system's own code, ``reference`` the thing it
is about (an account id, a tax code): together they make the fingerprint under
which equal failures are counted as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integration_hub.core.http import Exchange


class HubError(Exception):
    """Base of all expected errors.

    ``system`` is the name of the connection it happened in ("" for the hub itself),
    ``action`` the sentence that says what a person can do, ``exchange`` the remote
    call that gave rise to it, where there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        reference: str = "",
        action: str = "",
        system: str = "",
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reference = reference
        self.action = action
        self.system = system
        self.exchange = exchange

    @property
    def fingerprint(self) -> str:
        """Class, code and reference: equal for failures with the same cause."""
        return f"{type(self).__name__}:{self.code}:{self.reference}"[:200]


class ConfigError(HubError):
    """A setting is wrong or missing: the run stops until a person mends it."""


class ExpressionError(ConfigError):
    """An expression of a rule or filter cannot be read.

    ``position`` is where, counted from 1.
    """

    def __init__(
        self, message: str, *, position: int, reference: str = "", action: str = ""
    ) -> None:
        super().__init__(message, code="expression", reference=reference, action=action)
        self.position = position


class FileError(ConfigError):
    """A file cannot be taken. ``problems`` says all that is wrong, each with its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems), code="file")
        self.problems = tuple(problems)


class AuthError(HubError):
    """The system does not accept our credentials: a person has to reconnect."""


class RateLimited(HubError):
    """The system asks us to slow down. Definite: nothing was done.

    ``retry_after`` is in seconds.
    """

    def __init__(self, message: str, *, retry_after: float, **details: object) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Unavailable(HubError):
    """The system cannot be reached or says so. Definite: nothing was done."""


class LeaseLost(HubError):
    """Another worker has taken over: nothing was sent, and nothing may be changed."""


class OutcomeUnknown(HubError):
    """A write was sent and no answer came: look before sending again."""


class RecordError(HubError):
    """This record cannot be moved; the others are not disturbed."""


class MappingError(RecordError):
    """A rule or value map gives no usable value for this record."""


class UnusableError(MappingError):
    """An expression met a value it cannot use; the rule's name is added outside.

    ``value`` is kept apart from the message because it may be personal.
    """

    def __init__(self, message: str, *, value: object, action: str = "") -> None:
        super().__init__(message, code="value", action=action)
        self.value = value


class Rejected(RecordError):
    """The target refused this record."""


class Conflict(RecordError):
    """Something in the target stands in the way and is not ours."""


class NotFound(RecordError):
    """Something the record needs does not exist (any more)."""


class UnsupportedError(RecordError):
    """The connector or this version of the hub cannot do what is asked."""


class TaskFailed(Exception):
    """A task without a run met a defect; its text is the traceback, redacted."""

"""Reasons of records in words; the engine stores the name of an error's class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LABELS: dict[str, _StrOrPromise] = {
    "Conflict": _("something in the target is in the way"),
    "MappingError": _("a rule or value map gives no usable value"),
    "NotFound": _("something it needs is not there"),
    "RecordError": _("cannot be moved"),
    "Rejected": _("refused by the target"),
    "UnsupportedError": _("not supported yet"),
    "UnusableError": _("a rule cannot use a value"),
}


def describe_reason(reason: str) -> _StrOrPromise:
    """The reason as a person reads it."""
    return LABELS.get(reason, reason)

"""Reasons of records in words; mostly the name of an error's class is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integration_hub.core.errors import RecordError, Rejected

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

SKIPPED_BY = "skipped by "
UNDONE_BY = "undone by "
# Refused by the hub itself, before it was posted or for what came back.
CHECKED = "hub check"

LABELS: dict[str, _StrOrPromise] = {
    "Conflict": _("something in the target is in the way"),
    "MappingError": _("a rule or value map gives no usable value"),
    "NotFound": _("something it needs is not there"),
    "RecordError": _("cannot be moved"),
    "Rejected": _("refused by the target"),
    "UnsupportedError": _("not supported yet"),
    "UnusableError": _("a rule cannot use a value"),
    CHECKED: _("did not pass a check of the hub"),
    "branch left out": _("its branch takes no part"),
    # What made a source's record unreadable.
    "date": _("a date that cannot be read"),
    "lines": _("the lines do not add up to the total"),
    "no date": _("no date"),
    "no id": _("no id"),
    "number": _("a number that cannot be read"),
    "quantity": _("a quantity that cannot be read"),
    "tenders": _("the payments do not add up to the total"),
    "unknown type": _("of a type that is not known"),
    "unknown vat method": _("a VAT method that is not known"),
    "unreadable": _("cannot be read"),
}


def name_reason(error: RecordError) -> str:
    """What a record stores; the target's own refusals name their system."""
    if isinstance(error, Rejected) and not error.system:
        return CHECKED
    return type(error).__name__


def describe_reason(reason: str) -> _StrOrPromise:
    """The reason as a person reads it."""
    if reason.startswith(SKIPPED_BY):
        return _now("skipped by %s") % reason.removeprefix(SKIPPED_BY)
    if reason.startswith(UNDONE_BY):
        return _now("taken back by %s") % reason.removeprefix(UNDONE_BY)
    return LABELS.get(reason, reason)

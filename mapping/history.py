"""Looking into the history of a mapping or value map, and taking changes back."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError
from mapping import applying, document_checks
from mapping.declared import Names, names_by_field
from mapping.differences import Change, compare_mappings, compare_value_maps
from mapping.documents import Document
from mapping.models import Mapping, ValueMap, Version
from mapping.versions import Thing, describe, recording


def compare(
    thing: Thing, before: Document, after: Document, names: Names | None = None
) -> list[Change]:
    """What is different between two states of a thing.

    ``names`` tell what ids in value maps and tables stand for.
    """
    if isinstance(thing, Mapping):
        named = names_by_field(thing.target, names or {})
        return compare_mappings(before, after, named)
    return compare_value_maps(before, after, names)


def take_back(thing: Thing, version: Version) -> bool:
    """Make a thing again what it was; whether that changed anything.

    This is a change like any other and can be taken back. Raises ConfigError where the
    old state cannot work any more.
    """
    document = version.document
    if document == describe(thing):
        return False
    problems = _check(thing, document)
    if problems:
        raise ConfigError(
            _("%(thing)s cannot be taken back to this: %(problems)s")
            % {"thing": thing, "problems": " ".join(problems)},
            code="old version",
            reference=str(thing),
            action=_("Choose a later state, or change it by hand."),
        )
    when = date_format(localtime(version.at), "Y-m-d H:i:s")
    with recording(thing, how=_("taken back to what it was on %s") % when):
        apply(thing, document)
    return True


def apply(thing: Thing, document: Document) -> None:
    """Make a thing what a document says, which was checked before."""
    if isinstance(thing, Mapping):
        applying.apply_mapping(thing, document)
    else:
        applying.apply_value_map(thing, document)


def _check(thing: Thing, document: Document) -> list[str]:
    if isinstance(thing, ValueMap):
        wrong = [each.message for each in document_checks.check_value_map(document)]
        return wrong or document_checks.check_users(thing, document)
    found = document_checks.check_mapping(thing, document, None)
    return [problem.message for problem in found]

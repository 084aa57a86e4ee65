"""Every change of a mapping or a value map is kept: who, when, how, and all of it.

Whoever changes one does it inside ``recording``, by whatever way: a form, a service, a
bulk write. What was changed past it is found and kept at the next change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from integration_hub.core.authors import current_author
from mapping import documents
from mapping.documents import Document
from mapping.models import Mapping, ValueMap, Version

Thing = Mapping | ValueMap

NOBODY = "–"
MOST_LOOKED_AT = 50


@contextmanager
def recording(*things: Thing, how: str) -> Iterator[None]:
    """Keep what is changed inside, by whoever is at work, all or nothing.

    Nothing is kept of a thing that is as before. Opens a transaction, so no call to
    another system may be made inside.
    """
    with transaction.atomic():
        for thing in sorted(things, key=lambda each: (str(type(each)), each.pk)):
            _lock(thing)
            _keep_what_was(thing)
        yield
        for thing in things:
            _keep(thing, how=how, by=current_author())


def find_maker(thing: Thing, holds: Callable[[Document], bool]) -> Version | None:
    """The change since which the thing holds something, as far back as is looked."""
    found = None
    for version in thing.versions.all()[:MOST_LOOKED_AT]:
        if not holds(version.document):
            break
        found = version
    return found


def describe(thing: Thing) -> Document:
    """The document of what is stored now."""
    if isinstance(thing, Mapping):
        mapping = Mapping.objects.get(pk=thing.pk)
        return documents.make_mapping(
            mapping.name, mapping.rules.all(), mapping.filters.all()
        )
    value_map = ValueMap.objects.get(pk=thing.pk)
    return documents.make_value_map(value_map, value_map.entries.all())


def _lock(thing: Thing) -> None:
    """One change of a thing at a time, so that none is kept as part of another."""
    type(thing)._default_manager.select_for_update().filter(pk=thing.pk).first()


def _keep_what_was(thing: Thing) -> None:
    """Keep the state before the first change, and what was changed past the history."""
    if thing.versions.exists():
        _keep(thing, how=_("changed without a note of it"), by=NOBODY)
        return
    document = describe(thing)
    if isinstance(thing, ValueMap) or document["rules"] or document["filters"]:
        _store(thing, document, how=_("as it was at first"), by=NOBODY)


def _keep(thing: Thing, *, how: str, by: str) -> None:
    last = thing.versions.first()
    document = describe(thing)
    if last is None or last.document != document:
        _store(thing, document, how=how, by=by)


def _store(thing: Thing, document: Document, *, how: str, by: str) -> None:
    of = {"mapping" if isinstance(thing, Mapping) else "value_map": thing}
    Version.objects.create(**of, by=by, how=how[:200], document=document)

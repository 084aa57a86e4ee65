"""The lists that value maps choose from, as the two systems have them now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.utils.translation import gettext as _

from connectors.contract import Choice, SetUpLine
from connectors.models import Connection
from connectors.services import open_connection
from flows.engine.kept_lists import kept_list, known_lists, list_key, oldest_list
from flows.models import Integration
from integration_hub.core.errors import HubError
from mapping.declared import Names, fields_of_target
from mapping.listings import find_gone, iter_lists, name_choice
from mapping.models import Mapping as RuleSet
from mapping.models import ValueMap

# So many entries that are gone are named in one line.
MOST_NAMED = 5
Wanted = Sequence[tuple[Connection, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists by name; ``problem`` says why some could not be asked.

    ``asked`` is when the oldest of them was asked for.
    """

    found: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    problem: str = ""
    asked: datetime | None = None


def ask(wanted: Wanted) -> Lists:
    """Lists of connections by their names; kept for an hour.

    Makes calls, so no transaction may be open.
    """
    found: dict[str, Sequence[Choice]] = {}
    problems: list[str] = []
    for connection, names in wanted:
        try:
            connector = open_connection(connection) if names else None
            for name in names:
                if connector is not None:
                    found[name] = kept_list(connector, name)
        except HubError as error:
            problems.append(f"{error.message} {error.action}".strip())
    times = (oldest_list(connection.pk, names) for connection, names in wanted)
    return Lists(found, " ".join(problems), min(filter(None, times), default=None))


def ask_map_lists(value_map: ValueMap) -> Lists:
    """The lists that a value map's keys (source) and columns (target) choose from."""
    integration = integration_of(value_map)
    return ask(_list_wanted(integration, [value_map])) if integration else Lists()


def forget_map_lists(value_map: ValueMap) -> None:
    """Ask both systems again next time, because somebody has changed their lists."""
    integration = integration_of(value_map)
    if integration is not None:
        _forget(_list_wanted(integration, [value_map]))


def known_names(mapping: RuleSet) -> Names:
    """What ids of the target's fields stand for, as far as that is kept now.

    Makes no call; two queries.
    """
    found = Integration.objects.filter(flows__mapping=mapping)
    target = found.values_list("target", flat=True).order_by("pk").first()
    fields = fields_of_target(mapping.target).values()
    wanted = {f.choices for f in fields if isinstance(f.choices, str)} - {""}
    kept = known_lists(target, wanted) if target is not None else {}
    return {
        name: {choice.id: name_choice(choice) for choice in choices}
        for name, choices in kept.items()
    }


def integration_of(value_map: ValueMap) -> Integration | None:
    """Whose flows look up in a value map."""
    found = Integration.objects.select_related("source", "target")
    return found.filter(value_maps_id=value_map.map_set_id).first()


def check_entries(
    integration: Integration, *, told: Iterable[SetUpLine]
) -> Iterator[SetUpLine]:
    """A red line for each map that names what the target has no longer.

    What the source has no longer is only told: nothing of it comes any more. ``told``
    are the lines that are there already; what is red there is not told twice.
    """
    maps = list(integration.value_maps.value_maps.prefetch_related("entries"))
    used = [value_map for value_map in maps if value_map.entries.all()]
    wanted = _list_wanted(integration, used)
    _forget(wanted)
    lists = ask(wanted).found
    red = {line.page for line in told if not line.ok}
    for value_map in used:
        page = f"map:{value_map.name}"
        gone, left = _find_gone(value_map, lists)
        if gone and page not in red:
            yield SetUpLine(
                _("What “%s” names is in use") % value_map.label,
                False,
                _("Not in use any more: %s.") % _enumerate(gone),
                _("Choose others in the value map."),
                page,
            )
        elif left:
            text = _("Rows that nothing comes for any more: %s.") % _enumerate(left)
            label = _("The rows of “%s”") % value_map.label
            yield SetUpLine(label, ok=True, text=text)


def _find_gone(
    value_map: ValueMap, lists: Mapping[str, Sequence[Choice]]
) -> tuple[list[str], list[str]]:
    """What the target has no longer, and what the source has no longer."""
    gone: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for entry in value_map.entries.all():
        row = entry.keys, entry.values
        for each in find_gone(value_map.key_fields, value_map.columns, row, lists):
            gone[each.is_key][each.shown] = None
    return list(gone[False]), list(gone[True])


def _enumerate(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown + (_(" and %s more") % more if more > 0 else "")


def _list_wanted(integration: Integration, maps: Iterable[ValueMap]) -> Wanted:
    keys: dict[str, None] = {}
    columns: dict[str, None] = {}
    for value_map in maps:
        keys |= dict.fromkeys(iter_lists(value_map.key_fields))
        columns |= dict.fromkeys(iter_lists(value_map.columns))
    return [(integration.source, list(keys)), (integration.target, list(columns))]


def _forget(wanted: Wanted) -> None:
    for connection, names in wanted:
        cache.delete_many([list_key(connection.pk, name) for name in names])

"""Setting up an integration: its value maps, its flows, the choices of its target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from connectors import registry
from connectors.contract import (
    Connector,
    Feed,
    Field,
    PlanSettings,
    SetUp,
    SetUpLine,
)
from connectors.models import Connection
from connectors.services import open_connection
from flows import map_lists, twins
from flows.engine.kept_lists import list_key
from flows.models import Flow, Integration
from integration_hub.core.errors import ConfigError
from mapping.map_services import install_value_maps
from mapping.models import Mapping as RuleSet
from mapping.models import Rule, ValueMap, ValueMapEntry, ValueMapSet
from mapping.offers import find_new_maps
from mapping.services import install_defaults

# So many things that are wrong are named; the page has them all.
MOST_TOLD = 3


@transaction.atomic
def create_integration(integration: Integration) -> None:
    """Store a new integration with its value maps and a flow, off, per feed.

    A flow is made for every feed of the source of a kind that the target can write,
    with the target's default rules.
    """
    target = registry.get(integration.target.connector)
    integration.value_maps = ValueMapSet.objects.create(name=integration.name)
    install_value_maps(integration.value_maps, target.value_map_templates)
    integration.save()
    for feed in feeds_between(integration.source, integration.target):
        _create_flow(integration, feed, target)


def _create_flow(integration: Integration, feed: Feed, target: type[Connector]) -> None:
    rules = RuleSet.objects.create(
        name=f"{integration.name}: {feed.label}",
        source=integration.source.connector,
        target=integration.target.connector,
        kind=feed.kind.value,
    )
    install_defaults(rules, target.default_rules)
    Flow.objects.create(
        integration=integration,
        name=feed.label,
        feed=feed.key,
        mapping=rules,
        page_size=feed.page_size,
    )


def list_new_maps(integration: Integration) -> list[str]:
    """The value maps that this version of the target ships and that are not there."""
    names = list(integration.value_maps.value_maps.values_list("name", flat=True))
    found = find_new_maps(names, integration.target.connector)
    return [each["label"] for each in found]


def add_new_maps(integration: Integration) -> list[ValueMap]:
    """Add them, empty; gives those that are new."""
    map_set = integration.value_maps
    names = list(map_set.value_maps.values_list("name", flat=True))
    new = find_new_maps(names, integration.target.connector)
    return install_value_maps(map_set, new)


def feeds_between(source: Connection, target: Connection) -> list[Feed]:
    """The feeds of the source that the target can take."""
    written = registry.get(target.connector).writes
    feeds = registry.get(source.connector).feeds
    return [feed for feed in feeds if feed.kind in written]


def settings_fields(integration: Integration) -> list[Field]:
    """What the target asks of an integration."""
    return list(registry.get(integration.target.connector).target_settings)


def ask_lists(integration: Integration) -> map_lists.Lists:
    """The lists that the target's settings choose from; kept for an hour.

    Makes calls, so no transaction may be open.
    """
    return map_lists.ask([(integration.target, _list_names(integration))])


def ask_names(
    wanted: Iterable[tuple[Connection, Iterable[str]]],
) -> dict[str, dict[str, str]]:
    """Names by id of lists of systems, as far as they can be asked now.

    Makes calls, so no transaction may be open.
    """
    known = [
        (system, set(names) & set(registry.get(system.connector).choice_lists))
        for system, names in wanted
    ]
    found = map_lists.ask(known).found
    return {
        name: {each.id: each.name for each in choices}
        for name, choices in found.items()
    }


def ask_rule_list(rule: Rule, name: str) -> map_lists.Lists:
    """The target's list of a name, that the values of a rule are picked from."""
    found = Integration.objects.select_related("target")
    integration = found.filter(flows__mapping_id=rule.mapping_id).first()
    if integration is None or not name:
        return map_lists.Lists()
    return map_lists.ask([(integration.target, [name])])


def forget_choices(integration: Integration) -> None:
    """Ask the target again next time, because somebody has changed its lists."""
    names = _list_names(integration)
    cache.delete_many([list_key(integration.target_id, name) for name in names])


def switch(flow: Flow, *, on: bool) -> None:
    """Let a flow run by its schedule, or no longer.

    Raises ConfigError while another flow posts the same, a setting is missing that its
    target cannot do without, or anything else in its set-up is wrong. Makes calls: no
    transaction may be open.
    """
    if on:
        twins.require_single(flow)
        require_settings(flow)
        require_set_up(flow)
    flow.enabled = on
    flow.next_run_at = None
    flow.save(update_fields=["enabled", "next_run_at"])


def require_settings(flow: Flow) -> None:
    """Raise ConfigError naming the settings that have to be chosen first."""
    integration, values = flow.integration, flow.settings_in_force
    missing = [
        field.label
        for field in settings_fields(integration)
        if field.required and values.get(field.name) in (None, "")
    ]
    if missing:
        raise ConfigError(
            _("%(name)s is not complete: %(fields)s.")
            % {"name": integration.name, "fields": ", ".join(missing)},
            code="incomplete",
            reference=integration.name,
            action=_("Choose it in the settings of the integration."),
        )


def check_flow(flow: Flow) -> list[SetUpLine]:
    """What has to be right before a flow is switched on: all that both systems see.

    Makes calls: no transaction may be open. Raises HubError where one cannot be asked.
    """
    source = open_connection(flow.integration.source)
    return [
        *check_set_up(flow),
        *source.check_feed(flow.feed),
        _check_twin(flow),
    ]


def _check_twin(flow: Flow) -> SetUpLine:
    label = _("No other flow posts the same")
    first = twins.find_twin(flow)
    if first is None:
        return SetUpLine(label, ok=True)
    error = twins.explain(flow, first)
    return SetUpLine(label, False, error.message, error.action, f"flow:{first.pk}")


def check_set_up(flow: Flow) -> list[SetUpLine]:
    """What has to be right before a flow posts anything, as the target sees it now.

    Makes calls: no transaction may be open. Raises HubError where it cannot be asked.
    """
    integration = flow.integration
    source = registry.get(integration.source.connector)
    target = open_connection(integration.target)
    rows = ValueMapEntry.objects.filter(value_map__map_set=integration.value_maps_id)
    maps: dict[str, list[tuple[Sequence[str], Mapping[str, str]]]] = {}
    for entry in rows.select_related("value_map"):
        maps.setdefault(entry.value_map.name, []).append((entry.keys, entry.values))
    settings = PlanSettings(
        values=flow.settings_in_force,
        hub=integration.mark,
        prefix=integration.number_prefix,
        start_date=integration.start_date,
    )
    lines = target.check_set_up(SetUp(settings, maps, currency=source.currency))
    return [*lines, *map_lists.check_entries(integration, told=lines)]


def require_set_up(flow: Flow) -> None:
    """Raise ConfigError naming what is wrong in the set-up."""
    integration = flow.integration
    wrong = [line for line in check_flow(flow) if not line.ok]
    if not wrong:
        return
    told = " ".join(f"“{line.label}”: {line.text}" for line in wrong[:MOST_TOLD])
    more = len(wrong) - MOST_TOLD
    if more > 0:
        told += " " + _("%s more.") % more
    raise ConfigError(
        _("%(name)s is not ready, because this is not so: %(problems)s")
        % {"name": integration.name, "problems": told},
        code="set-up",
        reference=integration.name,
        action=_("Look at “Check the set-up” on the page of the flow."),
    )


def _list_names(integration: Integration) -> list[str]:
    fields = settings_fields(integration)
    return sorted({f.choices for f in fields if isinstance(f.choices, str)} - {""})

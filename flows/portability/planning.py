"""What an import would do: looked into as a whole, and told, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.utils.translation import gettext as _

from connectors import registry
from connectors.models import Connection
from flows import setup
from flows.models import Integration
from flows.portability.plans import Plan, flows_here
from flows.portability.reading import read_tree
from flows.portability.schema import clean_settings, read_file
from flows.portability.shapes import Findings
from flows.portability.telling import tell
from integration_hub.core.errors import FileError
from mapping import document_checks
from mapping.declared import Names
from mapping.documents import Document
from mapping.map_services import load_value_maps
from mapping.models import Mapping as RuleSet

MOST_WRONGS = 100
SIDES = ("source", "target")


def prepare(
    data: bytes,
    *,
    connections: Mapping[str, str] | None = None,
    names: Names | None = None,
) -> Plan:
    """Look into a file and say what it would change.

    ``connections`` puts names of this hub in the place of the file's, ``names`` tell
    what ids stand for. Raises FileError with everything that is wrong.
    """
    found = Findings()
    document = read_file(read_tree(data), found)
    _stop(found)
    document = _normalize(document, found)
    source, target = _find_connections(document, connections or {}, found)
    integration = Integration.objects.filter(name=document["name"]).first()
    mappings = _resolve_mappings(document, integration)
    plan = Plan(document, source, target, integration, mappings)
    _check_integration(plan, found)
    _check_flows(plan, found)
    _check_mappings(plan, found)
    _stop(found)
    tell(plan, names or {})
    return plan


def _stop(found: Findings) -> None:
    if not found.wrongs:
        return
    wrongs = sorted(found.wrongs, key=lambda wrong: wrong.line)
    told = [str(wrong) for wrong in wrongs[:MOST_WRONGS]]
    if len(wrongs) > MOST_WRONGS:
        told.append(_("And %s more.") % (len(wrongs) - MOST_WRONGS))
    raise FileError(told)


def _normalize(document: Document, found: Findings) -> Document:
    """Value maps as they come back once stored; their problems are noted."""
    maps, seen = [], set()
    for place, each in enumerate(document["value_maps"]):
        path = ("value_maps", place)
        if each["name"] in seen:
            found.add_at(path, _("A second value map is called “%s”.") % each["name"])
        seen.add(each["name"])
        problems = document_checks.check_value_map(each)
        for problem in problems:
            found.add_at((*path, *problem.path), problem.message)
        maps.append(each if problems else document_checks.normalize_value_map(each))
    settings = clean_settings(document["settings"])
    return {**document, "settings": settings, "value_maps": maps}


# ----------------------------------------------------------------------- connections


def ask_names(
    data: bytes, *, connections: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """What the ids in a file stand for in the systems that it is for, by list.

    Nothing where the file cannot be read or a system not be asked. Makes calls: no
    transaction may be open.
    """
    found = Findings()
    try:
        document = read_file(read_tree(data), found)
        _stop(found)
        source, target = _find_connections(document, connections or {}, found)
    except FileError:
        return {}
    keys, columns = set(), set()
    for each in document["value_maps"]:
        keys |= {key.get("choices", "") for key in each["keys"]}
        columns |= {column.get("choices", "") for column in each["columns"]}
    books = registry.get(target.connector)
    tables = {
        (rule["scope"], rule["field"])
        for each in document["mappings"]
        for rule in each["rules"]
        if rule.get("table")
    }
    fields = [f for f in books.target_fields if (f.scope, f.name) in tables]
    for declared in (*books.target_settings, *fields):
        columns |= {declared.choices} if isinstance(declared.choices, str) else set()
    return setup.ask_names([(source, keys - {""}), (target, columns - {""})])


def name_ends(data: bytes) -> dict[str, str]:
    """The names of source and target in a file, as far as it can be read."""
    try:
        named = read_tree(data).named or {}
    except FileError:
        return {}
    ends = {side: (named[side].named or {}) for side in SIDES if side in named}
    names = {side: end["name"].text for side, end in ends.items() if "name" in end}
    return {side: name for side, name in names.items() if name}


def _find_connections(
    document: Document, chosen: Mapping[str, str], found: Findings
) -> tuple[Connection, Connection]:
    """Source and target of here. Raises FileError."""
    known = {connection.name: connection for connection in Connection.objects.all()}
    named = {document[side]["name"] for side in SIDES}
    for name in chosen.keys() - named:
        told = _("The file has no connection “%(name)s”; it has %(known)s.")
        found.add(0, told % {"name": name, "known": ", ".join(sorted(named))})
    source = _find_connection("source", document, chosen, known, found)
    target = _find_connection("target", document, chosen, known, found)
    if source is None or target is None:
        _stop(found)
    return cast(Connection, source), cast(Connection, target)


def _find_connection(
    side: str,
    document: Document,
    chosen: Mapping[str, str],
    known: Mapping[str, Connection],
    found: Findings,
) -> Connection | None:
    wanted = document[side]
    name = chosen.get(wanted["name"], wanted["name"])
    connection = known.get(name)
    path = (side, "name")
    if connection is None:
        told = _(
            "There is no connection “%(name)s” here; there is %(known)s. Add it, or say"
            " which one takes its place."
        )
        listed = ", ".join(sorted(known)) or _("none")
        found.add_at(path, told % {"name": name, "known": listed})
    elif connection.connector != wanted["system"]:
        told = _(
            "“%(name)s” is a connection to %(here)s here, in the file to %(there)s."
        )
        values = {"name": name, "here": connection.connector}
        found.add_at((side, "system"), told % {**values, "there": wanted["system"]})
        return None
    elif (
        wanted["name"] not in chosen and connection.environment != wanted["environment"]
    ):
        told = _(
            "“%(name)s” is %(here)s here, in the file %(there)s. Choose the connection"
            " yourself if that is meant."
        )
        values = {"name": name, "here": connection.environment}
        there = wanted["environment"]
        found.add_at((side, "environment"), told % {**values, "there": there})
    return connection


def _check_integration(plan: Plan, found: Findings) -> None:
    there = plan.integration
    if there is None:
        return
    for side in SIDES:
        here, wanted = getattr(there, side), getattr(plan, side)
        if here != wanted:
            told = _(
                "“%(integration)s” uses “%(here)s” here and keeps it; the file says"
                " “%(there)s”. Give the file's integration another name."
            )
            values = {"integration": there.name, "here": here, "there": wanted}
            found.add_at((side, "name"), told % values)


# ----------------------------------------------------------------- flows and mappings


def _resolve_mappings(
    document: Document, integration: Integration | None
) -> dict[str, RuleSet | None]:
    """The mapping that each of the file's flows uses here already, by name."""
    flows = flows_here(integration)
    found: dict[str, RuleSet | None] = {m["name"]: None for m in document["mappings"]}
    for each in document["flows"]:
        there, name = flows.get(each["feed"]), each["mapping"]
        taken = {mapping.pk for mapping in found.values() if mapping}
        if there and found.get(name, there) is None and there.mapping_id not in taken:
            found[name] = there.mapping
    return found


def _check_flows(plan: Plan, found: Findings) -> None:
    feeds = {feed.key: feed for feed in setup.feeds_between(plan.source, plan.target)}
    flows = plan.document["flows"]
    here = flows_here(plan.integration)
    moved = {each["feed"] for each in flows}
    names = {flow.name for feed, flow in here.items() if feed not in moved}
    seen: set[str] = set()
    for place, each in enumerate(flows):
        path = ("flows", place)
        if each["feed"] not in feeds:
            told = _(
                "“%(feed)s” is no feed between the two systems; there is %(known)s."
            )
            values = {"feed": each["feed"], "known": ", ".join(feeds) or "–"}
            found.add_at((*path, "feed"), told % values)
        if each["feed"] in seen:
            told = _("A second flow moves “%s”; an integration moves each feed once.")
            found.add_at((*path, "feed"), told % each["feed"])
        if each["name"] in names:
            told = _("A second flow of this integration is called “%s”.")
            found.add_at((*path, "name"), told % each["name"])
        if each["mapping"] not in plan.mappings:
            told = _("The file has no mapping “%s”.")
            found.add_at((*path, "mapping"), told % each["mapping"])
        seen.add(each["feed"])
        names.add(each["name"])


def _check_mappings(plan: Plan, found: Findings) -> None:
    feeds = {feed.key: feed for feed in setup.feeds_between(plan.source, plan.target)}
    before = load_value_maps(plan.integration.value_maps) if plan.integration else {}
    maps = dict(before)
    for each in plan.document["value_maps"]:
        maps[each["name"]] = document_checks.read_map_data(each)
    for told in document_checks.find_broken(_list_left(plan), before, maps):
        found.add_at(("value_maps",), told)
    used = {flow["mapping"]: flow["feed"] for flow in plan.document["flows"]}
    seen: set[str] = set()
    for place, document in enumerate(plan.document["mappings"]):
        path: tuple[Any, ...] = ("mappings", place)
        name = document["name"]
        if name in seen:
            found.add_at(path, _("A second mapping is called “%s”.") % name)
        elif name not in used:
            found.add_at(path, _("No flow uses the mapping “%s”.") % name)
        elif used[name] in feeds:
            rules = make_rule_set(plan, name, feeds[used[name]].kind.value)
            for problem in document_checks.check_mapping(rules, document, maps):
                found.add_at((*path, *problem.path), problem.message)
        seen.add(name)


def _list_left(plan: Plan) -> list[RuleSet]:
    """The mappings of the integration that the file does not have."""
    here = [flow.mapping for flow in flows_here(plan.integration).values()]
    changed = [mapping for mapping in plan.mappings.values() if mapping]
    return [mapping for mapping in here if mapping not in changed]


def make_rule_set(plan: Plan, name: str, kind: str) -> RuleSet:
    """A mapping between the plan's systems, not stored."""
    systems = plan.source.connector, plan.target.connector
    return RuleSet(name=name, source=systems[0], target=systems[1], kind=kind)

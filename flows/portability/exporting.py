"""An integration as one document, and that as a file that people can read.

Nothing secret is in it: of a connection only its name, system and environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from connectors import registry
from connectors.models import Connection
from flows.models import Flow, Integration
from flows.portability.schema import (
    FLOW_PARTS,
    INTEGRATION_PARTS,
    SCHEMA,
    clean_settings,
    portable_settings,
)
from mapping.documents import Document, order_key, pick
from mapping.models import Mapping as RuleSet
from mapping.versions import describe

HEAD = """\
# An integration of Integration Hub, without its secrets. Import it on the page of the
# integrations, or by: manage.py import_integration FILE
"""
WIDTH = 110
# What some reader of YAML takes for an end of the line, or for nothing.
UNSEEN = re.compile("[\x85\u2028\u2029\ufeff]")
# What some reader of YAML takes for a number, a date or yes and no.
MISLEADING = re.compile(r"[-+.\d].*|y|n|Y|N")


def export(integration: Integration) -> str:
    """The file of an integration, the same for the same integration."""
    return HEAD + write_yaml(_lay_out(describe_integration(integration)))


def write_yaml(document: Document) -> str:
    """A document as YAML; every text comes back as it is, whoever reads it."""
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        default_flow_style=False,
    )
    return text


def describe_integration(integration: Integration) -> Document:
    """What there is of an integration, flows by the names of their mappings."""
    flows = list(integration.flows.select_related("mapping").order_by("feed"))
    names = name_mappings(flows)
    mappings = {flow.mapping_id: flow.mapping for flow in flows}
    maps = integration.value_maps.value_maps.all()
    found = pick(integration, INTEGRATION_PARTS)
    if integration.mark == own_mark(integration.source):
        found.pop("mark", None)
    return {
        "schema": SCHEMA,
        "name": found.pop("name"),
        "source": describe_connection(integration.source),
        "target": describe_connection(integration.target),
        **found,
        "start_date": integration.start_date.isoformat(),
        "settings": _pick_settings(integration, integration.defaults),
        "flows": [_describe_flow(flow, names) for flow in flows],
        "mappings": [
            {**describe(mapping), "name": names[pk]} for pk, mapping in mappings.items()
        ],
        "value_maps": sorted(
            (describe(each) for each in maps), key=lambda each: order_key(each["name"])
        ),
    }


def own_mark(source: Connection) -> str:
    """The mark that an integration of this source gets by itself."""
    return f"hub-{source.origin}"


def describe_connection(connection: Connection) -> Document:
    """A connection by what is no secret."""
    return {
        "name": connection.name,
        "system": connection.connector,
        "environment": str(connection.environment),
    }


def name_mappings(flows: list[Flow]) -> dict[int, str]:
    """Names of the flows' mappings by id, each once."""
    names: dict[int, str] = {}
    for flow in flows:
        if flow.mapping_id not in names:
            names[flow.mapping_id] = _find_name(flow.mapping, set(names.values()))
    return names


def _find_name(mapping: RuleSet, taken: set[str]) -> str:
    name, number = mapping.name, 2
    while name in taken:
        name, number = f"{mapping.name[:94]} ({number})", number + 1
    return name


def _describe_flow(flow: Flow, names: Mapping[int, str]) -> Document:
    plain = [part for part in FLOW_PARTS if part.name != "mapping"]
    own = _pick_settings(flow.integration, flow.settings, keep_empty=True)
    found = pick(flow, plain)
    head = {name: found.pop(name) for name in ("name", "feed")}
    made = {**head, "mapping": names[flow.mapping_id], **found}
    return {**made, "settings": own} if own else made


def _pick_settings(
    integration: Integration, values: Mapping[str, Any], *, keep_empty: bool = False
) -> dict[str, Any]:
    """What is chosen, in the order in which the target asks for it."""
    target = registry.all_connectors().get(integration.target.connector)
    fields = portable_settings(target.target_settings) if target else []
    found = {f.name: values[f.name] for f in fields if f.name in values}
    return found if keep_empty else clean_settings(found)


# ------------------------------------------------------------------------------ YAML


class _OneLine(dict[str, Any]):
    """Named values that stand in one line."""


class _Dumper(yaml.SafeDumper):
    """Writes every text so that no reader of YAML takes it for anything else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists are indented below their name."""
        super().increase_indent(flow, indentless=False)


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if UNSEEN.search(text):
        style = '"'
    elif "\n" in text:
        style = "|"
    elif MISLEADING.fullmatch(text):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _write_line(dumper: yaml.SafeDumper, data: _OneLine) -> yaml.MappingNode:
    return dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=True
    )


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(_OneLine, _write_line)


def _lay_out(document: Document) -> Document:
    """The document with what belongs together in one line."""
    maps = [
        {
            **each,
            **{n: [_OneLine(e) for e in each[n]] for n in ("keys", "columns", "rows")},
        }
        for each in document["value_maps"]
    ]
    ends = {name: _OneLine(document[name]) for name in ("source", "target")}
    return {**document, **ends, "value_maps": maps}

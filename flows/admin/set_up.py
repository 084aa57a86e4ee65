"""The set-up of a flow as its page shows it: what is right, and what repairs the rest."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from connectors.contract import SetUpLine
from flows import setup
from flows.admin.integrations import DEFAULT
from flows.models import Flow
from mapping.models import ValueMap

MAP = "map:"


def present_set_up(flow: Flow) -> dict[str, Any]:
    """All lines, red ones on top. Makes calls; raises HubError."""
    integration = flow.integration
    lines = setup.check_flow(flow)
    maps = ValueMap.objects.filter(map_set=integration.value_maps_id)
    ids = dict(maps.values_list("name", "pk"))
    rows = [
        {"line": line, "url": "" if line.ok else repair_url(line, flow, ids)}
        for line in sorted(lines, key=lambda line: line.ok)
    ]
    return {
        "rows": rows,
        "wrong": sum(not line.ok for line in lines),
        "back_url": reverse("admin:flows_flow_change", args=(flow.pk,)),
    }


def repair_url(line: SetUpLine, flow: Flow, maps: dict[str, int]) -> str:
    """The page that repairs a line; the connection's where none is told."""
    integration = flow.integration
    map_id = maps.get(line.page.removeprefix(MAP))
    if line.page.startswith(MAP) and map_id is not None:
        return reverse("admin:mapping_valuemap_change", args=(map_id,))
    if line.page.startswith("https://"):
        return line.page
    page, _, name = line.page.partition(":")
    if page == "settings" and (name in flow.settings or (flow.settings and not name)):
        return reverse("admin:flows_own_settings", args=(flow.pk,))
    if page == "settings":
        url = reverse("admin:flows_integration_change", args=(integration.pk,))
        return f"{url}#id_{DEFAULT}{name}" if name else url
    if page == "flow":
        return reverse("admin:flows_flow_change", args=(name,))
    ends = {"source": integration.source_id}
    connection = ends.get(page, integration.target_id)
    return reverse("admin:connectors_connection_change", args=(connection,))

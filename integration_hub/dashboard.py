"""The admin's first page: is everything working, and what has a person to do."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format

from connectors import registry
from connectors.models import Connection
from flows import alerts, open_entries, overview
from flows.models import Alert, Flow, RecordState, SyncRecord
from flows.open_entries import OpenEntry
from flows.overview import DayCount

CHART_DAYS = 14
WEEK = 7
MOST_ALERTS = 8
COLOURS = {
    RecordState.SYNCED: "#22a06b",
    RecordState.SKIPPED: "#9aa5b1",
    RecordState.UNDONE: "#697586",
    RecordState.PENDING: "#5b8def",
    RecordState.WAITING: "#f0b429",
    RecordState.IN_DOUBT: "#de911d",
    RecordState.FAILED: "#e12d39",
}


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this person may see to the page's context."""
    counts: Sequence[DayCount] = []
    if may_see(request, Flow):
        counts = overview.count_days(CHART_DAYS)
        context["flows"] = list_flows(counts)
        context["chart"] = make_chart(counts)
        context["chart_options"] = CHART_OPTIONS
        context["newest"] = max((count.day for count in counts), default=None)
        context["queue"] = overview.check_queue()
    if may_see(request, Connection):
        context["connections"] = list_connections()
    entries: Sequence[OpenEntry] = []
    if may_see(request, SyncRecord):
        entries = open_entries.list_entries()
        context["open_entries"] = entries[:MOST_ALERTS]
        context["more_entries"] = len(entries[MOST_ALERTS:])
    if may_see(request, Alert):
        found = open_alerts(entries)
        context["alerts"] = list_alerts(request, found)
        shown = len(context["alerts"])
        context["more_alerts"] = found.count() - shown if shown == MOST_ALERTS else 0
    return context


def may_see(request: HttpRequest, model: type[Any]) -> bool:
    """Whether this person may look at objects of this model."""
    return admin.site._registry[model].has_view_permission(request)


def list_connections() -> list[dict[str, Any]]:
    """Every connection with its system's name."""
    labels = dict(registry.list_choices())
    return [
        {"connection": each, "system": labels.get(each.connector, each.connector)}
        for each in Connection.objects.defer("credentials", "tokens")
    ]


def list_flows(counts: Iterable[DayCount]) -> list[dict[str, Any]]:
    """Every flow with its last run and its records of the last week."""
    recent: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = list(counts)
    newest = max((row.day for row in rows), default=date.min)
    for row in rows:
        if (newest - row.day).days < WEEK:
            recent[row.flow][row.state] += row.count
    found = overview.with_last_run(Flow.objects.select_related("integration"))
    return [{"flow": flow, "counts": dict(recent[flow.pk])} for flow in found]


def list_alerts(request: HttpRequest, found: QuerySet[Alert]) -> list[dict[str, Any]]:
    """Alerts, those that stop most first, with what can be done."""
    model_admin: Any = admin.site._registry[Alert]
    most = found.order_by("-records", "-pk").select_related("flow__integration")
    return [
        {"alert": alert, "buttons": model_admin.buttons_of(request, alert)}
        for alert in most[:MOST_ALERTS]
    ]


def open_alerts(entries: Sequence[OpenEntry]) -> QuerySet[Alert]:
    """The alerts whose cause is still there and is not told by an open entry."""
    told = alerts.find_open(entry.fingerprint for entry in entries)
    twice = [told[entry.key] for entry in entries if entry.key in told]
    return Alert.objects.filter(resolved_at__isnull=True).exclude(pk__in=twice)


def make_chart(counts: Sequence[DayCount]) -> str:
    """Chart.js data: a bar per business day, a part of it per state."""
    if not counts:
        return ""
    newest = max(count.day for count in counts)
    days = [newest - timedelta(days=back) for back in reversed(range(CHART_DAYS))]
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for count in counts:
        sums[count.state, count.day] += count.count
    datasets = [
        {
            "label": str(state.label),
            "data": [sums[state, day] for day in days],
            "backgroundColor": colour,
        }
        for state, colour in COLOURS.items()
        if any(sums[state, day] for day in days)
    ]
    labels = [date_format(day, "j M") for day in days]
    return json.dumps({"labels": labels, "datasets": datasets})


CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "datasets": {"bar": {"maxBarThickness": 34, "borderRadius": 2}},
        "plugins": {
            "legend": {
                "position": "bottom",
                "labels": {"boxWidth": 10, "boxHeight": 10, "color": "#8a94a3"},
            },
            "tooltip": {"mode": "index", "intersect": False},
        },
        "scales": {
            "x": {
                "stacked": True,
                "grid": {"display": False},
                "ticks": {"color": "#8a94a3"},
            },
            "y": {
                "stacked": True,
                "border": {"display": False},
                "grid": {"color": "rgba(138, 148, 163, 0.2)"},
                "ticks": {"color": "#8a94a3", "precision": 0, "maxTicksLimit": 6},
            },
        },
    }
)

"""The admin's menu: what this person may see, in the order of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Entry = tuple[_StrOrPromise, str, str]

# A page without a model: who may see its records may see it.
OPEN_ENTRIES = "open entries"

# Title, Material Symbol and model.
GROUPS: tuple[tuple[_StrOrPromise, tuple[Entry, ...]], ...] = (
    (
        _("Work"),
        (
            (_("Alerts"), "notifications", "flows.Alert"),
            (_("Open entries"), "pending_actions", OPEN_ENTRIES),
            (_("Runs"), "play_circle", "flows.Run"),
            (_("Sync records"), "receipt_long", "flows.SyncRecord"),
        ),
    ),
    (
        _("Set up"),
        (
            (_("Connections"), "cable", "connectors.Connection"),
            (_("Integrations"), "hub", "flows.Integration"),
            (_("Flows"), "conversion_path", "flows.Flow"),
            (_("Mappings"), "rule", "mapping.Mapping"),
            (_("Value maps"), "table_chart", "mapping.ValueMap"),
        ),
    ),
    (
        _("Operate"),
        (
            (_("Queue"), "stacks", "django_q.OrmQ"),
            (_("Failed tasks"), "error", "django_q.Failure"),
            (_("Users"), "person", "auth.User"),
            (_("Groups"), "group", "auth.Group"),
        ),
    ),
)


def list_groups(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu as unfold takes it."""
    home = {
        "title": _("Dashboard"),
        "icon": "dashboard",
        "link": reverse("admin:index"),
    }
    groups: list[dict[str, Any]] = [{"items": [home]}]
    for title, entries in GROUPS:
        items = [item for entry in entries if (item := _item(request, entry))]
        groups.append({"title": title, "separator": True, "items": items})
    _mark_current(groups, request.path)
    return groups


def _mark_current(groups: list[dict[str, Any]], path: str) -> None:
    """The entry whose address is the nearest above the page, and no other."""
    items = [item for group in groups for item in group["items"]]
    home = reverse("admin:index")
    above = [item["link"] for item in items if path.startswith(item["link"])]
    nearest = max(above, key=len, default="")
    for item in items:
        item["active"] = item["link"] == nearest and (nearest != home or path == home)


def count_alerts(request: HttpRequest) -> str:
    """How many alerts are open; beside the menu's entry."""
    model = apps.get_model("flows.Alert")
    return str(model._default_manager.filter(resolved_at__isnull=True).count())


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any] | None:
    title, icon, name = entry
    if name == OPEN_ENTRIES:
        if not request.user.has_perm("flows.view_syncrecord"):
            return None
        link = reverse("admin:flows_open_entries")
        return {"title": title, "icon": icon, "link": link}
    model_admin = admin.site._registry.get(apps.get_model(name))
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    opts = model_admin.opts
    link = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    item: dict[str, Any] = {"title": title, "icon": icon, "link": link}
    if name == "flows.Alert":
        count = count_alerts(request)
        if count != "0":
            item["badge"] = count
    return item

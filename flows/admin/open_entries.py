"""The page of what nobody has decided yet, with the way to mend it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.views.decorators.http import require_POST

from flows import alerts, open_entries, services
from flows.admin.alerts import describe_retried
from flows.open_entries import OpenEntry
from flows.reasons import describe_reason
from flows.templatetags.hub import SETTINGS
from integration_hub.core.panel.bases import BACK
from mapping.map_admin import ROW

if TYPE_CHECKING:
    from integration_hub.core.panel.bases import PanelAdmin

VIEW = "flows.view_syncrecord"
RETRY = "flows.retry_syncrecord"
CHANGE_MAP = "mapping.view_valuemap"


def list_urls(panel: PanelAdmin) -> list[URLPattern]:
    """The addresses of the page and of its Retry."""
    site = panel.admin_site
    show_page = site.admin_view(partial(show, panel))
    retry_one = site.admin_view(require_POST(retry))
    return [
        path("open-entries/", show_page, name="flows_open_entries"),
        path("open-entries/<int:flow_id>/retry/", retry_one, name="flows_retry_entry"),
    ]


def show(panel: PanelAdmin, request: HttpRequest) -> HttpResponse:
    """Each entry with its records, money, oldest day and what mends it."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    entries = open_entries.list_entries()
    told = alerts.find_open(each.fingerprint for each in entries)
    may_mend = request.user.has_perm(CHANGE_MAP)
    context = {
        **panel.admin_site.each_context(request),
        "title": _now("Open entries"),
        "rows": [
            {**present(entry, may_mend=may_mend), "alert": told.get(entry.key)}
            for entry in entries
        ],
        "is_capped": len(entries) == open_entries.MOST,
        "may_retry": request.user.has_perm(RETRY),
    }
    return TemplateResponse(request, "hub/open_entries.html", context)


def present(entry: OpenEntry, *, may_mend: bool) -> dict[str, Any]:
    """One row of the page."""
    return {
        "entry": entry,
        "text": entry.message or describe_reason(entry.reason),
        "records_url": records_url(entry),
        "mend_url": mend_url(entry) if may_mend else "",
        "retry_url": reverse("admin:flows_retry_entry", args=(entry.flow.pk,)),
    }


def mend_url(entry: OpenEntry) -> str:
    """The value map with the missing row begun, or the integration's settings.

    "" for what is mended elsewhere, in the till above all.
    """
    if entry.map_id is None:
        if SETTINGS not in entry.action:
            return ""
        integration = entry.flow.integration_id
        url = reverse("admin:flows_integration_change", args=(integration,))
    else:
        url = reverse("admin:mapping_valuemap_change", args=(entry.map_id,))
    # A row that is there stands on top by itself.
    row = [(ROW, key) for key in entry.keys if not entry.is_incomplete]
    return f"{url}?{urlencode([*row, (BACK, reverse('admin:flows_open_entries'))])}"


def records_url(entry: OpenEntry) -> str:
    """The list of the records behind an entry."""
    wanted = {
        "flow__id__exact": entry.flow.pk,
        "fingerprint__exact": entry.fingerprint,
    }
    return f"{reverse('admin:flows_syncrecord_changelist')}?{urlencode(wanted)}"


def retry(request: HttpRequest, flow_id: int) -> HttpResponse:
    """Try all records of one entry again."""
    if not request.user.has_perm(RETRY):
        raise PermissionDenied
    fingerprint = request.POST.get("fingerprint", "")
    count = services.retry(open_entries.records_of(flow_id, fingerprint))
    open_entries.forget()
    if count:
        messages.success(request, describe_retried(count))
    else:
        messages.warning(request, _now("None of them can be tried again now."))
    return redirect("admin:flows_open_entries")

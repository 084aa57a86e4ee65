"""Alerts in the admin: one per cause, with what to do and one Retry for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from flows import alerts, open_entries, services
from flows.admin.filters import FlowFilter
from flows.models import Alert, RecordState
from integration_hub.core.panel.badges import ago, badge
from integration_hub.core.panel.bases import HistoryAdmin
from integration_hub.core.panel.buttons import Button

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as _Filter
else:
    from unfold.contrib.filters.admin import DropdownFilter as _Filter


def is_open(alert: Alert) -> bool:
    """Whether the cause is still there."""
    return alert.resolved_at is None


def stops_records(alert: Alert) -> bool:
    """Whether records wait for this cause to be mended."""
    return is_open(alert) and not alerts.is_of_run(alert)


def stops_runs(alert: Alert) -> bool:
    """Whether whole runs were stopped by this cause."""
    return is_open(alert) and alerts.is_of_run(alert)


def records_url(alert: Alert) -> str:
    """The list of the records behind an alert."""
    wanted = {
        "flow__id__exact": alert.flow_id,
        "state__exact": RecordState.FAILED.value,
        "fingerprint__exact": alert.fingerprint,
    }
    return f"{reverse('admin:flows_syncrecord_changelist')}?{urlencode(wanted)}"


def entry_url(alert: Alert) -> str:
    """The open entry that tells the same, "" if there is none."""
    if not is_open(alert):
        return ""
    told = {(each.flow.pk, each.fingerprint) for each in open_entries.list_entries()}
    if (alert.flow_id, alert.fingerprint) not in told:
        return ""
    return reverse("admin:flows_open_entries")


def describe_retried(count: int) -> str:
    """What a Retry has done."""
    said = ngettext("%s record is tried again.", "%s records are tried again.", count)
    return said % count


class OpenFilter(_Filter):
    """Open alerts, or those whose cause is gone."""

    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Open or resolved."""
        return [("1", _("open")), ("0", _("resolved"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Alert]
    ) -> QuerySet[Alert]:
        """Those that were chosen."""
        if self.value() not in ("0", "1"):
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() == "1")


@admin.register(Alert)
class AlertAdmin(HistoryAdmin):
    """What a person has to see to."""

    list_display = (
        "display_message",
        "display_flow",
        "display_records",
        "display_state",
        "display_raised",
    )
    list_filter = (OpenFilter, FlowFilter)
    list_select_related = ("flow__integration",)
    sortable_by = ()
    actions = None
    fields = ("flow",)
    change_form_template = "hub/alert.html"
    buttons = (
        Button(
            "retry",
            _("Retry all of these"),
            "flows.retry_syncrecord",
            icon="replay",
            tone="primary",
            in_list=True,
            shown=stops_records,
        ),
        Button(
            "run",
            _("Run again"),
            "flows.run_flow",
            icon="play_arrow",
            tone="primary",
            in_list=True,
            shown=stops_runs,
        ),
    )

    def get_ordering(self, request: HttpRequest) -> Any:
        """Open ones first, the newest of each on top."""
        return (F("resolved_at").desc(nulls_first=True), "-id")

    @admin.display(description=_("What is wrong, and what to do"))
    def display_message(self, alert: Alert) -> SafeString:
        """The message with its remedy under it."""
        return format_html(
            '<span class="hub-wrap">{}<span class="hub-sub">{}</span></span>',
            alert.text,
            alert.action,
        )

    @admin.display(description=_("Flow"))
    def display_flow(self, alert: Alert) -> str:
        """The flow it stands in the way of."""
        return str(alert.flow)

    @admin.display(description=_("Records"))
    def display_records(self, alert: Alert) -> SafeString | str:
        """How many records it stops, with the way to them."""
        if alerts.is_of_run(alert):
            return str(_("whole runs"))
        url = records_url(alert)
        return format_html('<a class="hub-link" href="{}">{}</a>', url, alert.records)

    @admin.display(description=_("State"))
    def display_state(self, alert: Alert) -> SafeString:
        """Open or resolved."""
        return badge(_("open"), "bad") if is_open(alert) else badge(_("resolved"))

    @admin.display(description=_("Raised"))
    def display_raised(self, alert: Alert) -> str:
        """When it was first seen."""
        return ago(alert.raised_at)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What the alert's page shows."""
        alert: Alert | None = kwargs.get("obj")
        if alert is not None:
            context["alert"] = alert
            context["entry_url"] = entry_url(alert)
            context["is_open"] = is_open(alert)
            context["records_url"] = (
                "" if alerts.is_of_run(alert) else records_url(alert)
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def press_retry(self, request: HttpRequest, alert: Alert) -> None:
        """Try all its records again, at once."""
        count = services.retry(alerts.records_of(alert))
        messages.success(request, describe_retried(count))

    def press_run(self, request: HttpRequest, alert: Alert) -> HttpResponse:
        """Run its flow again."""
        started = services.run_flow(alert.flow)
        return redirect("admin:flows_run_change", started.run.pk)

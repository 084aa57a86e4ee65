"""Flows in the admin: run, preview, switch on and off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors import registry
from flows import overview, own_settings, services, setup
from flows.admin import mapping_pages, margins, open_entries
from flows.admin import own_settings as own_settings_page
from flows.admin.previews import count_fates, list_rows
from flows.admin.set_up import present_set_up
from flows.models import Flow, Integration, RunStage
from flows.tones import RUN_TONES
from integration_hub.core.panel.badges import ago, badge
from integration_hub.core.panel.bases import PanelAdmin
from integration_hub.core.panel.buttons import Button
from integration_hub.core.panel.widgets import dress

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

    _Form = forms.ModelForm[Flow]
else:
    _Form = forms.ModelForm

RUN = "flows.run_flow"
PREVIEW = "flows.preview_flow"


def label_switch(flow: Flow) -> _StrOrPromise:
    """What the switch does next."""
    return _("Switch off") if flow.enabled else _("Switch on")


class FlowForm(_Form):
    """A flow; its feed is one of those of its source that its target can take."""

    class Meta:
        model = Flow
        fields = (
            "integration",
            "name",
            "feed",
            "mapping",
            "interval_minutes",
            "page_size",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "interval_minutes": (_("Every … minutes"), _("0: only on demand.")),
            "page_size": (_("Records per page"), _("How many are read at once.")),
        }
        for name, (label, help_text) in labels.items():
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].help_text = help_text
        if "feed" in self.fields:
            self.fields["feed"] = forms.ChoiceField(
                label=_("Feed"), choices=list_feeds()
            )
            dress(self.fields["feed"])

    def clean(self) -> dict[str, Any]:
        """The feed must be one that this source has and this target takes."""
        cleaned: dict[str, Any] = super().clean() or {}
        integration: Integration | None = cleaned.get("integration")
        if integration is None or "feed" not in cleaned:
            return cleaned
        feeds = setup.feeds_between(integration.source, integration.target)
        if cleaned["feed"] not in {feed.key for feed in feeds}:
            self.add_error("feed", _now("This integration has no such feed."))
        return cleaned


def list_feeds() -> list[tuple[str, str]]:
    """Every feed there is, with the systems that have it."""
    return [
        (feed.key, f"{kind.label}: {feed.label}")
        for kind in registry.all_connectors().values()
        for feed in kind.feeds
    ]


def describe_cursor(cursor: str) -> str:
    """A cursor without brackets, where its source keeps several things in one."""
    try:
        parts = json.loads(cursor)
    except ValueError:
        return cursor
    if not isinstance(parts, dict):
        return cursor
    return ", ".join(f"{name} {value}" for name, value in parts.items())


def present_settings(request: HttpRequest, flow: Flow) -> dict[str, Any]:
    """Every setting of a flow, and the way to its own for who may change it."""
    may_change = request.user.has_perm(own_settings_page.CHANGE)
    url = reverse("admin:flows_own_settings", args=(flow.pk,))
    found = own_settings.explain(flow)
    return {
        "flow_settings": found,
        "own_count": sum(setting.is_own for setting in found),
        "settings_url": url if may_change else "",
    }


@admin.register(Flow)
class FlowAdmin(PanelAdmin):
    """What is moved where, and when."""

    form = FlowForm
    list_display = (
        "display_name",
        "display_enabled",
        "display_last_run",
        "display_failures",
        "display_next_run",
    )
    list_filter = ("integration", "enabled")
    list_select_related = ("integration",)
    search_fields = ("name", "integration__name")
    change_form_template = "hub/flow_form.html"
    buttons = (
        Button(
            "run", _("Run now"), RUN, icon="play_arrow", tone="primary", in_list=True
        ),
        Button("preview", _("Preview"), PREVIEW, icon="visibility", in_list=True),
        Button("check", _("Check the set-up"), PREVIEW, icon="checklist"),
        Button("switch", label_switch, RUN, icon="power_settings_new", in_list=True),
    )

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the flow's other pages."""
        pages = (open_entries, margins, own_settings_page, mapping_pages)
        own = [each for page in pages for each in page.list_urls(self)]
        return [*own, *super().get_urls()]

    # ------------------------------------------------------------------ the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flow]:
        """With the last run and the open failures, in the one query."""
        found: QuerySet[Flow] = super().get_queryset(request)
        return overview.with_last_run(found)

    @admin.display(description=_("Flow"), ordering="name")
    def display_name(self, flow: Flow) -> SafeString:
        """The name with the integration under it."""
        return format_html(
            '<strong>{}</strong><span class="hub-sub">{}</span>',
            flow.name,
            flow.integration.name,
        )

    @admin.display(description=_("On"), ordering="enabled")
    def display_enabled(self, flow: Flow) -> SafeString:
        """Whether it runs by its schedule."""
        return badge(_("on"), "good") if flow.enabled else badge(_("off"))

    @admin.display(description=_("Last run"))
    def display_last_run(self, flow: Any) -> SafeString | str:
        """How and when it last ran, with the way there."""
        if flow.last_run_id is None:
            return "–"
        return format_html(
            '<a class="hub-link" href="{}">{} {}</a>',
            reverse("admin:flows_run_change", args=(flow.last_run_id,)),
            badge(RunStage(flow.last_run_stage).label, RUN_TONES[flow.last_run_stage]),
            ago(flow.last_run_at),
        )

    @admin.display(description=_("Open failures"))
    def display_failures(self, flow: Any) -> SafeString | str:
        """How many records wait for a person, with the way to their alerts."""
        if flow.failures is None:
            return "–"
        url = reverse("admin:flows_alert_changelist")
        return format_html(
            '<a class="hub-link" href="{}?flow__id__exact={}">{}</a>',
            url,
            flow.pk,
            badge(flow.failures or "!", "bad"),
        )

    @admin.display(description=_("Next run"), ordering="next_run_at")
    def display_next_run(self, flow: Flow) -> str:
        """When its schedule starts it."""
        if not flow.enabled or not flow.interval_minutes:
            return str(_("on demand"))
        return ago(flow.next_run_at) if flow.next_run_at else str(_("at once"))

    # ------------------------------------------------------------------ the form

    def get_readonly_fields(
        self, request: HttpRequest, obj: Flow | None = None
    ) -> tuple[str, ...]:
        """Integration and feed stay: the records belong to them."""
        return () if obj is None else ("integration", "display_feed", "display_cursor")

    def get_fields(self, request: HttpRequest, obj: Flow | None = None) -> Any:
        """A flow that there is has a place in its feed, which nobody types."""
        fields = list(FlowForm.Meta.fields)
        if obj is None:
            return fields
        fields[fields.index("feed")] = "display_feed"
        return [*fields, "display_cursor"]

    @admin.display(description=_("Feed"))
    def display_feed(self, flow: Flow) -> str:
        """The feed by its name, with the system that has it."""
        kind = registry.all_connectors().get(flow.integration.source.connector)
        labels = {feed.key: feed.label for feed in kind.feeds} if kind else {}
        label = labels.get(flow.feed, flow.feed)
        return f"{kind.label}: {label}" if kind else label

    @admin.display(description=_("Read up to"))
    def display_cursor(self, flow: Flow) -> str:
        """How far the feed has been read, in the source's own count."""
        return describe_cursor(flow.cursor) or _now("nothing has been read yet")

    def has_delete_permission(
        self, request: HttpRequest, obj: Flow | None = None
    ) -> bool:
        """Only with a page of its own, never a list of them at once."""
        return obj is not None and super().has_delete_permission(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the last runs and the settings with where they come from."""
        obj = kwargs.get("obj")
        if obj is not None:
            context.update(present_settings(request, obj))
            context["runs"] = list(obj.runs.order_by("-pk")[:8])
        return super().render_change_form(request, context, *args, **kwargs)

    # ---------------------------------------------------------------- the buttons

    def press_run(self, request: HttpRequest, flow: Flow) -> HttpResponse:
        """Start a run and go and watch it."""
        started = services.run_flow(flow)
        if not started.is_new:
            messages.info(request, _now("%s is at work already.") % flow)
        return redirect("admin:flows_run_change", started.run.pk)

    def press_preview(self, request: HttpRequest, flow: Flow) -> HttpResponse:
        """What a run would do with the next records."""
        previews = services.preview_flow(flow)
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Preview of %s") % flow,
            "opts": self.opts,
            "original": flow,
            "flow": flow,
            "rows": list_rows(previews),
            "fates": count_fates(previews),
            "back_url": reverse("admin:flows_flow_change", args=(flow.pk,)),
            "run_url": self.press_url(flow, "run"),
            "may_run": request.user.has_perm(RUN),
        }
        return TemplateResponse(request, "hub/preview.html", context)

    def press_check(self, request: HttpRequest, flow: Flow) -> HttpResponse:
        """What has to be right before anything is posted, line by line."""
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Set-up of %s") % flow,
            "opts": self.opts,
            "original": flow,
            **present_set_up(flow),
        }
        return TemplateResponse(request, "hub/set_up.html", context)

    def press_switch(self, request: HttpRequest, flow: Flow) -> None:
        """On if it is off, off if it is on."""
        setup.switch(flow, on=not flow.enabled)
        said = _now("%s is on.") if flow.enabled else _now("%s is off.")
        messages.success(request, said % flow)

"""Runs in the admin: what each did, live while it is at work."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from flows import services, undoing
from flows.admin.filters import FlowFilter
from flows.models import RecordState, Run
from flows.templatetags.hub import state_counts
from flows.tones import RECORD_TONES, run_badge
from integration_hub.core.panel.badges import ago
from integration_hub.core.panel.bases import HistoryAdmin
from integration_hub.core.panel.buttons import Button

UNDO = "flows.undo_run"
MOST_SHOWN = 500


def may_be_undone(run: Run) -> bool:
    """Whether it is at rest and left anything."""
    return not run.is_active and undoing.has_any(run)


@admin.register(Run)
class RunAdmin(HistoryAdmin):
    """Executions of flows."""

    list_display = (
        "display_run",
        "display_flow",
        "display_stage",
        "display_started",
        "display_lasted",
        "read",
        "display_counts",
        "display_problem",
    )
    list_filter = (FlowFilter, "stage")
    list_select_related = ("flow__integration",)
    actions = None
    sortable_by = ()
    fields = ("flow",)
    change_form_template = "hub/run.html"
    buttons = (
        Button("undo", _("Take back …"), UNDO, icon="undo", shown=may_be_undone),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Without the tracebacks, which the list does not show."""
        found: QuerySet[Run] = super().get_queryset(request)
        return found.defer("traceback").select_related("flow__integration")

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one the page asks for its progress."""
        view = self.admin_site.admin_view(self.show_progress)
        own = path("<int:run_id>/progress/", view, name="flows_run_progress")
        return [own, *super().get_urls()]

    @admin.display(description=_("Run"))
    def display_run(self, run: Run) -> int:
        """Its number."""
        return run.pk

    @admin.display(description=_("Flow"))
    def display_flow(self, run: Run) -> str:
        """The flow with its integration."""
        return str(run.flow)

    @admin.display(description=_("Stage"))
    def display_stage(self, run: Run) -> SafeString:
        """The stage in colour."""
        return run_badge(run)

    @admin.display(description=_("Started"))
    def display_started(self, run: Run) -> str:
        """When it started."""
        return ago(run.started_at)

    @admin.display(description=_("Took"))
    def display_lasted(self, run: Run) -> str:
        """How long it took; nothing while it is at work."""
        return lasted(run)

    @admin.display(description=_("Records"))
    def display_counts(self, run: Run) -> str:
        """Records by state, as the run left them."""
        return state_counts(known_counts(run))

    @admin.display(description=_("Problem"))
    def display_problem(self, run: Run) -> str:
        """What stopped it."""
        return run.problem[:120]

    def show_progress(self, request: HttpRequest, run_id: int) -> JsonResponse:
        """How far a run is, for the page that shows it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_queryset(request).filter(pk=run_id).first()
        if run is None:
            raise Http404
        return JsonResponse(
            {
                "active": run.is_active,
                "stage": run.get_stage_display(),
                "problem": run.problem,
                "numbers": services.progress(run),
            }
        )

    def press_undo(self, request: HttpRequest, run: Run) -> HttpResponse | None:
        """Show what would be taken back; take it back once a person is sure."""
        if "sure" not in request.POST:
            return self._show_undo(request, run)
        done = undoing.undo_run(run, by=request.user.get_username())
        said = ngettext(
            "%s record was taken back.", "%s records were taken back.", done.records
        )
        messages.success(request, said % done.records)
        if done.refused:
            said = ngettext("%s was not.", "%s were not.", done.refused)
            messages.warning(request, said % done.refused)
        return None

    def _show_undo(self, request: HttpRequest, run: Run) -> HttpResponse:
        links, beside = undoing.list_links(run), undoing.list_beside(run)
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Take back %s") % run,
            "opts": self.opts,
            "original": run,
            "links": links,
            "shown": links[:MOST_SHOWN],
            "counts": sorted(Counter(link.entity for link in links).items()),
            "beside": beside,
            "shown_beside": beside.links[:MOST_SHOWN],
            "problem": undoing.find_obstacle(run, len(links)),
            "undo_url": self.press_url(run, "undo"),
            "back_url": reverse("admin:flows_run_change", args=(run.pk,)),
        }
        return TemplateResponse(request, "hub/undo.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What the run's page shows."""
        run: Run | None = kwargs.get("obj")
        if run is not None:
            numbers = services.progress(run) if run.is_active else known_counts(run)
            context["run"] = run
            context["lasted"] = lasted(run)
            context["states"] = list_states(run, numbers)
            context["progress_url"] = reverse(
                "admin:flows_run_progress", args=(run.pk,)
            )
        return super().render_change_form(request, context, *args, **kwargs)


def known_counts(run: Run) -> dict[str, int]:
    """The numbers by state that a run was closed with."""
    return {state: n for state, n in run.counts.items() if state in RECORD_TONES}


def list_states(run: Run, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """Each state with its number, colour and the records behind it."""
    records = reverse("admin:flows_syncrecord_changelist")
    return [
        {
            "state": state.value,
            "label": state.label,
            "tone": RECORD_TONES[state],
            "count": numbers.get(state, 0),
            "url": f"{records}?run__id__exact={run.pk}&state__exact={state.value}",
        }
        for state in RecordState
        # Hardly any run has some.
        if state != RecordState.UNDONE or numbers.get(state)
    ]


def lasted(run: Run) -> str:
    """How long a run took, "" while it is at work."""
    if run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    return timesince(run.started_at, run.finished_at)

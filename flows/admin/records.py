"""Sync records in the admin: a fast list, and the page that tells all of one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
)

from flows import services
from flows.admin.alerts import describe_retried
from flows.admin.filters import FlowFilter, ReasonFilter
from flows.admin.previews import present_preview
from flows.admin.record_page import is_at_work, present_record, problem_of
from flows.models import Link, RecordState, SyncRecord
from flows.reasons import describe_reason
from flows.templatetags.hub import money
from flows.tones import record_badge
from integration_hub.core import lookups  # noqa: F401 - registers __prefix
from integration_hub.core.panel.bases import HistoryAdmin
from integration_hub.core.panel.buttons import Button

AMOUNT = re.compile(r"(-?)(\d{1,12}|\d{1,3}(?:[.,]\d{3}){1,3})(?:[.,](\d{1,2}))?")
RETRY = "flows.retry_syncrecord"
SKIP = "flows.skip_syncrecord"
PREVIEW = "flows.preview_flow"
# Too heavy for a list, above all what has to be decrypted.
HEAVY = ("payload", "next_payload", "posted_payload", "action", "bridge", "differences")


def can_retry(record: SyncRecord) -> bool:
    """Whether Retry would do something: what was taken back is not posted again."""
    is_retryable = record.state in services.RETRYABLE
    return is_retryable and not (record.is_undone or record.lease_owner)


def can_skip(record: SyncRecord) -> bool:
    """Whether Skip would do something."""
    left = (RecordState.FAILED, RecordState.WAITING)
    return record.state in left and not record.lease_owner


def read_amount(term: str) -> Decimal | None:
    """An amount as people type it, "1.234,50" or "1234.5"; None for anything else."""
    found = AMOUNT.fullmatch(term)
    if found is None:
        return None
    sign, whole, cents = found.groups(default="")
    return Decimal(f"{sign}{re.sub('[.,]', '', whole)}.{cents or 0}")


def can_preview(record: SyncRecord) -> bool:
    """Whether there is a document to preview."""
    return record.readable and bool(record.payload)


@admin.register(SyncRecord)
class SyncRecordAdmin(HistoryAdmin):
    """The hub's memory of source records."""

    list_display = (
        "display_number",
        "date",
        "branch",
        "display_amount",
        "display_expected",
        "display_state",
        "display_reason",
        "display_flow",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        FlowFilter,
        ("date", RangeDateFilter),
        ReasonFilter,
    )
    list_filter_submit = True
    list_select_related = ("flow__integration",)
    list_per_page = 50
    search_fields = ("number", "source_id")
    search_help_text = _(
        "Number, source id or number in the target, or how it starts; an amount (12.10). "
        "Names are stored encrypted and cannot be searched."
    )
    sortable_by = ()
    ordering = ("-date", "-id")
    actions = ("retry_chosen", "skip_chosen")
    fields = ("number",)
    change_form_template = "hub/record.html"
    list_before_template = "hub/records_shown.html"
    buttons = (
        Button(
            "retry", _("Retry"), RETRY, icon="replay", tone="primary", shown=can_retry
        ),
        Button(
            "preview", _("Preview now"), PREVIEW, icon="visibility", shown=can_preview
        ),
        Button(
            "skip",
            _("Skip"),
            SKIP,
            icon="skip_next",
            confirm=_("Leave this record out for good?"),
            shown=can_skip,
        ),
    )

    # ------------------------------------------------------------------ the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRecord]:
        """Light rows for the list; a record's page loads the rest."""
        found: QuerySet[SyncRecord] = super().get_queryset(request)
        return found.defer(*HEAVY)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By what number, source id or number in the target start with, or the amount.

        An amount is found with either sign. Each has an index for it, which a database uses for a union, not for an OR
        that reaches into another table.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        linked = Link.objects.filter(number__prefix=term, record__isnull=False)
        found = SyncRecord.objects.filter(number__prefix=term).order_by().values("pk")
        by_id = SyncRecord.objects.filter(source_id__prefix=term).order_by()
        parts = [by_id.values("pk"), linked.values("record_id")]
        amount = read_amount(term)
        if amount is not None:
            equal = SyncRecord.objects.filter(amount__in=(amount, -amount)).order_by()
            parts.append(equal.values("pk"))
        found = found.union(*parts, all=True)
        return queryset.filter(pk__in=found), False

    @admin.display(description=_("Number"))
    def display_number(self, record: SyncRecord) -> str:
        """The printed number, else the source id."""
        return record.number or record.source_id

    @admin.display(description=_("Amount"))
    def display_amount(self, record: SyncRecord) -> str:
        """The total at the till."""
        return money(record.amount)

    @admin.display(description=_("Expected in the books"))
    def display_expected(self, record: SyncRecord) -> str:
        """The total expected in the target, none of what was taken back."""
        return money(None if record.is_left_out else record.expected_total)

    @admin.display(description=_("State"))
    def display_state(self, record: SyncRecord) -> SafeString:
        """The state in colour."""
        return record_badge(record)

    @admin.display(description=_("Reason"))
    def display_reason(self, record: SyncRecord) -> SafeString:
        """Why it is in its state, with the message of a failure under it."""
        return format_html(
            '{}<span class="hub-sub hub-clip" title="{}">{}</span>',
            describe_reason(record.reason) or "–",
            problem_of(record),
            problem_of(record),
        )

    @admin.display(description=_("Flow"))
    def display_flow(self, record: SyncRecord) -> str:
        """The flow it belongs to."""
        return str(record.flow)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether this person may let records be tried again."""
        return request.user.has_perm(RETRY)

    def has_skip_permission(self, request: HttpRequest) -> bool:
        """Whether this person may leave records out."""
        return request.user.has_perm(SKIP)

    @admin.action(description=_("Retry"), permissions=["retry"])
    def retry_chosen(self, request: HttpRequest, records: QuerySet[Any]) -> None:
        """Try the chosen records again, but for those that were taken back."""
        count = services.retry(records.exclude(state=RecordState.UNDONE))
        self._tell_retried(request, count)
        if count:
            said = _now("Load this page again to see what has become of them.")
            messages.info(request, said)

    @admin.action(description=_("Skip"), permissions=["skip"])
    def skip_chosen(self, request: HttpRequest, records: QuerySet[Any]) -> None:
        """Leave the chosen records out."""
        count = services.skip(records, by=request.user.get_username())
        said = ngettext("%s record is skipped.", "%s records are skipped.", count)
        messages.success(request, said % count)

    # ------------------------------------------------------------------ the page

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SyncRecord | None:
        """The whole record, with the two systems it is between."""
        if not object_id.isdecimal():
            return None
        whole = SyncRecord.objects.select_related(
            "flow__integration__source", "flow__integration__target"
        )
        return whole.filter(pk=object_id).first()

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one a record's page asks for its state."""
        view = self.admin_site.admin_view(self.show_progress)
        own = path("<int:record_id>/progress/", view, name="flows_syncrecord_progress")
        return [own, *super().get_urls()]

    def show_progress(self, request: HttpRequest, record_id: int) -> JsonResponse:
        """Whether a record is still worked on, for the page that shows it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = get_object_or_404(SyncRecord.objects.defer(*HEAVY), pk=record_id)
        state = record.get_state_display()
        return JsonResponse(
            {"active": is_at_work(record), "stage": state, "numbers": {}}
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Source beside target, and every attempt."""
        record: SyncRecord | None = kwargs.get("obj")
        if record is not None:
            context.update(present_record(record))
        return super().render_change_form(request, context, *args, **kwargs)

    # ---------------------------------------------------------------- the buttons

    def press_retry(self, request: HttpRequest, record: SyncRecord) -> None:
        """Try this record again."""
        chosen = SyncRecord.objects.filter(pk=record.pk)
        self._tell_retried(request, services.retry(chosen))

    def press_skip(self, request: HttpRequest, record: SyncRecord) -> None:
        """Leave this record out."""
        chosen = SyncRecord.objects.filter(pk=record.pk)
        services.skip(chosen, by=request.user.get_username())
        messages.success(request, _now("%s is skipped.") % record)

    def press_preview(self, request: HttpRequest, record: SyncRecord) -> HttpResponse:
        """What would become of this record now."""
        preview = services.preview_record(record)
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Preview of %s") % record,
            "opts": self.opts,
            "original": record,
            "flow": record.flow,
            "rows": [present_preview(preview)],
            "opened": True,
            "back_url": reverse("admin:flows_syncrecord_change", args=(record.pk,)),
        }
        return TemplateResponse(request, "hub/preview.html", context)

    def _tell_retried(self, request: HttpRequest, count: int) -> None:
        if not count:
            messages.warning(request, _now("None of them can be tried again now."))
            return
        messages.success(request, describe_retried(count))

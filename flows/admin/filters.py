"""Filters of lists that never look through a whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from flows.models import Flow, SyncRecord
from flows.reasons import describe_reason

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as _Filter
else:
    from unfold.contrib.filters.admin import DropdownFilter as _Filter

MOST_REASONS = 60
KEPT_SECONDS = 60


def list_reasons() -> list[str]:
    """The reasons there are, each found by one step through the index.

    SELECT DISTINCT would look at every record; this looks at as many as there are
    reasons. Kept for a minute.
    """
    kept: list[str] | None = cache.get("record-reasons")
    if kept is not None:
        return kept
    reasons: list[str] = []
    while len(reasons) < MOST_REASONS:
        later = SyncRecord.objects.filter(reason__gt=reasons[-1] if reasons else "")
        reason = later.order_by("reason").values_list("reason", flat=True).first()
        if reason is None:
            break
        reasons.append(reason)
    cache.set("record-reasons", reasons, timeout=KEPT_SECONDS)
    return reasons


class FlowFilter(_Filter):
    """Rows of one flow, its name read together with its integration's."""

    title = _("flow")
    parameter_name = "flow__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every flow."""
        flows = Flow.objects.select_related("integration")
        return [(str(flow.pk), str(flow)) for flow in flows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the flow that was chosen."""
        chosen = self.value() or ""
        return queryset.filter(flow=chosen) if chosen.isdecimal() else queryset


class ReasonFilter(_Filter):
    """Records with one reason."""

    title = _("reason")
    parameter_name = "reason__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The reasons there are."""
        return [(reason, describe_reason(reason)) for reason in list_reasons()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SyncRecord]
    ) -> QuerySet[SyncRecord]:
        """Those with the reason that was chosen."""
        return queryset.filter(reason=self.value()) if self.value() else queryset

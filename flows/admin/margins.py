"""The page of the margin list, and the same as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget

from flows import margins
from flows.models import Flow, MarginLine

if TYPE_CHECKING:
    from integration_hub.core.panel.bases import PanelAdmin

VIEW = "flows.view_syncrecord"
SHOWN = 500
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "date",
    "number",
    "article",
    "text",
    "quantity",
    "sale",
    "purchase",
    "margin",
)


class PeriodForm(forms.Form):
    """Which days."""

    start = forms.DateField(label=_("From"), widget=UnfoldAdminDateWidget)
    end = forms.DateField(label=_("Up to"), widget=UnfoldAdminDateWidget)


class _Echo:
    """Gives back what a csv writer writes."""

    def write(self, text: str) -> str:
        return text


def list_urls(panel: PanelAdmin) -> list[URLPattern]:
    """The address of the page."""
    view = panel.admin_site.admin_view(partial(show, panel))
    return [path("<int:flow_id>/margins/", view, name="flows_margins")]


def show(panel: PanelAdmin, request: HttpRequest, flow_id: int) -> HttpResponseBase:
    """The margin goods of a period, the last quarter at first."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    flow = get_object_or_404(Flow.objects.select_related("integration"), pk=flow_id)
    start, end = margins.last_quarter(timezone.localdate())
    form = PeriodForm(request.GET or {"start": start, "end": end})
    if form.is_valid():
        start, end = form.cleaned_data["start"], form.cleaned_data["end"]
        if "csv" in request.GET:
            name = f"margin-{start}-{end}.csv"
            return _stream(margins.list_lines(flow, start, end).iterator(2000), name)
    context = {
        **panel.admin_site.each_context(request),
        "title": _now("Margin goods of %s") % flow,
        "opts": panel.opts,
        "original": flow,
        "form": form,
        "totals": margins.add_up(flow, start, end),
        "lines": margins.list_lines(flow, start, end)[:SHOWN],
        "shown": SHOWN,
        "csv_url": f"{request.path}?start={start}&end={end}&csv=1",
        "back_url": reverse("admin:flows_flow_change", args=(flow.pk,)),
    }
    return TemplateResponse(request, "hub/margins.html", context)


def _stream(lines: Iterator[MarginLine], name: str) -> HttpResponse:
    writer = csv.writer(_Echo())
    rows = (writer.writerow(row) for row in _list_rows(lines))
    answer: Any = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer  # type: ignore[no-any-return]


def _list_rows(lines: Iterator[MarginLine]) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for line in lines:
        yield (
            line.date.isoformat(),
            _plain(line.record.number),
            _plain(line.article),
            _plain(line.text),
            line.quantity,
            line.sale,
            "" if line.purchase is None else line.purchase,
            "" if line.margin is None else line.margin,
        )


def _plain(text: str) -> str:
    """A text that a spreadsheet shows as it is."""
    return f"'{text}" if text.startswith(FORMULA) else text

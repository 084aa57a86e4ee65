"""The mapping page of a flow: rules on one side, a real record on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors import registry
from connectors.contract import TargetField
from flows import samples, trying
from flows.admin.mapping_drafts import (
    keep_drafts,
    list_mistakes,
    make_drafts,
    read_rules,
)
from flows.admin.rules import SEE_RECORDS
from flows.admin.trials import list_paths, present_many, present_trial
from flows.engine.previewing import Preview, Subject, open_subject
from flows.models import Flow, SyncRecord
from integration_hub.core.errors import HubError, RecordError
from mapping.checking import tell_filter
from mapping.models import Rule
from mapping.offers import find_offers
from mapping.offers_admin import address_of
from mapping.rules import Scope

if TYPE_CHECKING:
    from flows.admin.flows import FlowAdmin

SEE = "flows.preview_flow"
CHANGE = "mapping.change_rule"
TITLES = {
    Scope.HEADER: _("Document"),
    Scope.LINE: _("Each line"),
    Scope.TENDER: _("Each tender"),
    Scope.CUSTOMER: _("Customer"),
    Scope.ITEM: _("Item of each line"),
}
# Values of the record's address beside ids of sync records.
NEXT = "next:"


def list_urls(pages: FlowAdmin) -> list[URLPattern]:
    """The page and what it asks for while somebody types."""
    view = pages.admin_site.admin_view
    views = {"": "mapping", "try/": "try", "many/": "many"}
    shown = {"mapping": show_page, "try": show_trial, "many": show_many}

    def bind(name: str) -> Any:
        def answer(request: HttpRequest, object_id: str) -> HttpResponse:
            return shown[name](pages, request, _find_flow(request, object_id))

        return view(answer)

    return [
        path(f"<path:object_id>/mapping/{place}", bind(name), name=f"flows_flow_{name}")
        for place, name in views.items()
    ]


def show_page(pages: FlowAdmin, request: HttpRequest, flow: Flow) -> HttpResponse:
    """The rules and the record; a POST keeps the rules."""
    if request.method == "POST":
        _require(request, CHANGE)
        drafts, is_kept = keep_drafts(request, flow)
        if is_kept:
            messages.success(request, _now("The mapping is saved."))
            return redirect(_address(request, flow))
    else:
        drafts = make_drafts(request, flow)
    chosen = request.GET.get("record", "")
    subject, offered, problems = None, [], {}
    sees_stored = _sees_stored(request)
    try:
        offered = list_offered(flow, request.GET.get("q", ""), stored=sees_stored)
        subject = find_subject(flow, chosen, stored=sees_stored)
    except HubError as error:
        problems = _tell(error)
    context = {
        **pages.admin_site.each_context(request),
        "title": _now("Mapping of %s") % flow,
        "opts": pages.opts,
        "original": flow,
        "flow": flow,
        "drafts": drafts,
        "groups": list(group_forms(flow, drafts)),
        "offered": offered,
        "chosen": chosen or _name(subject),
        "sees_stored": sees_stored,
        "paths": list_paths(subject.order) if subject else (),
        "may_change": request.user.has_perm(CHANGE),
        "offers": find_offers(flow.mapping),
        "offer_url": address_of(request, flow.mapping),
        "history_url": reverse(
            "admin:mapping_mapping_history", args=(flow.mapping_id,)
        ),
        "rules_url": reverse("admin:mapping_mapping_change", args=(flow.mapping_id,)),
        "filters": [(f, tell_filter(f.data)) for f in flow.mapping.filters.all()],
        "back_url": reverse("admin:flows_flow_change", args=(flow.pk,)),
        **(problems or _try(flow, drafts, subject)),
    }
    template = "hub/trial_side.html" if _is_part(request) else "hub/mapping.html"
    return TemplateResponse(request, template, context)


def show_trial(pages: FlowAdmin, request: HttpRequest, flow: Flow) -> HttpResponse:
    """What the rules as they are typed make of the record."""
    drafts = make_drafts(request, flow)
    try:
        chosen = request.POST.get("record", "")
        subject = find_subject(flow, chosen, stored=_sees_stored(request))
        context = _try(flow, drafts, subject)
    except HubError as error:
        context = _tell(error)
    return TemplateResponse(request, "hub/trial.html", {"flow": flow, **context})


def show_many(pages: FlowAdmin, request: HttpRequest, flow: Flow) -> HttpResponse:
    """Which of the newest records the rules as they are typed fail on."""
    _require(request, SEE_RECORDS)
    drafts = make_drafts(request, flow)
    try:
        tried = trying.try_many(flow, read_rules(drafts))
        context = present_many(tried)
    except HubError as error:
        context = _tell(error)
    return TemplateResponse(request, "hub/trial_many.html", {"flow": flow, **context})


def group_forms(flow: Flow, drafts: Any) -> Iterator[dict[str, Any]]:
    """The rules' forms by what they are worked out for, with their fields' names."""
    target = registry.all_connectors().get(flow.integration.target.connector)
    fields = {(f.scope, f.name): f for f in (target.target_fields if target else ())}
    filled = {(r.instance.scope, r.instance.field) for r in drafts.forms}
    for scope in Scope:
        forms_here = [form for form in drafts.forms if form.instance.scope == scope]
        rows = [
            {"form": form, "field": _find_field(fields, form.instance)}
            for form in forms_here
        ]
        missing = [
            each
            for (where, name), each in fields.items()
            if where == scope and each.required and (scope, name) not in filled
        ]
        locked = [
            each for each in (target.composed if target else ()) if each.scope == scope
        ]
        if rows or missing or locked:
            yield {
                "title": TITLES[scope],
                "rows": rows,
                "missing": missing,
                "locked": locked,
            }


def _find_field(
    fields: Mapping[tuple[str, str], TargetField], rule: Rule
) -> TargetField:
    """What the target declares; of a field that it has no longer only the name."""
    unknown = TargetField(rule.field, rule.field, scope=rule.scope)
    return fields.get((rule.scope, rule.field), unknown)


def find_subject(flow: Flow, chosen: str, *, stored: bool = True) -> Subject | None:
    """The record to try on: a stored one, or one that the source gives next.

    Without a choice the newest stored one; ``stored`` says whether such may be shown.
    Raises HubError, also for a record whose
    content is not there any more, and Http404.
    """
    if chosen.startswith(NEXT):
        wanted = chosen.removeprefix(NEXT)
        orders = trying.next_of_source(flow)
        return next((Subject(each) for each in orders if each.id == wanted), None)
    if chosen and not chosen.isdecimal():
        raise Http404
    records = []
    if stored and chosen:
        records = list(
            flow.records.filter(pk=chosen).select_related("flow__integration")
        )
    elif stored:
        records = samples.list_records(flow, 1)
    if not records:
        orders = [] if chosen else trying.next_of_source(flow)
        return next((Subject(each) for each in orders), None)
    subject = open_subject(records[0])
    if isinstance(subject, Preview):
        raise RecordError(subject.reason, action=subject.action)
    return subject


def list_offered(
    flow: Flow, number: str, *, stored: bool = True
) -> list[tuple[str, str]]:
    """(value, text) of the records to choose from; of the source if none is stored."""
    records = samples.list_records(flow, number=number) if stored else []
    if records or (stored and number):
        return [(str(record.pk), _describe(record)) for record in records]
    return [
        (f"{NEXT}{order.id}", order.number.text if order.number else order.id)
        for order in trying.next_of_source(flow)
    ]


def _describe(record: SyncRecord) -> str:
    parts = (record.number or record.source_id, record.date, record.amount)
    return " · ".join(str(part) for part in parts if part is not None)


def _name(subject: Subject | None) -> str:
    if subject is None:
        return ""
    record = subject.record
    return str(record.pk) if record is not None else f"{NEXT}{subject.order.id}"


def _tell(error: HubError) -> dict[str, str]:
    return {"problem": f"{error.message} {error.action}".strip()}


def _try(flow: Flow, drafts: Any, subject: Subject | None) -> dict[str, Any]:
    if subject is None:
        return {"problem": _now("There is no record to try the rules on.")}
    rules = (
        read_rules(drafts) if drafts.is_bound else [f.instance for f in drafts.forms]
    )
    try:
        trial = trying.try_subject(flow, subject, rules)
    except HubError as error:
        return _tell(error)
    return {
        **present_trial(trial, subject.order, rules),
        "mistakes": list_mistakes(drafts),
    }


def _address(request: HttpRequest, flow: Flow) -> str:
    address = reverse("admin:flows_flow_mapping", args=(flow.pk,))
    chosen = request.POST.get("record", "")
    return f"{address}?record={chosen}" if chosen else address


def _is_part(request: HttpRequest) -> bool:
    """Whether the page asks for its right side only."""
    return request.headers.get("HX-Request") == "true"


def _find_flow(request: HttpRequest, object_id: str) -> Flow:
    _require(request, SEE)
    if not object_id.isdecimal():
        raise Http404
    whole = Flow.objects.select_related(
        "mapping",
        "integration__source",
        "integration__target",
        "integration__value_maps",
    )
    flow = whole.filter(pk=object_id).first()
    if flow is None:
        raise Http404
    return flow


def _sees_stored(request: HttpRequest) -> bool:
    return request.user.has_perm(SEE_RECORDS)


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied

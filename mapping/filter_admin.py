"""Filters in the admin: built of conditions, and tried on records before saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from integration_hub.core.errors import ConfigError
from integration_hub.core.panel.bases import BACK
from mapping import checking
from mapping.conditions import read_group
from mapping.drafts import Part, change_group, receive_group
from mapping.editors import Editor, settle
from mapping.filter_forms import (
    CONDITIONS,
    FilterForm,
    FilterFormSet,
    FilterRowForm,
)
from mapping.kept_admin import REWRITE, KeptAdmin
from mapping.met import list_met
from mapping.models import Filter, Mapping
from mapping.rules import ROOTS, FilterData, Scope, ValueMapData
from mapping.trying import MAX_EXAMPLES, Samples, Trial, try_filter
from mapping.versions import recording

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline

    _FilterInline = TabularInline[Filter, Mapping]
else:
    from unfold.admin import TabularInline

    _FilterInline = TabularInline

MAPPING = "mapping"
NOTHING_CHOSEN = gettext_noop(
    "No condition is chosen yet: every record passes, unless an expression says "
    "otherwise."
)


class SentenceColumn:
    """The column that tells what a filter skips."""

    @admin.display(description=_("Skips a record when"))
    def display_sentence(self, obj: Filter) -> str:
        """The conditions as a sentence."""
        return checking.tell_filter(obj.data)


class FilterInline(SentenceColumn, _FilterInline):
    """Which records are skipped, and why; each is changed on its own page."""

    model = Filter
    form = FilterRowForm
    formset = FilterFormSet
    fields = ("display_sentence", "reason", "active", "position", "seen")
    readonly_fields = ("display_sentence",)
    ordering_field = "position"
    hide_ordering_field = True
    show_change_link = True
    extra = 0
    max_num = 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was shown matters to those who may change it."""
        may_change = self.has_change_permission(request, obj)
        return self.fields if may_change else self.fields[:-1]


@admin.register(Filter)
class FilterAdmin(SentenceColumn, KeptAdmin):
    """One filter, with what it would do with the records there were last."""

    form = FilterForm
    list_display = ("display_sentence", "reason", "mapping", "active")
    list_filter = ("mapping", "active")
    list_select_related = ("mapping",)
    change_form_template = "hub/filter_form.html"
    take_back_needs = REWRITE

    def kept_of(self, obj: Any) -> Mapping:
        """A filter is kept as a part of its mapping."""
        mapping: Mapping = obj.mapping
        return mapping

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one that the editor's buttons post to."""
        edit = self.admin_site.admin_view(require_POST(self.edit_conditions))
        route = "of/<int:mapping_id>/conditions/"
        return [
            path(route, edit, name="mapping_filter_conditions"),
            *super().get_urls(),
        ]

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """Documents that went through a mapping last; none here, where no record is
        known. Whoever knows records overrides it.
        """
        return Samples()

    def maps_of(self, mapping: Mapping) -> dict[str, ValueMapData]:
        """The value maps that expressions of a mapping look up in."""
        return {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Filters are added from the page of their mapping, which the address names."""
        mapping = self._find_mapping(request.GET.get(MAPPING, ""))
        return mapping is not None and super().has_add_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The expression is for those who prefer to write."""
        if not self.has_change_permission(request, obj):
            fields = ("mapping", "display_sentence", "reason", "active", "position")
            return ((None, {"fields": fields}),)
        return (
            (None, {"fields": ("mapping", "reason", "active", "position")}),
            (
                _("Or an expression"),
                {"fields": ("expression",), "classes": ("collapse",)},
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A filter stays with its mapping."""
        return ("mapping", "display_sentence") if obj else ("display_sentence",)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Only the mapping that the address names: its history tells of the filter."""
        if db_field.name == MAPPING:
            mapping = self._find_mapping(request.GET.get(MAPPING, ""))
            none = Mapping.objects.none()
            known = Mapping.objects.filter(pk=mapping.pk) if mapping else none
            kwargs["queryset"] = known
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Filters are added from the page of their mapping."""
        mapping = self._find_mapping(request.GET.get(MAPPING, ""))
        if request.method != "POST" or mapping is None:
            return super().add_view(request, form_url, extra_context)
        with recording(mapping, how=_now("filter added")):
            return super().add_view(request, form_url, extra_context)

    def response_post_save_add(
        self, request: HttpRequest, obj: Filter
    ) -> HttpResponseRedirect:
        """Back to where one came from, else to the mapping."""
        if BACK in request.GET:
            return super().response_post_save_change(request, obj)
        address = reverse("admin:mapping_mapping_change", args=(obj.mapping_id,))
        return HttpResponseRedirect(address)

    def response_post_save_change(
        self, request: HttpRequest, obj: Any
    ) -> HttpResponseRedirect:
        """Back to where one came from, else to the mapping."""
        return self.response_post_save_add(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the conditions to those who may change them."""
        form, obj = context["adminform"].form, kwargs.get("obj")
        mapping = obj.mapping if obj else self._find_mapping(request.GET[MAPPING])
        may_change = isinstance(form, FilterForm) and "expression" in form.fields
        if may_change and mapping is not None:
            context |= self.show_group(request, mapping, form.draft)
        return super().render_change_form(request, context, *args, **kwargs)

    def edit_conditions(self, request: HttpRequest, mapping_id: int) -> HttpResponse:
        """The conditions as they are typed, with what a button has done to them."""
        mapping = self._find_mapping(str(mapping_id))
        if mapping is None:
            raise Http404
        may_add = super().has_add_permission(request)
        if not (may_add or self.has_change_permission(request)):
            raise PermissionDenied
        draft = receive_group(request.POST, CONDITIONS)
        focus = change_group(draft, CONDITIONS, request.POST.get("press", ""))
        settle(draft)
        context = {**self.show_group(request, mapping, draft), "focus": focus}
        return render(request, "hub/conditions/group.html", context)

    def show_group(
        self, request: HttpRequest, mapping: Mapping, draft: Part
    ) -> dict[str, Any]:
        """What the template of the conditions needs."""
        samples = self.samples_of(request, mapping)
        editor = Editor(ROOTS[Scope.HEADER], list_met(d for _n, d in samples.documents))
        url = reverse("admin:mapping_filter_conditions", args=(mapping.pk,))
        return {
            "group": editor.show_group(draft, CONDITIONS),
            "editor_url": url,
            "told": self._tell(mapping, draft, samples),
        }

    def _tell(self, mapping: Mapping, draft: Part, samples: Samples) -> dict[str, Any]:
        """The sentence, and what became of the last records; or what is wrong."""
        if not draft.is_begun:
            return {"sentences": [_now(NOTHING_CHOSEN)]}
        data = draft.to_json()
        try:
            sentence = read_group(data, ROOTS[Scope.HEADER]).sentence
            trial = try_filter(
                FilterData("", "?", data), samples.documents, self.maps_of(mapping)
            )
        except ConfigError as error:
            return {"problem": error.message}
        said = _now("A record is skipped when %s.") % sentence
        return {"sentences": [said], **tell_trial(trial, samples.note)}

    def _find_mapping(self, pk: str) -> Mapping | None:
        return Mapping.objects.filter(pk=pk).first() if pk.isdecimal() else None


def tell_trial(trial: Trial, note: str = "") -> dict[str, Any]:
    """How many records pass, and some of those that do not."""
    if not trial.count:
        return {"count": note or _now("There are no records yet to try it on.")}
    text = ngettext(
        "%(passed)s of the last %(count)s record passes.",
        "%(passed)s of the last %(count)s records pass.",
        trial.count,
    )
    examples = [_now("fails: %s") % f"{n}: {why}" for n, why in trial.failed]
    if trial.skipped:
        shown = ", ".join(trial.skipped[:MAX_EXAMPLES])
        more = "" if len(trial.skipped) <= MAX_EXAMPLES else ", …"
        skipped = _now("%(count)s would be skipped: %(shown)s")
        names = {"count": len(trial.skipped), "shown": shown + more}
        examples.insert(0, skipped % names)
    counts = {"passed": trial.passed, "count": trial.count}
    examples = [*examples[: MAX_EXAMPLES + 1], *([note] if note else [])]
    return {"count": text % counts, "examples": examples}

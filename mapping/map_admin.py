"""Value maps in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminForm, InlineAdminFormSet
from django.db.models import Case, Count, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integration_hub.core.panel.badges import badge
from mapping.kept_admin import REFILL
from mapping.listings import name_value
from mapping.map_forms import (
    EntryFormSet,
    Hints,
    State,
    begin_row,
    make_entry_form,
    make_map_form,
)
from mapping.models import ValueMap, ValueMapEntry
from mapping.offers_admin import TemplateOffersAdmin
from mapping.valuemaps import ANY

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline
    from django.utils.safestring import SafeString

    _EntryInline = TabularInline[ValueMapEntry, ValueMap]
else:
    from unfold.admin import TabularInline

    _EntryInline = TabularInline

ROWS_PER_PAGE = 50
NOTHING = mark_safe("<span></span>")
# In the address of a value map: the keys of a row to add.
ROW = "row"


class NewFirst(InlineAdminFormSet):
    """Rows that were begun stand on top, before those that are stored."""

    def __iter__(self) -> Iterator[InlineAdminForm]:
        """In the order of the page; the hidden row for more stays the last."""
        shown: list[InlineAdminForm] = list(super().__iter__())
        last = shown[-1:] if self.has_add_permission else []
        rows = shown[: len(shown) - len(last)]
        yield from sorted(rows, key=lambda row: row.original is not None)
        yield from last


class EntryInline(_EntryInline):
    """The rows of a value map, with a field per key and column."""

    model = ValueMapEntry
    formset = EntryFormSet
    per_page = ROWS_PER_PAGE
    verbose_name = _("row")
    verbose_name_plural = _("rows")
    hide_title = True
    extra = 0
    hints = Hints()
    value_map: ValueMap

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A row for each that is begun."""
        return len(self.hints.begun)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValueMapEntry]:
        """What is not decided, or names what is gone, comes first."""
        undecided = Case(
            When(pk__in=list(self.hints.urgent), then=Value(0)),
            When(values={}, then=Value(0)),
            default=Value(1),
        )
        return super().get_queryset(request).order_by(undecided, "pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keys and columns; their names for those who may only look."""
        if not self.has_change_permission(request, obj):
            return ("display_keys", "display_values", "label")
        keys = [f"key_{place}" for place in range(len(obj.key_fields))]
        columns = [f"column_{each['name']}" for each in obj.columns]
        return ("display_state", *keys, *columns, "label", "begun", "seen")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What only tells."""
        if not self.has_change_permission(request, obj):
            return ("display_keys", "display_values", "label")
        return ("display_state",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The formset of this map's own rows."""
        if self.has_change_permission(request, obj):
            self.form = make_entry_form(obj, self.hints)
            kwargs["fields"] = ("label",)
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("State"))
    def display_state(self, entry: ValueMapEntry) -> SafeString | str:
        """What waits for the row, what it lacks, what is gone, whether it is proposed."""
        state: State = getattr(entry, "state", State())
        marks = [badge(_now("proposed"), "busy")] if state.is_proposed else []
        if state.waiting:
            marks.append(badge(state.waiting, "warn"))
        elif state.is_open and not state.is_proposed:
            marks.append(badge(_now("not decided"), "calm"))
        marks += [badge(_now("%s is missing") % name, "bad") for name in state.lacking]
        marks += [
            badge(f"{gone.label}: {gone.shown}", "calm" if gone.is_key else "bad")
            for gone in state.gone
        ]
        if not marks:
            # Nothing at all would be shown as a dash.
            return NOTHING
        return format_html_join(
            "", '<div class="hub-mark">{}</div>', ((m,) for m in marks)
        )

    @admin.display(description=_("When"))
    def display_keys(self, entry: ValueMapEntry) -> str:
        """The keys by their names."""
        pairs = zip(self.value_map.key_fields, entry.keys, strict=False)
        return ", ".join(
            f"{key['label']} {_now('any') if value == ANY else self._name(key, value)}"
            for key, value in pairs
        )

    @admin.display(description=_("Then"))
    def display_values(self, entry: ValueMapEntry) -> str:
        """The columns by their names."""
        return ", ".join(
            f"{column['label']}: {self._name(column, entry.values[column['name']])}"
            for column in self.value_map.columns
            if entry.values.get(column["name"])
        )

    def _name(self, declared: Any, value: str) -> str:
        return name_value(declared, self.hints.lists, value)


@admin.register(ValueMap)
class ValueMapAdmin(TemplateOffersAdmin):
    """Tables from source values to target values, made with their integration."""

    list_display = ("label", "display_set", "display_keys", "display_missing", "rows")
    list_filter = ("map_set",)
    list_select_related = ("map_set",)
    search_fields = ("label", "name")
    readonly_fields = ("display_set",)
    inlines = (EntryInline,)
    take_back_needs = REFILL

    def hints_of(self, request: HttpRequest, value_map: ValueMap) -> Hints:
        """What the page knows beside the rows.

        Nothing but a row to begin here, where no system is known; whoever knows the
        integration of a map overrides it.
        """
        row = tuple(request.GET.getlist(ROW))
        return Hints(begun=[row] if row else [])

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Setting up an integration makes its value maps."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The target's rules look up in them; rows can be removed."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValueMap]:
        """With the number of rows."""
        found: QuerySet[ValueMap] = super().get_queryset(request)
        return found.annotate(row_count=Count("entries"))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The map's settings with a default per column."""
        if obj is not None and self.has_change_permission(request, obj):
            kwargs["form"] = make_map_form(obj, self.hints_of(request, obj).lists)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Folded, so that the rows are seen first."""
        fields = self.get_fields(request, obj)
        name = _("Name, default, and what happens when no row fits")
        return ((name, {"fields": fields, "classes": ("collapse",)}),)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without keys and columns, which the target declares."""
        if not self.has_change_permission(request, obj):
            return ("display_set", "label", "missing", "force", "default")
        defaults = [f"default_{each['name']}" for each in obj.columns]
        return ("display_set", "label", "missing", "force", *defaults)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        """The rows choose from the same lists."""
        inlines: Any = super().get_inline_instances(request, obj) if obj else []
        for inline in inlines:
            inline.hints, inline.value_map = self.hints_of(request, obj), obj
        return inlines

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        """Rows that are begun have their keys already."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(
            request, obj, inline, prefix
        )
        if request.method == "GET":
            kwargs["initial"] = [begin_row(obj, keys) for keys in inline.hints.begun]
        return kwargs

    def get_inline_formsets(
        self,
        request: HttpRequest,
        formsets: list[Any],
        inline_instances: list[Any],
        obj: Any = None,
    ) -> list[Any]:
        """With what was begun on top."""
        found = super().get_inline_formsets(request, formsets, inline_instances, obj)
        for inline in found:
            inline.__class__ = NewFirst
        return found

    @admin.display(description=_("When no row fits"), ordering="missing")
    def display_missing(self, obj: ValueMap) -> str:
        """What the map does then; or that it asks no row at all."""
        if obj.force:
            return _now("always the default, whatever the keys are")
        return str(obj.get_missing_display())

    @admin.display(description=_("Used by"), ordering="map_set")
    def display_set(self, obj: ValueMap) -> str:
        """Whose maps these are."""
        return str(obj.map_set)

    @admin.display(description=_("Keys"))
    def display_keys(self, value_map: ValueMap) -> str:
        """What a row is found by."""
        return ", ".join(each["label"] for each in value_map.key_fields)

    @admin.display(description=_("Rows"), ordering="row_count")
    def rows(self, value_map: Any) -> int:
        """How many rows there are."""
        count: int = value_map.row_count
        return count

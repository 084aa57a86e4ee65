"""Value maps in the admin; importing it registers mappings, rules and filters too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mapping import filter_admin, mapping_admin, rule_admin
from mapping.forms import EntryFormSet, Lists, make_entry_form, make_map_form
from mapping.kept_admin import REFILL
from mapping.models import ValueMap, ValueMapEntry
from mapping.offers_admin import TemplateOffersAdmin

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline

    _EntryInline = TabularInline[ValueMapEntry, ValueMap]
else:
    from unfold.admin import TabularInline

    _EntryInline = TabularInline

__all__ = ["ValueMapAdmin", "filter_admin", "mapping_admin", "rule_admin"]

ROWS_PER_PAGE = 50
# In the address of a value map: the keys of a row to add.
ROW = "row"


class EntryInline(_EntryInline):
    """The rows of a value map, with a field per key and column."""

    model = ValueMapEntry
    formset = EntryFormSet
    per_page = ROWS_PER_PAGE
    extra = 0
    lists: Lists = {}
    row: Sequence[str] = ()

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """An empty row, or one with the keys that are missing, where it is asked for."""
        return 1 if self.row else 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keys and columns; as they are stored for those who may only look."""
        if not self.has_change_permission(request, obj):
            return ("keys", "values", "label")
        label, *fields = super().get_fields(request, obj)
        return (*fields, label)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The formset of this map's own rows."""
        self.form = make_entry_form(obj, self.lists, self.row)
        return super().get_formset(request, obj, **kwargs)


@admin.register(ValueMap)
class ValueMapAdmin(TemplateOffersAdmin):
    """Tables from source values to target values, made with their integration."""

    list_display = ("label", "map_set", "display_keys", "missing", "force", "rows")
    list_filter = ("map_set",)
    list_select_related = ("map_set",)
    search_fields = ("label", "name")
    readonly_fields = ("map_set",)
    inlines = (EntryInline,)
    take_back_needs = REFILL

    def lists_of(self, request: HttpRequest, value_map: ValueMap) -> Lists:
        """(value, label) pairs by list name, for keys and columns to choose from.

        Empty here, where no system is known; whoever knows the integration of a map
        overrides it.
        """
        return {}

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
        if self.has_change_permission(request, obj):
            kwargs["form"] = make_map_form(obj, self.lists_of(request, obj))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without keys and columns, which the target declares."""
        if not self.has_change_permission(request, obj):
            return ("map_set", "label", "missing", "force", "default")
        defaults = [f"default_{each['name']}" for each in obj.columns]
        return ("map_set", "label", "missing", "force", *defaults)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        """The rows choose from the same lists."""
        inlines: Any = super().get_inline_instances(request, obj)
        for inline in inlines:
            inline.lists = self.lists_of(request, obj)
            inline.row = request.GET.getlist(ROW)
        return inlines

    @admin.display(description=_("Keys"))
    def display_keys(self, value_map: ValueMap) -> str:
        """What a row is found by."""
        return ", ".join(each["label"] for each in value_map.key_fields)

    @admin.display(description=_("Rows"), ordering="row_count")
    def rows(self, value_map: Any) -> int:
        """How many rows there are."""
        count: int = value_map.row_count
        return count

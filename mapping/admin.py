"""Mappings and value maps in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integration_hub.core.panel.badges import badge
from integration_hub.core.panel.buttons import Button
from mapping import offers, restoring
from mapping.differences import ADDED
from mapping.forms import (
    EntryFormSet,
    FilterForm,
    FilterFormSet,
    Lists,
    RuleForm,
    RuleFormSet,
    SingleRuleForm,
    make_entry_form,
    make_map_form,
)
from mapping.functions import list_functions
from mapping.kept_admin import REFILL, REWRITE, KeptAdmin
from mapping.models import Filter, Mapping, Origin, Rule, ValueMap, ValueMapEntry
from mapping.offers_admin import RuleOffersAdmin, TemplateOffersAdmin

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline
    from django.utils.safestring import SafeString

    _RuleInline = TabularInline[Rule, Mapping]
    _FilterInline = TabularInline[Filter, Mapping]
    _EntryInline = TabularInline[ValueMapEntry, ValueMap]
else:
    from unfold.admin import TabularInline

    _RuleInline = _FilterInline = _EntryInline = TabularInline

ROWS_PER_PAGE = 50


class OriginColumn:
    """The column that tells where a rule comes from."""

    @admin.display(description=_("Origin"))
    def display_origin(self, rule: Rule) -> SafeString:
        """Whether the rule is the target's default, and whether it was changed."""
        if rule.origin != Origin.DEFAULT:
            return badge(_now("own"), "busy")
        if rule.changed:
            title = rule.default_expression
            return badge(_now("default, changed"), "warn", title=title)
        return badge(_now("default"), "calm")


class RuleInline(OriginColumn, _RuleInline):
    """The rules of a mapping, in an order that people choose."""

    model = Rule
    form = RuleForm
    formset = RuleFormSet
    fields = (
        "scope",
        "field",
        "expression",
        "on",
        "required",
        "active",
        "display_origin",
        "position",
    )
    readonly_fields = ("display_origin",)
    ordering_field = "position"
    hide_ordering_field = True
    show_change_link = True
    extra = 0


class FilterInline(_FilterInline):
    """Which records are skipped, and why."""

    model = Filter
    form = FilterForm
    formset = FilterFormSet
    fields = ("expression", "reason", "active", "position")
    ordering_field = "position"
    hide_ordering_field = True
    extra = 0


@admin.register(Mapping)
class MappingAdmin(RuleOffersAdmin):
    """Rules and filters. A mapping comes into being with its flow."""

    list_display = ("name", "systems", "display_changed")
    search_fields = ("name",)
    fields = ("name", "systems")
    readonly_fields = ("systems",)
    inlines = (RuleInline, FilterInline)
    take_back_needs = ("mapping.change_mapping", *REWRITE)
    buttons = (
        Button(
            "restore",
            _("Restore all defaults"),
            "mapping.change_rule",
            icon="settings_backup_restore",
            confirm=_(
                "Restore all defaults? Every default rule that was changed, switched"
                " off or removed becomes again what the target ships. Rules of your"
                " own for the same fields are switched off."
            ),
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Setting up an integration makes its mappings."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        """With the rules, of which the list counts the changed ones."""
        found: QuerySet[Mapping] = super().get_queryset(request)
        return found.prefetch_related("rules")

    @admin.display(description=_("Rules"))
    def display_changed(self, mapping: Mapping) -> str:
        """How many rules there are, and how many are not as shipped."""
        rules = list(mapping.rules.all())
        parts = [str(len(rules))]
        changed = sum(rule.changed for rule in rules)
        found = offers.find_offers(mapping)
        changed += len([each for each in found if each.what == ADDED])
        own = sum(rule.origin != Origin.DEFAULT for rule in rules)
        if changed:
            parts.append(_now("%s changed") % changed)
        offered = len([each for each in found if each.what != ADDED])
        if offered:
            parts.append(_now("%s new defaults") % offered)
        if own:
            parts.append(_now("%s of your own") % own)
        return ", ".join(parts)

    def press_restore(self, request: HttpRequest, mapping: Mapping) -> None:
        """Restore the defaults and say what was done."""
        said = restoring.describe(restoring.restore_defaults(mapping))
        messages.success(request, said)


def is_changed(rule: Rule) -> bool:
    """Whether there is a default to go back to."""
    return rule.changed


# In the address of a value map: the keys of a row to add.
ROW = "row"


@admin.register(Rule)
class RuleAdmin(OriginColumn, KeptAdmin):
    """One rule, with its default beside it and the functions it may use."""

    form = SingleRuleForm
    list_display = ("__str__", "mapping", "expression", "display_origin", "active")
    list_filter = ("mapping", "scope", "origin", "active")
    list_select_related = ("mapping",)
    search_fields = ("field", "label", "expression")
    take_back_needs = REWRITE
    readonly_fields = (
        "mapping",
        "display_origin",
        "default_expression",
        "display_functions",
    )
    fieldsets = (
        (None, {"fields": ("mapping", ("scope", "field"), "label")}),
        (None, {"fields": ("expression", "default_expression", "display_origin")}),
        (None, {"fields": ("on", "required", "active", "position")}),
        (_("Functions"), {"fields": ("display_functions",)}),
    )
    buttons = (
        Button(
            "restore",
            _("Restore default"),
            "mapping.change_rule",
            icon="settings_backup_restore",
            confirm=_(
                "Restore the default? The rule becomes again what the target ships."
            ),
            in_list=is_changed,
            shown=is_changed,
        ),
    )

    def kept_of(self, obj: Any) -> Mapping:
        """A rule is kept as a part of its mapping."""
        mapping: Mapping = obj.mapping
        return mapping

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are added on the page of their mapping."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only rules of one's own; one at a time, because lists do not ask for each."""
        if obj is None or obj.origin == Origin.DEFAULT:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("Functions"))
    def display_functions(self, rule: Rule) -> SafeString:
        """Every function with its help and an example."""
        rows = (
            (each.signature, each.help.replace("`", ""), each.example, each.gives)
            for each in list_functions(rule.mapping.source, rule.mapping.target)
        )
        row = "<tr><td><code>{}</code></td><td>{}</td><td><code>{}</code> → <code>{}</code></td></tr>"
        return format_html("<table>{}</table>", format_html_join("", row, rows))

    def press_restore(self, request: HttpRequest, rule: Rule) -> None:
        """Restore the default of this rule."""
        done = restoring.restore_default(rule)
        messages.success(request, restoring.describe(done))


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

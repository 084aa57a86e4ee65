"""Mappings in the admin: their rules by what they fill, and their filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integration_hub.core.panel.buttons import Button
from mapping import offers, restoring
from mapping.declared import list_unfilled, names_by_field
from mapping.differences import ADDED
from mapping.documents import Document
from mapping.filter_admin import FilterInline
from mapping.kept_admin import REWRITE
from mapping.meanwhile import KeepsUp
from mapping.models import Mapping, Origin, Rule
from mapping.offers_admin import RuleOffersAdmin
from mapping.rule_admin import RuleColumns
from mapping.rule_forms import RuleForm, RuleFormSet
from mapping.rules import Occasion, Scope
from mapping.versions import Thing

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline

    _RuleInline = TabularInline[Rule, Mapping]
else:
    from unfold.admin import TabularInline

    _RuleInline = TabularInline


class RuleInline(RuleColumns, _RuleInline):
    """The rules of one object of a mapping, in an order that people choose."""

    model = Rule
    formset = RuleFormSet
    fields = (
        "target",
        "expression",
        "on",
        "only_if_empty",
        "required",
        "active",
        "display_origin",
        "position",
        "seen",
    )
    readonly_fields = ("display_origin",)
    ordering_field = "position"
    hide_ordering_field = True
    show_change_link = True
    extra = 0
    scope = Scope.HEADER

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """As they are stored for those who may only look."""
        if self.has_change_permission(request, obj):
            return self.fields
        return ("display_target", "display_value", *self.fields[2:-1])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the pages tell in their own words."""
        if self.has_change_permission(request, obj):
            return self.readonly_fields
        return ("display_target", "display_value", *self.readonly_fields)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The formset with the names of what tables give."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.names = self.names  # type: ignore[attr-defined]
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        """Only this object's."""
        found: QuerySet[Rule] = super().get_queryset(request)
        return found.filter(scope=self.scope)


def make_inline(scope: Scope, title: Any) -> type[RuleInline]:
    """The rules of one object, under its own heading."""
    form = type("ScopedRuleForm", (RuleForm,), {"scope": scope.value})
    prefix = classmethod(lambda cls: f"{scope.value}_rules")
    formset = type("ScopedFormSet", (RuleFormSet,), {"get_default_prefix": prefix})
    parts = {"scope": scope, "form": form, "formset": formset}
    return type("ScopedInline", (RuleInline,), {**parts, "verbose_name_plural": title})


RULE_INLINES = (
    make_inline(Scope.HEADER, _("Rules: document")),
    make_inline(Scope.LINE, _("Rules: lines")),
    make_inline(Scope.TENDER, _("Rules: tenders")),
    make_inline(Scope.CUSTOMER, _("Rules: the customer that a document brings along")),
    make_inline(Scope.ITEM, _("Rules: the items that a document brings along")),
)


class MappingForm(KeepsUp):
    """What a mapping is called."""

    class Meta:
        model = Mapping
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_up()

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]]:
        """Its own history."""
        name = self.instance.name
        return self.instance, lambda document: document["name"] == name


@admin.register(Mapping)
class MappingAdmin(RuleOffersAdmin):
    """Rules and filters. A mapping comes into being with its flow."""

    form = MappingForm
    list_display = ("name", "systems", "display_changed")
    search_fields = ("name",)
    fields = ("name", "systems")
    readonly_fields = ("systems",)
    inlines = (*RULE_INLINES, FilterInline)
    change_form_template = "hub/mapping_form.html"
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
            needs=("mapping.add_rule",),
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Setting up an integration makes its mappings."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        """With the rules, of which the list counts the changed ones."""
        found: QuerySet[Mapping] = super().get_queryset(request)
        return found.prefetch_related("rules")

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rules that tell names instead of ids."""
        inlines: Any = super().get_inline_instances(request, obj)
        if obj is not None:
            names = names_by_field(obj.target, self.names_of(request, obj))
            for inline in inlines:
                inline.names = names
        return inlines

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Tell which required fields nothing fills."""
        mapping: Mapping | None = kwargs.get("obj")
        if mapping is not None:
            rules = mapping.rules.filter(active=True).exclude(on=Occasion.UPDATE)
            filled = [(rule.scope, rule.field) for rule in rules]
            context["unfilled"] = list_unfilled(mapping.target, filled)
        return super().render_change_form(request, context, *args, **kwargs)

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

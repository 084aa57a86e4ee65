"""Rules in the admin, each with its expression or its conditional table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from integration_hub.core.errors import ConfigError
from integration_hub.core.panel.badges import badge
from integration_hub.core.panel.buttons import Button
from mapping import checking, restoring
from mapping.declared import FieldNames, describe_field, fields_of_target
from mapping.drafts import TableDraft, change_table, receive_table
from mapping.editors import Editor, Pairs, settle
from mapping.functions import functions_of, list_functions
from mapping.kept_admin import REWRITE, KeptAdmin
from mapping.met import list_met
from mapping.models import Mapping, Origin, Rule
from mapping.rule_forms import TABLE, SingleRuleForm
from mapping.rules import ROOTS
from mapping.tables import read_table
from mapping.trying import Samples

if TYPE_CHECKING:
    from django.utils.safestring import SafeString


class RuleColumns:
    """The columns that tell what a rule fills and where it comes from."""

    # What ids stand for that tables give.
    names: FieldNames | None = None

    @admin.display(description=_("Origin"))
    def display_origin(self, rule: Rule) -> SafeString:
        """Whether the rule is the target's default, and whether it was changed."""
        if rule.origin != Origin.DEFAULT:
            return badge(_now("own"), "busy")
        if rule.changed:
            title = rule.default_expression
            return badge(_now("default, changed"), "warn", title=title)
        return badge(_now("default"), "calm")

    @admin.display(description=_("Field"))
    def display_target(self, rule: Rule) -> str:
        """The field with what the target says of it."""
        declared = fields_of_target(rule.mapping.target).get((rule.scope, rule.field))
        return describe_field(declared) if declared else str(rule)

    @admin.display(description=_("Value"))
    def display_value(self, rule: Rule) -> SafeString:
        """The expression, or the table as sentences."""
        lines = [rule.expression]
        if rule.table is not None:
            known = (self.names or {}).get((rule.scope, rule.field))
            lines = checking.tell_table(rule.mapping, rule.data, known)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))


def is_changed(rule: Rule) -> bool:
    """Whether there is a default to go back to."""
    return rule.changed


@admin.register(Rule)
class RuleAdmin(RuleColumns, KeptAdmin):
    """One rule, with its default beside it and the functions it may use."""

    form = SingleRuleForm
    list_display = ("__str__", "mapping", "display_value", "display_origin", "active")
    list_filter = ("mapping", "scope", "origin", "active")
    list_select_related = ("mapping",)
    search_fields = ("field", "label", "expression")
    change_form_template = "hub/rule_form.html"
    take_back_needs = REWRITE
    readonly_fields = (
        "mapping",
        "display_origin",
        "default_expression",
        "display_functions",
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

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one that the table's buttons post to."""
        edit = self.admin_site.admin_view(require_POST(self.edit_table))
        own = path("<path:object_id>/table/", edit, name="mapping_rule_table")
        return [own, *super().get_urls()]

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """Documents that went through a mapping last; none here, where no record is
        known. Whoever knows records overrides it.
        """
        return Samples()

    def choices_of(self, request: HttpRequest, rule: Rule) -> Pairs:
        """What the rule's field is picked from, where the target's declaration says."""
        field = fields_of_target(rule.mapping.target).get((rule.scope, rule.field))
        return field.choices if field and isinstance(field.choices, tuple) else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those who may only look see the rule in words."""
        may_change = self.has_change_permission(request, obj)
        what = ("target", "label") if may_change else ("display_target", "label")
        how = ("way", "expression") if may_change else ("display_value",)
        return (
            (None, {"fields": ("mapping", *what)}),
            (None, {"fields": (*how, "default_expression", "display_origin")}),
            (None, {"fields": ("on", "only_if_empty", "required", "active")}),
            (None, {"fields": ("position", "note")}),
            (
                _("Functions"),
                {"fields": ("display_functions",), "classes": ("collapse",)},
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the page tells in its own words."""
        if self.has_change_permission(request, obj):
            return self.readonly_fields
        return ("display_target", "display_value", *self.readonly_fields)

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
        return format_html(
            '<table class="hub-table">{}</table>', format_html_join("", row, rows)
        )

    def press_restore(self, request: HttpRequest, rule: Rule) -> None:
        """Restore the default of this rule."""
        done = restoring.restore_default(rule)
        messages.success(request, restoring.describe(done))

    # -------------------------------------------------------------------- the table

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the table to those who may change it."""
        rule, form = kwargs.get("obj"), context["adminform"].form
        may_change = self.has_change_permission(request, rule)
        if isinstance(form, SingleRuleForm) and rule is not None and may_change:
            context |= self.show_table(request, rule, form.draft)
        return super().render_change_form(request, context, *args, **kwargs)

    def edit_table(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The table as it is typed, with what a button has done to it."""
        rule: Rule | None = self.get_object(request, object_id)
        if rule is None:
            raise Http404
        if not self.has_change_permission(request, rule):
            raise PermissionDenied
        draft = receive_table(request.POST, TABLE)
        focus = change_table(draft, TABLE, request.POST.get("press", ""))
        for conditions, _answer in draft.rows:
            settle(conditions)
        context = {**self.show_table(request, rule, draft), "focus": focus}
        return render(request, "hub/conditions/table.html", context)

    def show_table(
        self, request: HttpRequest, rule: Rule, draft: TableDraft
    ) -> dict[str, Any]:
        """What the table's template needs."""
        samples = self.samples_of(request, rule.mapping).documents
        choices = self.choices_of(request, rule)
        editor = Editor(ROOTS[rule.scope], list_met(d for _n, d in samples), choices)
        return {
            "table": editor.show_table(draft, TABLE),
            "editor_url": reverse("admin:mapping_rule_table", args=(rule.pk,)),
            "told": tell_draft(rule, draft, choices),
        }


def tell_draft(rule: Rule, draft: TableDraft, choices: Pairs) -> dict[str, Any]:
    """The table as sentences, or what is still wrong with it."""
    try:
        functions = functions_of(rule.mapping.source, rule.mapping.target)
        table = read_table(draft.to_json(), ROOTS[rule.scope], functions)
    except ConfigError as error:
        return {"problem": error.message}
    return {"sentences": table.tell({key: str(name) for key, name in choices})}

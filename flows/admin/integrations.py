"""Integrations in the admin, with the settings that their target asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors.contract import Field
from connectors.forms import make_field
from flows import map_lists, setup
from flows.admin import portability
from flows.admin.asking import AskingAdmin, asked_lists
from flows.models import Integration
from integration_hub.core.panel.bases import PanelAdmin
from integration_hub.core.panel.buttons import Button
from integration_hub.core.panel.widgets import dress
from mapping.meanwhile import KeepsUp

DEFAULT = "default_"
OWN_FIELDS = ("name", "source", "target", "start_date", "number_prefix", "mark")
CHANGE = "flows.change_integration"


class IntegrationForm(KeepsUp):
    """The integration's own columns; subclasses add the target's settings."""

    class Meta:
        model = Integration
        fields = OWN_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_up()

    def kept_in(self) -> None:
        """Integrations have no history."""

    def clean(self) -> dict[str, Any]:
        """Two different connections, of which the second takes what the first has."""
        cleaned: dict[str, Any] = super().clean() or {}
        source, target = cleaned.get("source"), cleaned.get("target")
        if source and target and not setup.feeds_between(source, target):
            problem = _("%(target)s cannot take anything that %(source)s has.")
            self.add_error("target", problem % {"target": target, "source": source})
        return cleaned

    def save(self, commit: bool = True) -> Integration:
        """Lay the target's settings over those that are stored."""
        chosen = {
            name.removeprefix(DEFAULT): _to_json(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(DEFAULT)
        }
        self.instance.defaults = {**self.instance.defaults, **chosen}
        stored: Integration = super().save(commit)
        return stored


def build_form(
    integration: Integration, lists: map_lists.Lists
) -> type[IntegrationForm]:
    """The form with the target's settings, filled with what is chosen."""
    fields = {
        f"{DEFAULT}{declared.name}": _make_field(declared, integration, lists)
        for declared in setup.settings_fields(integration)
    }
    return type("TargetIntegrationForm", (IntegrationForm,), dict(fields))


def _make_field(
    declared: Field, integration: Integration, lists: map_lists.Lists
) -> forms.Field:
    field = make_field(declared, lists.found)
    chosen = integration.defaults.get(declared.name)
    if chosen not in (None, ""):
        field.initial = chosen
    # What is missing is said when a flow is switched on: a person may leave and ask.
    field.required = False
    if isinstance(field, forms.ChoiceField):
        offered = cast(Iterable[tuple[Any, Any]], field.choices)
        choices = [("", "–"), *((k, v) for k, v in offered if k != "")]
        if chosen and str(chosen) not in {str(key) for key, _label in choices}:
            gone = _now("%s (no longer in the list)") % chosen
            choices.append((str(chosen), gone))
        field.choices = choices
    dress(field)
    return field


def has_new_maps(integration: Integration) -> bool:
    """Whether the target ships value maps that are not there."""
    return bool(setup.list_new_maps(integration))


def _to_json(value: Any) -> Any:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else value


@admin.register(Integration)
class IntegrationAdmin(AskingAdmin, PanelAdmin):
    """Two connections and what their flows share."""

    list_display = ("name", "source", "target", "start_date", "count_flows")
    list_select_related = ("source", "target")
    search_fields = ("name",)
    change_form_template = "hub/integration_form.html"
    tells_problem = False
    change_list_template = "hub/integration_list.html"
    buttons = (
        Button("refresh", _("Ask for the lists again"), CHANGE, icon="refresh"),
        Button(
            "add_maps",
            _("Add new value maps"),
            "mapping.add_valuemap",
            icon="table_chart",
            shown=has_new_maps,
        ),
        Button(
            "export",
            _("Export"),
            "flows.view_integration",
            icon="download",
            needs=portability.MAY_EXPORT,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the page that imports."""
        return [*portability.list_urls(self), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list, with the way to import for who may."""
        more = {"may_import": portability.may_import(request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the flows, which the list counts."""
        return super().get_queryset(request).prefetch_related("flows")

    @admin.display(description=_("Flows"))
    def count_flows(self, integration: Integration) -> str:
        """How many flows are on, of how many."""
        flows = list(integration.flows.all())
        enabled = sum(flow.enabled for flow in flows)
        return _now("%(on)s of %(all)s on") % {"on": enabled, "all": len(flows)}

    def ask_lists(
        self, request: HttpRequest, obj: Integration
    ) -> map_lists.Lists | None:
        """What the settings of its target choose from."""
        may_change = self.has_change_permission(request)
        return setup.ask_lists(obj) if may_change else None

    def get_form(
        self,
        request: HttpRequest,
        obj: Integration | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The form with the target's settings."""
        form = IntegrationForm
        lists = asked_lists(request)
        if obj is not None and lists is not None:
            form = build_form(obj, lists)
        return super().get_form(request, obj, change=change, **{**kwargs, "form": form})

    def get_fieldsets(
        self, request: HttpRequest, obj: Integration | None = None
    ) -> Any:
        """The integration, then what its target wants to know."""
        general = (None, {"fields": OWN_FIELDS})
        if obj is None or asked_lists(request) is None:
            return (general,)
        names = [f"{DEFAULT}{f.name}" for f in setup.settings_fields(obj)]
        title = _now("Settings of %s") % obj.target.name
        return (general, (title, {"fields": names}))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Integration | None = None
    ) -> tuple[str, ...]:
        """The connections stay: links and records belong to them."""
        return () if obj is None else ("source", "target")

    def save_model(
        self, request: HttpRequest, obj: Integration, form: Any, change: bool
    ) -> None:
        """A new one gets its value maps and flows."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            setup.create_integration(obj)

    def response_add(
        self, request: HttpRequest, obj: Integration, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the settings of the target, known only now."""
        said = _now("%s was added. Choose the settings of its target now.")
        messages.success(request, said % obj)
        return redirect("admin:flows_integration_change", obj.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the flows, the way to the value maps and why lists are missing."""
        obj = kwargs.get("obj")
        if obj is not None:
            context["flows"] = list(obj.flows.all())
            lists = asked_lists(request)
            context["lists_problem"] = lists.problem if lists else ""
            context["maps_url"] = (
                reverse("admin:mapping_valuemap_changelist")
                + f"?map_set__id__exact={obj.value_maps_id}"
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def press_refresh(self, request: HttpRequest, integration: Integration) -> None:
        """Let the lists be asked anew."""
        setup.forget_choices(integration)
        messages.success(request, _now("The lists were asked again."))

    def press_add_maps(self, request: HttpRequest, integration: Integration) -> None:
        """Bring the value maps that a new version of the target ships."""
        new = setup.add_new_maps(integration)
        said = _now("Added: %s.") % ", ".join(each.label for each in new)
        messages.success(request, said)

    def press_export(
        self, request: HttpRequest, integration: Integration
    ) -> HttpResponse:
        """Its file, to keep or to take to another hub."""
        return portability.download(request, integration)

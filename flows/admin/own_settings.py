"""The page on which a flow overrides settings of its integration, one by one."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors.forms import make_field
from flows import map_lists, own_settings, setup
from flows.models import Flow
from flows.own_settings import Setting
from integration_hub.core.errors import HubError
from integration_hub.core.panel.widgets import dress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from integration_hub.core.panel.bases import PanelAdmin

CHANGE = "flows.change_flow"
OWN, VALUE = "own_", "value_"


class SettingsForm(forms.Form):
    """A tick and a value per setting; ``build_form`` adds them.

    ``seen`` stands for what the flow overrode when the page was opened.
    """

    settings: tuple[Setting, ...] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each setting with its two fields."""
        for setting in self.settings:
            name = setting.field.name
            yield {
                "setting": setting,
                "own": self[f"{OWN}{name}"],
                "value": self[f"{VALUE}{name}"],
            }

    def clean(self) -> dict[str, Any]:
        """What the target cannot do without is not overridden by nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        for setting in self.settings:
            name = setting.field.name
            value = cleaned.get(f"{VALUE}{name}")
            if self._is_own(setting) and setting.field.required and value in (None, ""):
                self.add_error(f"{VALUE}{name}", _now("Choose a value."))
        stored = self.fields["seen"].initial
        if cleaned.get("seen") not in ("", stored):
            data = cast(QueryDict, self.data).copy()
            data["seen"] = stored
            self.data = data
            said = _now(
                "Somebody changed the settings of this flow while this page was open:"
                " they stand under “Value now”. What you chose stands here: save again"
                " to have that instead."
            )
            self.add_error(None, said)
        return cleaned

    def chosen(self) -> dict[str, Any]:
        """The settings that the flow overrides."""
        found = {}
        for setting in self.settings:
            name = setting.field.name
            if self._is_own(setting):
                value = self.cleaned_data[f"{VALUE}{name}"]
                has_date = hasattr(value, "isoformat")
                found[name] = value.isoformat() if has_date else value
        return {name: "" if v is None else v for name, v in found.items()}

    def _is_own(self, setting: Setting) -> bool:
        """Whether it is ticked, or was given another value without a tick."""
        name = setting.field.name
        if setting.is_own or self.cleaned_data.get(f"{OWN}{name}"):
            return bool(self.cleaned_data.get(f"{OWN}{name}"))
        is_given = self.cleaned_data.get(f"{VALUE}{name}") not in (None, "")
        return is_given and f"{VALUE}{name}" in self.changed_data


def build_form(flow: Flow, lists: map_lists.Lists) -> type[SettingsForm]:
    """The form with every setting of the flow's target, filled with what holds now."""
    fields: dict[str, Any] = {"settings": tuple(own_settings.explain(flow))}
    stored = sha256(json.dumps(flow.settings, sort_keys=True).encode()).hexdigest()
    fields["seen"] = forms.CharField(
        required=False, widget=forms.HiddenInput, initial=stored
    )
    for setting in fields["settings"]:
        name = setting.field.name
        fields[f"{OWN}{name}"] = forms.BooleanField(
            label=_("Own value"), required=False, initial=setting.is_own
        )
        fields[f"{VALUE}{name}"] = _make_value(setting, lists)
    return type("FlowSettingsForm", (SettingsForm,), fields)


def _make_value(setting: Setting, lists: map_lists.Lists) -> forms.Field:
    field = make_field(setting.field, lists.found)
    field.required = False
    field.initial = setting.value
    if setting.field.type == "boolean":
        field.initial = setting.value in (True, "true", "1", "on")
    if isinstance(field, forms.ChoiceField):
        offered = cast("Iterable[tuple[Any, Any]]", field.choices)
        choices = [("", "–"), *((k, v) for k, v in offered if k != "")]
        if setting.value and str(setting.value) not in {str(k) for k, _v in choices}:
            gone = _now("%s (no longer in the list)") % setting.value
            choices.append((str(setting.value), gone))
        field.choices = choices
    dress(field)
    return field


def list_urls(panel: PanelAdmin) -> list[URLPattern]:
    """The address of the page."""
    view = panel.admin_site.admin_view(partial(show, panel))
    return [path("<int:flow_id>/settings/", view, name="flows_own_settings")]


def show(panel: PanelAdmin, request: HttpRequest, flow_id: int) -> HttpResponse:
    """Every setting with where it comes from; what is ticked or changed is the flow's."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    found = Flow.objects.select_related("integration__target")
    flow = get_object_or_404(found, pk=flow_id)
    try:
        lists = setup.ask_lists(flow.integration)
    except HubError as error:
        messages.error(request, f"{error.message} {error.action}".strip())
        return redirect("admin:flows_flow_change", flow.pk)
    form = build_form(flow, lists)(request.POST if request.method == "POST" else None)
    if form.is_valid():
        own_settings.override(flow, form.chosen())
        panel.log_change(request, flow, _now("Settings"))
        messages.success(request, _now("The settings of %s are saved.") % flow)
        return redirect("admin:flows_flow_change", flow.pk)
    back = reverse("admin:flows_flow_change", args=(flow.pk,))
    context = {
        **panel.admin_site.each_context(request),
        "title": _now("Settings of %s") % flow,
        "opts": panel.opts,
        "original": flow,
        "form": form,
        "lists_problem": lists.problem,
        "back_url": back,
    }
    return TemplateResponse(request, "hub/own_settings.html", context)

"""Export and import of an integration: a file down, a file up, its difference, done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from connectors.models import Connection
from flows.models import Integration
from flows.portability import carrying, planning
from flows.portability.exporting import export
from flows.portability.plans import Plan
from flows.portability.reading import MOST_BYTES
from integration_hub.core.errors import FileError
from integration_hub.core.panel.widgets import dress

if TYPE_CHECKING:
    from integration_hub.core.panel.bases import PanelAdmin

# A file shows all of an integration; an import may change all of it.
MAY_EXPORT = tuple(
    f"{name.split('.')[0]}.view_{name.split('.')[1]}"
    for name in (
        "flows.integration",
        "flows.flow",
        "mapping.mapping",
        "mapping.valuemap",
        "mapping.rule",
        "mapping.filter",
        "mapping.valuemapentry",
    )
)
MAY_IMPORT = (
    *MAY_EXPORT,
    *(
        f"{app}.{verb}_{name}"
        for app, name in (
            ("flows", "integration"),
            ("flows", "flow"),
            ("mapping", "mapping"),
            ("mapping", "valuemap"),
            ("mapping", "rule"),
            ("mapping", "filter"),
            ("mapping", "valuemapentry"),
        )
        for verb in ("add", "change")
    ),
    *(f"mapping.delete_{name}" for name in ("rule", "filter", "valuemapentry")),
)
SIDES = ("source", "target")


class UploadForm(forms.Form):
    """The file, and connections that take the place of those in it."""

    file = forms.FileField(
        label=_("File"), widget=UnfoldAdminFileFieldWidget, required=False
    )
    source = forms.ChoiceField(label=_("Source"), required=False)
    target = forms.ChoiceField(label=_("Target"), required=False)
    # The file again, once it was looked into.
    text = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(each.name, each.name) for each in Connection.objects.all()]
        for name in SIDES:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [("", _("as in the file")), *known]
            dress(field)

    def clean(self) -> dict[str, Any]:
        """There must be a file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("file") and not cleaned.get("text"):
            self.add_error("file", _now("Choose a file."))
        return cleaned

    @property
    def content(self) -> bytes:
        """What is in the file, and a little more than is taken where it is too large."""
        file = self.cleaned_data.get("file")
        if file:
            content: bytes = file.read(MOST_BYTES + 1)
            return content
        text: str = self.cleaned_data["text"]
        return text.encode()

    def connections(self, content: bytes) -> dict[str, str]:
        """Connections of this hub by the names of those in the file."""
        chosen = {name: self.cleaned_data[name] for name in SIDES}
        named = planning.name_ends(content) if any(chosen.values()) else {}
        return {
            named[side]: name for side, name in chosen.items() if name and side in named
        }


def list_urls(panel: PanelAdmin) -> list[URLPattern]:
    """The address of the page that imports."""
    view = panel.admin_site.admin_view(partial(show, panel))
    return [path("import/", view, name="flows_import")]


def may_import(request: HttpRequest) -> bool:
    """Whether this person may change all that an import may change."""
    return request.user.has_perms(MAY_IMPORT)


def download(request: HttpRequest, integration: Integration) -> HttpResponse:
    """The file of an integration."""
    if not request.user.has_perms(MAY_EXPORT):
        raise PermissionDenied
    name = slugify(integration.name) or f"integration-{integration.pk}"
    answer = HttpResponse(export(integration), content_type="application/yaml")
    answer["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return answer


def show(panel: PanelAdmin, request: HttpRequest) -> HttpResponse:
    """Take a file, show what it would change, and do it once a person is sure."""
    if not may_import(request):
        raise PermissionDenied
    if request.method != "POST":
        return _render(panel, request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render(panel, request, form)
    content = form.content
    chosen = form.connections(content)
    names = planning.ask_names(content, connections=chosen)
    try:
        with transaction.atomic():
            plan = planning.prepare(content, connections=chosen, names=names)
            if form.cleaned_data["seen"] == plan.fingerprint:
                return _carry_out(panel, request, plan)
    except FileError as error:
        return _render(panel, request, form, problems=error.problems)
    if form.cleaned_data["seen"]:
        messages.warning(
            request, _now("Something has changed since you looked. Look again.")
        )
    shown = UploadForm(
        {
            **{name: form.cleaned_data[name] for name in SIDES},
            "text": content.decode("utf-8-sig"),
            "seen": plan.fingerprint,
        }
    )
    return _render(panel, request, shown, plan=plan)


def _carry_out(panel: PanelAdmin, request: HttpRequest, plan: Plan) -> HttpResponse:
    integration = carrying.carry_out(plan)
    panel.log_change(request, integration, _now("Imported"))
    said = _now("%s is imported. Check the set-up of its flows and switch them on.")
    messages.success(request, said % integration)
    return redirect("admin:flows_integration_change", integration.pk)


def _render(
    panel: PanelAdmin, request: HttpRequest, form: UploadForm, **more: Any
) -> HttpResponse:
    context = {
        **panel.admin_site.each_context(request),
        "title": _now("Import an integration"),
        "opts": panel.opts,
        "form": form,
        "back_url": reverse("admin:flows_integration_changelist"),
        **more,
    }
    return TemplateResponse(request, "hub/import.html", context)

"""The history of a mapping or a value map as a page: listed, compared, taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.views.decorators.http import require_POST

from integration_hub.core.errors import HubError
from integration_hub.core.panel.bases import PanelAdmin
from mapping import history
from mapping.declared import Names
from mapping.models import Version
from mapping.versions import Thing, describe, recording

MOST_SHOWN = 200
# Who may take back a change of a mapping, and of a value map.
REWRITE = tuple(
    f"mapping.{verb}_{name}"
    for name in ("rule", "filter")
    for verb in ("add", "change", "delete")
)
REFILL = (
    "mapping.change_valuemap",
    *(f"mapping.{verb}_valuemapentry" for verb in ("add", "change", "delete")),
)


class KeptAdmin(PanelAdmin):
    """Pages of things whose every change is kept."""

    # Who may take back: all of what that may change.
    take_back_needs: tuple[str, ...] = ()

    def kept_of(self, obj: Any) -> Thing:
        """The mapping or value map that a page of this admin changes."""
        thing: Thing = obj
        return thing

    def names_of(self, request: HttpRequest, thing: Thing) -> Names:
        """What ids stand for; empty here, where no system is known."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one that takes back."""
        view = self.admin_site.admin_view(require_POST(self.take_back))
        name = f"{self._prefix}_take_back"
        own = path("<path:object_id>/take-back/<int:version_id>/", view, name=name)
        return [own, *super().get_urls()]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kw: Any
    ) -> Any:
        """What a form changes is kept."""
        obj = self.get_object(request, object_id or "")
        if request.method != "POST" or obj is None:
            return super().changeform_view(request, object_id, *args, **kw)
        with recording(self.kept_of(obj), how=_now("changed on its page")):
            return super().changeform_view(request, object_id, *args, **kw)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """What goes with one of its parts is kept, too."""
        thing = self.kept_of(obj)
        if thing is obj:
            super().delete_model(request, obj)
            return
        with recording(thing, how=_now("%s deleted") % obj):
            super().delete_model(request, obj)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Every change, two states side by side, and a button to take back."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        thing = self.kept_of(obj)
        versions = list(thing.versions.defer("document")[:MOST_SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "title": _now("History of %s") % thing,
            "opts": self.opts,
            "original": obj,
            "rows": self._list_rows(obj, thing, versions),
            "may_take_back": self._may_take_back(request),
            "back_url": reverse(f"admin:{self._prefix}_change", args=(obj.pk,)),
            **self._compare(request, thing, versions),
        }
        return TemplateResponse(request, "hub/history.html", context)

    def take_back(
        self, request: HttpRequest, object_id: str, version_id: int
    ) -> HttpResponse:
        """Make the thing again what it was."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self._may_take_back(request):
            raise PermissionDenied
        thing = self.kept_of(obj)
        version = get_object_or_404(thing.versions, pk=version_id)
        try:
            done = history.take_back(thing, version)
        except HubError as error:
            messages.error(request, f"{error.message} {error.action}".strip())
        else:
            said = (
                _now("%s is again what it was.") if done else _now("%s is so already.")
            )
            messages.success(request, said % thing)
        return redirect(f"admin:{self._prefix}_history", obj.pk)

    def _may_take_back(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.take_back_needs)

    def _list_rows(
        self, obj: Model, thing: Thing, versions: list[Version]
    ) -> list[dict[str, Any]]:
        is_now = bool(versions) and versions[0].document == describe(thing)
        address = f"admin:{self._prefix}_take_back"
        return [
            {
                "version": version,
                "before": older,
                "is_now": is_now and version is versions[0],
                "url": reverse(address, args=(obj.pk, version.pk)),
            }
            for version, older in zip(versions, [*versions[1:], None], strict=False)
        ]

    def _compare(
        self, request: HttpRequest, thing: Thing, versions: list[Version]
    ) -> dict[str, Any]:
        """The two states that are asked for, else the last two."""
        known = {str(version.pk): version for version in versions}
        old, new = (known.get(request.GET.get(name, "")) for name in ("old", "new"))
        if (old is None or new is None) and len(versions) > 1:
            new, old = versions[:2]
        if old is None or new is None:
            return {"changes": [], "old": None, "new": None}
        names = self.names_of(request, thing)
        changes = history.compare(thing, old.document, new.document, names)
        return {"changes": changes, "old": old, "new": new}

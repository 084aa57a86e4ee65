"""What a new version of a target ships otherwise, on the pages of what it concerns."""

from __future__ import annotations

from collections.abc import Mapping as Named
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _now
from django.views.decorators.http import require_POST

from integration_hub.core.errors import HubError
from integration_hub.core.panel.bases import BACK
from mapping import offers
from mapping.kept_admin import REWRITE, KeptAdmin
from mapping.models import Mapping, ValueMap

TAKE, KEEP = "take", "keep"


def address_of(request: HttpRequest, mapping: Mapping) -> str:
    """Where another page's buttons post to and come back from; "" for who may not."""
    if not request.user.has_perms(("mapping.change_mapping", *REWRITE)):
        return ""
    address = reverse("admin:mapping_mapping_offer", args=(mapping.pk,))
    return f"{address}?{urlencode({BACK: request.path})}"


class OffersAdmin(KeptAdmin):
    """A page on which new defaults are offered; subclasses say which and settle one."""

    def offers_of(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the page shows of them."""
        raise NotImplementedError

    def settle(self, request: HttpRequest, obj: Any, choice: str) -> None:
        """Take or keep, as a button says. Raises HubError."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one that the buttons post to."""
        view = self.admin_site.admin_view(require_POST(self.choose))
        name = f"{self._prefix}_offer"
        return [path("<path:object_id>/offer/", view, name=name), *super().get_urls()]

    def choose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a new default, or keep what is there."""
        obj = self.get_object(request, object_id)
        choice = request.POST.get("choice", "")
        if obj is None or choice not in (TAKE, KEEP):
            raise Http404
        if not request.user.has_perms(self.take_back_needs):
            raise PermissionDenied
        try:
            self.settle(request, obj, choice)
        except HubError as error:
            messages.error(request, f"{error.message} {error.action}".strip())
        else:
            said = {
                TAKE: _now("The new default is taken."),
                KEEP: _now("It stays as it is, and is offered no more."),
            }
            messages.success(request, said[choice])
        back = request.GET.get(BACK, "")
        if url_has_allowed_host_and_scheme(back, None):
            return HttpResponseRedirect(back)
        return redirect(f"admin:{self._prefix}_change", obj.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what is offered."""
        obj = kwargs.get("obj")
        if obj is not None:
            context.update(self.offers_of(request, obj))
            if request.user.has_perms(self.take_back_needs):
                address = f"admin:{self._prefix}_offer"
                context["offer_url"] = reverse(address, args=(obj.pk,))
        return super().render_change_form(request, context, *args, **kwargs)


class RuleOffersAdmin(OffersAdmin):
    """The page of a mapping."""

    change_form_template = "hub/mapping_form.html"

    def offers_of(self, request: HttpRequest, obj: Mapping) -> dict[str, Any]:
        """Its target's default rules that are new, other or gone."""
        return {"offers": offers.find_offers(obj)}

    def settle(self, request: HttpRequest, obj: Mapping, choice: str) -> None:
        """One rule, named by the button."""
        settle = offers.take if choice == TAKE else offers.keep
        settle(obj, request.POST.get("key", ""))


class TemplateOffersAdmin(OffersAdmin):
    """The page of a value map."""

    change_form_template = "hub/value_map_form.html"

    def target_of(self, value_map: ValueMap) -> str:
        """The key of the system whose map this is; "" here, where none is known."""
        return ""

    def offers_of(self, request: HttpRequest, obj: ValueMap) -> dict[str, Any]:
        """How its template changed."""
        template = self._find(obj)
        changes = offers.compare_template(obj, template) if template else []
        return {"changes": changes}

    def settle(self, request: HttpRequest, obj: ValueMap, choice: str) -> None:
        """The whole template."""
        template = self._find(obj)
        if template is None:
            return
        settle = offers.take_template if choice == TAKE else offers.keep_template
        settle(obj, template)

    def _find(self, value_map: ValueMap) -> Named[str, Any] | None:
        return offers.find_template(value_map, self.target_of(value_map))

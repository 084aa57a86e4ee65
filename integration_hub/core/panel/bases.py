"""The admin's base classes: unfold's look, buttons that post, lists that stay fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from integration_hub.core.errors import HubError
from integration_hub.core.panel.buttons import Button
from integration_hub.core.panel.paging import CappedPaginator, QuietChangeList

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as UnfoldAdmin

    _Base = UnfoldAdmin[Any]
else:
    from unfold.admin import ModelAdmin as _Base


# In the address of a page: where to go once it is saved.
BACK = "back"
# A GET is a reload of what a button showed, or a sign-in in between.
takes_a_press = require_http_methods(["POST", "GET", "HEAD"])


class PanelAdmin(_Base):
    """A model's pages. ``buttons`` name methods ``press_NAME(request, obj)``.

    A button is a POST with its own permission; its method calls one service and
    gives a response, or None to come back with the messages it left. HubErrors
    become messages. A GET of its address does nothing and leads back.
    """

    buttons: tuple[Button, ...] = ()
    change_form_template = "hub/change_form.html"
    list_fullwidth = True

    def get_urls(self) -> list[URLPattern]:
        """The usual addresses and the one that buttons post to."""
        press = self.admin_site.admin_view(takes_a_press(self.press))
        own = path("<path:object_id>/press/<slug:name>/", press, name=self._press_name)
        return [own, *super().get_urls()]

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do what a button says: permission, then its method, then back."""
        button = next((b for b in self.buttons if b.name == name), None)
        obj = self.get_object(request, unquote(object_id)) if button else None
        if button is None or obj is None:
            raise Http404
        if not button.is_for(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return self.go_back(request, obj)
        if not button.shown(obj):
            messages.warning(request, _("This is not possible now."))
            return self.go_back(request, obj)
        self.log_change(request, obj, str(button.label_of(obj)))
        try:
            answer: HttpResponse | None = self._method(name)(request, obj)
        except HubError as error:
            messages.error(request, f"{error.message} {error.action}".strip())
            answer = None
        return answer or self.go_back(request, obj)

    def go_back(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """To the list or the dashboard if the button was there, else to the page."""
        came_from = request.GET.get("from", "")
        if came_from == "dashboard":
            return redirect("admin:index")
        if came_from == "list":
            return redirect(f"admin:{self._prefix}_changelist")
        return self.lead_to(obj, request.GET)

    def lead_to(self, obj: Model, query: QueryDict) -> HttpResponseRedirect:
        """To the page of an object, with what its address says beside."""
        page = reverse(f"admin:{self._prefix}_change", args=(quote(obj.pk),))
        return HttpResponseRedirect(f"{page}?{query.urlencode()}" if query else page)

    def response_post_save_change(
        self, request: HttpRequest, obj: Model
    ) -> HttpResponseRedirect:
        """To the page that a person came from to change this, else as usual."""
        back = request.GET.get(BACK, "")
        if url_has_allowed_host_and_scheme(back, None):
            return HttpResponseRedirect(back)
        return super().response_post_save_change(request, obj)

    def buttons_of(
        self, request: HttpRequest, obj: Model, *, in_list: bool = False
    ) -> list[dict[str, Any]]:
        """What the templates show: the buttons this person may press now."""
        return [
            {
                "label": button.label_of(obj),
                "icon": button.icon,
                "tone": button.tone,
                "confirm": button.confirm,
                "url": self.press_url(obj, button.name),
            }
            for button in self.buttons
            if (button.is_in_list(obj) or not in_list)
            and button.is_for(request.user)
            and button.shown(obj)
        ]

    def press_url(self, obj: Model, name: str) -> str:
        """Where a button of this object posts to."""
        return reverse(f"admin:{self._press_name}", args=(quote(obj.pk), name))

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns, and one with the list's buttons where there are any."""
        columns = super().get_list_display(request)
        if not any(button.in_list for button in self.buttons):
            return columns
        return (*columns, self._button_column(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page; back to the list with words where it cannot be made."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except HubError as error:
            messages.error(request, f"{error.message} {error.action}".strip())
            return redirect(f"admin:{self._prefix}_changelist")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Hand the buttons of the object to the page."""
        obj = kwargs.get("obj")
        if obj is not None:
            context["buttons"] = self.buttons_of(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def _button_column(self, request: HttpRequest) -> Callable[[Model], str]:
        def list_buttons(obj: Model) -> str:
            buttons = self.buttons_of(request, obj, in_list=True)
            return render_to_string("hub/list_buttons.html", {"buttons": buttons})

        list_buttons.short_description = ""  # type: ignore[attr-defined]
        return list_buttons

    def _method(self, name: str) -> Callable[[HttpRequest, Model], HttpResponse | None]:
        method: Callable[[HttpRequest, Model], HttpResponse | None]
        method = getattr(self, f"press_{name}")
        return method

    @property
    def _prefix(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    @property
    def _press_name(self) -> str:
        return f"{self._prefix}_press"


class HistoryAdmin(PanelAdmin):
    """Pages of what has happened: to be read, never changed by hand."""

    paginator = CappedPaginator
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """A list that does not count what it does not show."""
        return QuietChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds to history."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites history."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes from history."""
        return False

"""Connections in the admin: the page of each is made from what its connector says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors import registry, services, views
from connectors.contract import Connector
from connectors.forms import CREDENTIAL, SETTING, build_form
from connectors.models import Connection
from integration_hub.core.errors import ConfigError
from integration_hub.core.panel.badges import ago, badge
from integration_hub.core.panel.bases import PanelAdmin
from integration_hub.core.panel.buttons import Button
from integration_hub.core.panel.widgets import dress

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

TONES = {
    Connection.Status.OK: "good",
    Connection.Status.PROBLEM: "bad",
    Connection.Status.NEEDS_RECONNECT: "warn",
}
MAY_CHANGE = "connectors.change_connection"


def find_kind(key: str) -> type[Connector] | None:
    """The connector called ``key``, None if it is not installed."""
    try:
        return registry.get(key)
    except ConfigError:
        return None


def present_kind(kind: type[Connector]) -> dict[str, Any]:
    """What the choice of a system shows; a template would make an object of a class."""
    return {
        "key": kind.key,
        "label": kind.label,
        "signs_in": kind.oauth is not None,
        "can_read": bool(kind.feeds),
        "can_write": bool(kind.writes),
    }


def signs_in(connection: Connection) -> bool:
    """Whether a person signs in to this connection's system in the browser."""
    kind = find_kind(connection.connector)
    return kind is not None and kind.oauth is not None


def is_signed_in(connection: Connection) -> bool:
    """Whether there is a sign-in that can be ended."""
    return signs_in(connection) and connection.is_authorized


def needs_sign_in(connection: Connection) -> bool:
    """Whether a person should sign in, now or soon."""
    return not connection.is_authorized or bool(connection.expiry_warning)


def label_connect(connection: Connection) -> _StrOrPromise:
    """“Connect to …”, in the system's own name."""
    kind = find_kind(connection.connector)
    name = kind.label if kind else connection.connector
    text = _("Connect again to %s") if connection.is_authorized else _("Connect to %s")
    return text % name


@admin.register(Connection)
class ConnectionAdmin(PanelAdmin):
    """Accounts of systems, their health, signing in and out."""

    list_display = (
        "display_name",
        "environment",
        "display_status",
        "who",
        "display_last_ok",
        "display_expiry",
    )
    list_filter = ("environment", "status")
    search_fields = ("name", "who")
    change_form_template = "hub/connection_form.html"
    buttons = (
        Button("test", _("Test"), MAY_CHANGE, icon="network_check", in_list=True),
        Button(
            "connect",
            label_connect,
            MAY_CHANGE,
            icon="login",
            tone="primary",
            in_list=needs_sign_in,
            shown=signs_in,
        ),
        Button(
            "disconnect",
            _("Disconnect"),
            MAY_CHANGE,
            icon="logout",
            tone="danger",
            confirm=_(
                "Disconnect? Flows that use this connection stop until it is "
                "connected again."
            ),
            shown=is_signed_in,
        ),
    )

    # ------------------------------------------------------------------ the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        """Without the credentials, which nothing here shows."""
        found: QuerySet[Connection] = super().get_queryset(request)
        return found.defer("credentials")

    @admin.display(description=_("Connection"), ordering="name")
    def display_name(self, connection: Connection) -> SafeString:
        """The name with the system under it."""
        kind = find_kind(connection.connector)
        label = kind.label if kind else connection.connector
        return format_html(
            '<strong>{}</strong><span class="hub-sub">{}</span>', connection.name, label
        )

    @admin.display(description=_("Status"), ordering="status")
    def display_status(self, connection: Connection) -> SafeString:
        """The health in colour; what is wrong when the mouse rests on it."""
        return badge(
            connection.get_status_display(),
            TONES.get(Connection.Status(connection.status), "calm"),
            title=f"{connection.problem} {connection.action}".strip(),
        )

    @admin.display(description=_("Last good call"), ordering="last_ok_at")
    def display_last_ok(self, connection: Connection) -> str:
        """When it last worked."""
        return ago(connection.last_ok_at)

    @admin.display(description=_("Sign-in ends"), ordering="refresh_expires_at")
    def display_expiry(self, connection: Connection) -> str:
        """When the sign-in dies, as a warning when that is soon."""
        if connection.days_left is None:
            return "–"
        if connection.expiry_warning:
            text = _now("in %(days)s days") % {"days": connection.days_left}
            return badge(text, "warn", title=connection.expiry_warning)
        return ago(connection.refresh_expires_at)

    # ------------------------------------------------------------------ the form

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """First which system, then its form."""
        if self.has_add_permission(request) and self._kind(request) is None:
            return self._choose_system(request)
        return super().add_view(request, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: Connection | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The form of the system's own fields."""
        kind = self._kind(request, obj)
        if kind is None:
            return super().get_form(request, obj, change=change, **kwargs)
        form = super().get_form(
            request, obj, change=change, **{**kwargs, "form": build_form(kind)}
        )
        for name, field in form.base_fields.items():
            if name.startswith((CREDENTIAL, SETTING)):
                dress(field)
        if "connector" in form.base_fields:
            form.base_fields["connector"].label = _("System")
            form.base_fields["connector"].disabled = True
            form.base_fields["connector"].initial = kind.key
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        """The connection itself, then what signs in, then settings."""
        general = (None, {"fields": ("name", "connector", "environment")})
        kind = self._kind(request, obj)
        may_write = self.has_change_permission(request, obj) or obj is None
        if kind is None or not may_write:
            return (general,)
        names = list(build_form(kind).base_fields)
        credentials = tuple(n for n in names if n.startswith(CREDENTIAL))
        settings = tuple(n for n in names if n.startswith(SETTING))
        return (
            general,
            (_("Sign-in"), {"fields": credentials}),
            (_("Settings"), {"fields": settings}),
        )

    def save_model(
        self, request: HttpRequest, obj: Connection, form: Any, change: bool
    ) -> None:
        """Tokens do not go along to another address."""
        led = getattr(form, "leads_elsewhere", False)
        before = Connection.objects.get(pk=obj.pk) if led else None
        super().save_model(request, obj, form, change)
        if before is not None and services.lead_elsewhere(obj):
            request.led_from = before  # type: ignore[attr-defined]
            said = _now("%s leads elsewhere now: connect it again.")
            messages.warning(request, said % obj.name)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Revoke what was left behind: no call may be made inside the transaction."""
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, extra_context
        )
        before: Connection | None = getattr(request, "led_from", None)
        warning = services.revoke(before) if before is not None else ""
        if warning:
            messages.warning(request, warning)
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the health and, where there is a sign-in, the address to register."""
        obj = kwargs.get("obj")
        kind = self._kind(request, obj)
        if kind is not None and kind.oauth is not None:
            context["redirect_uri"] = views.make_redirect_uri(request)
        if obj is not None:
            context["tone"] = TONES.get(Connection.Status(obj.status), "calm")
        return super().render_change_form(request, context, *args, **kwargs)

    def _kind(
        self, request: HttpRequest, obj: Connection | None = None
    ) -> type[Connector] | None:
        key = obj.connector if obj else request.GET.get("connector", "")
        return find_kind(key)

    def _choose_system(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Which system?"),
            "opts": self.opts,
            "systems": [present_kind(k) for k in registry.all_connectors().values()],
        }
        return TemplateResponse(request, "hub/choose_system.html", context)

    # ---------------------------------------------------------------- the buttons

    def press_test(self, request: HttpRequest, connection: Connection) -> None:
        """Ask the system and tell what it said."""
        result = services.check(connection)
        if not result.ok:
            messages.error(request, f"{result.problem} {result.action}".strip())
            return
        parts = [f"{name} {version}" for name, version in result.versions.items()]
        said = " · ".join(filter(None, [result.who, *parts]))
        messages.success(request, f"{connection.name}: {_now('it works')}. {said}")
        for warning in result.warnings:
            messages.warning(request, warning)

    def press_connect(
        self, request: HttpRequest, connection: Connection
    ) -> HttpResponse:
        """Go to the system's consent page."""
        return views.start_oauth(request, connection.pk)

    def press_disconnect(self, request: HttpRequest, connection: Connection) -> None:
        """End the sign-in here and there."""
        warning = services.disconnect(connection)
        if warning:
            messages.warning(request, warning)
        else:
            messages.success(request, _now("%s is disconnected.") % connection.name)

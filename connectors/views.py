"""Signing in to a system from the admin: out to its consent page and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from connectors import consent, services
from connectors.models import Connection
from integration_hub.core.errors import HubError

may_change = permission_required("connectors.change_connection", raise_exception=True)


@require_POST
@staff_member_required
@may_change
def start_oauth(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person to the consent page of the connection's system."""
    connection = get_object_or_404(Connection, pk=pk)
    state = consent.begin(
        request.session, connection_id=pk, user_id=int(request.user.pk or 0)
    )
    try:
        address = services.authorize_url(
            connection, redirect_uri=make_redirect_uri(request), state=state
        )
    except HubError as error:
        messages.error(request, f"{error.message} {error.action}".strip())
        return _redirect_to(connection)
    return HttpResponseRedirect(address)


@require_GET
@staff_member_required
@may_change
def finish_oauth(request: HttpRequest) -> HttpResponse:
    """Take the person back from the consent page; the state must be ours."""
    pk = consent.finish(
        request.session,
        state=request.GET.get("state", ""),
        user_id=int(request.user.pk or 0),
    )
    connection = Connection.objects.filter(pk=pk or 0).first()
    if connection is None:
        messages.error(
            request,
            "This sign-in was not started here, or took too long. Connect once more.",
        )
        return redirect("admin:index")
    try:
        services.complete_authorization(
            connection, request.GET.dict(), redirect_uri=make_redirect_uri(request)
        )
    except HubError as error:
        messages.error(request, f"{error.message} {error.action}".strip())
        return _redirect_to(connection)
    _tell_result(request, connection)
    return _redirect_to(connection)


def _tell_result(request: HttpRequest, connection: Connection) -> None:
    """Say who was signed in to, or at once why that account cannot be used."""
    result = services.check(connection)
    if result.ok:
        who = f" to {result.who}" if result.who else ""
        messages.success(request, f"{connection.name} is connected{who}.")
        return
    told = f"{result.problem} {result.action}".strip()
    messages.error(request, f"{connection.name} cannot be used like this: {told}")


def make_redirect_uri(request: HttpRequest) -> str:
    """Where the system sends the person back to; registered there to the letter.

    ``settings.PUBLIC_URL`` names the hub where a proxy hides its own address.
    """
    path = reverse("connectors:oauth_callback")
    public = getattr(settings, "PUBLIC_URL", "")
    return f"{public.rstrip('/')}{path}" if public else request.build_absolute_uri(path)


def _redirect_to(connection: Connection) -> HttpResponse:
    return redirect("admin:connectors_connection_change", connection.pk)

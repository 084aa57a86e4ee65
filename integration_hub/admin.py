"""The admin site: users, groups and the queue's tables in the hub's look.

This app's admin module is loaded first, so the stock pages are imported here, taken
down and put up again with the base class that carries the look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.admin import FailAdmin, QueueAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from integration_hub.core.panel.bases import PanelAdmin

if TYPE_CHECKING:
    _UserAdmin = StockUserAdmin[User]
else:
    _UserAdmin = StockUserAdmin

admin.site.index_title = _("Dashboard")

for stock in (User, Group, Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(stock):
        admin.site.unregister(stock)


@admin.register(User)
class UserAdmin(_UserAdmin, PanelAdmin):
    """People who may come in here."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    change_form_template = "hub/change_form.html"


@admin.register(Group)
class GroupAdmin(StockGroupAdmin, PanelAdmin):
    """Roles: named sets of permissions."""


# The queue's own schedules stay hidden: flows have their own, and a schedule may call
# any function.
@admin.register(Success)
class SuccessAdmin(TaskAdmin, PanelAdmin):  # type: ignore[misc]
    """Tasks that went well, kept for a week."""

    list_filter = ("group",)


@admin.register(Failure)
class FailureAdmin(FailAdmin, PanelAdmin):  # type: ignore[misc]
    """Tasks that broke off."""

    list_filter = ("group",)


@admin.register(OrmQ)
class OrmQAdmin(QueueAdmin, PanelAdmin):  # type: ignore[misc]
    """Tasks that wait for a worker."""

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A queued task is looked at or removed, not edited."""
        return False

"""Addresses of the hub: the admin and what connectors need for OAuth."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("connections/", include("connectors.urls")),
    path("admin/", admin.site.urls),
]

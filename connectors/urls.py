"""Addresses that a browser needs to sign in to a system."""

from __future__ import annotations

from django.urls import path

from connectors import views

app_name = "connectors"

urlpatterns = [
    path("oauth/start/<int:pk>/", views.start_oauth, name="oauth_start"),
    path("oauth/callback/", views.finish_oauth, name="oauth_callback"),
]

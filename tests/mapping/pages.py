"""Opening and posting pages of the admin as a browser would."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def url(name: str, *args: Any) -> str:
    """An address of the admin."""
    return reverse(f"admin:mapping_{name}", args=args)


def form_data(page: Any) -> dict[str, Any]:
    """What a browser would post back from an admin page."""
    data: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data


def change(client: Client, address: str, **changes: Any) -> Any:
    """Open a page, change some fields and save; None takes a field away."""
    data = {**form_data(client.get(address)), **changes}
    return client.post(address, {name: v for name, v in data.items() if v is not None})

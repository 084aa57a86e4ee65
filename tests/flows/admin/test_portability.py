"""Export and import on the pages of the integrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from flows.admin.portability import MAY_EXPORT, MAY_IMPORT
from flows.models import Flow, Integration
from flows.portability.exporting import export
from mapping.models import Rule
from tests.factories import BooksFactory, ConnectionFactory, FlowFactory

IMPORT_URL = "/admin/flows/integration/import/"


@pytest.fixture
def shop() -> Integration:
    flow = FlowFactory(
        name="Receipts",
        enabled=True,
        integration__name="Shop of “Anna”",
        integration__source=ConnectionFactory(name="Till"),
        integration__target=BooksFactory(name="Books"),
    )
    Rule.objects.create(
        mapping=flow.mapping,
        scope="header",
        field="memo",
        expression='order.reference & "<b>"',
        position=1,
    )
    made: Integration = flow.integration
    return made


def changed(shop: Integration) -> str:
    return export(shop).replace("order.reference", "order.id")


def upload(client: Client, text: str, **more: Any) -> Any:
    file = SimpleUploadedFile("shop.yaml", text.encode())
    return client.post(IMPORT_URL, {"file": file, **more})


def confirm(client: Client, page: Any, **more: Any) -> Any:
    data = {name: page.context["form"][name].value() for name in ("text", "seen")}
    ends = {name: page.context["form"][name].value() for name in ("source", "target")}
    return client.post(IMPORT_URL, {**data, **ends, **more})


def press_export(client: Client, shop: Integration) -> Any:
    return client.post(
        reverse("admin:flows_integration_press", args=(shop.pk, "export"))
    )


def test_a_button_gives_the_file(boss: Client, shop: Integration) -> None:
    answer = press_export(boss, shop)
    assert answer.content.decode() == export(shop)
    assert answer["Content-Disposition"] == 'attachment; filename="shop-of-anna.yaml"'


def test_the_difference_is_shown_and_nothing_done(
    boss: Client, shop: Integration
) -> None:
    page = upload(boss, changed(shop))
    text = page.content.decode()
    assert "Rule document: memo" in text
    assert "order.id &amp; &quot;&lt;b&gt;&quot;" in text
    assert "Nothing has been changed yet." in text
    assert Rule.objects.get().expression.startswith("order.reference")


def test_once_confirmed_it_is_done(boss: Client, shop: Integration) -> None:
    page = upload(boss, changed(shop))
    answer = confirm(boss, page)
    assert answer["Location"] == reverse(
        "admin:flows_integration_change", args=(shop.pk,)
    )
    assert Rule.objects.get().expression.startswith("order.id")
    assert not Flow.objects.get().enabled
    version = Flow.objects.get().mapping.versions.first()
    assert version is not None
    assert version.by == "boss"


def test_what_was_not_seen_is_not_done(boss: Client, shop: Integration) -> None:
    page = upload(boss, changed(shop))
    Rule.objects.update(expression="order.branch")
    answer = confirm(boss, page)
    assert [str(m) for m in get_messages(answer.wsgi_request)] == [
        "Something has changed since you looked. Look again."
    ]
    assert Rule.objects.get().expression == "order.branch"
    confirm(boss, answer)
    assert Rule.objects.get().expression.startswith("order.id")


def test_the_same_file_has_nothing_to_confirm(boss: Client, shop: Integration) -> None:
    page = upload(boss, export(shop)).content.decode()
    assert "there is nothing to import" in page
    assert "Import all of this" not in page


def test_every_error_is_shown_with_its_line(boss: Client, shop: Integration) -> None:
    text = export(shop).replace("feed: receipts", "feed: <i>").replace("'1'", "x")
    page = upload(boss, text).content.decode()
    assert "“&lt;i&gt;” is no feed between the two systems" in page
    assert "Line " in page


def test_another_connection_is_chosen_on_the_page(
    boss: Client, shop: Integration
) -> None:
    text = export(shop).replace("name: Shop of", "name: Second shop of")
    ConnectionFactory(name="Second till")
    page = upload(boss, text, source="Second till")
    confirm(boss, page)
    made = Integration.objects.get(name="Second shop of “Anna”")
    assert (made.source.name, made.target.name) == ("Second till", "Books")


def test_a_file_is_needed_and_may_not_be_too_large(
    boss: Client, shop: Integration
) -> None:
    assert "Choose a file." in boss.post(IMPORT_URL, {}).content.decode()
    page = upload(boss, "# " + "x" * 1_000_001).content.decode()
    assert "at most 1000000 are read" in page


@pytest.mark.parametrize("left_out", MAY_IMPORT)
def test_importing_needs_every_permission(
    person: Callable[..., Client], shop: Integration, left_out: str
) -> None:
    client = person(*(name for name in MAY_IMPORT if name != left_out))
    assert upload(client, changed(shop)).status_code == 403
    page = client.get(reverse("admin:flows_integration_changelist"))
    assert IMPORT_URL not in page.content.decode()


def test_who_may_everything_of_it_may_import(
    person: Callable[..., Client], shop: Integration
) -> None:
    client = person(*MAY_IMPORT)
    page = client.get(reverse("admin:flows_integration_changelist"))
    assert IMPORT_URL in page.content.decode()
    assert client.get(IMPORT_URL).status_code == 200
    confirm(client, upload(client, changed(shop)))
    assert Rule.objects.get().expression.startswith("order.id")


def test_exporting_needs_the_right_to_look_at_all_of_it(
    person: Callable[..., Client], shop: Integration
) -> None:
    for left_out in MAY_EXPORT[1:]:
        client = person(*(name for name in MAY_EXPORT if name != left_out))
        assert press_export(client, shop).status_code == 403, left_out
    assert "mapping.view_rule" in MAY_EXPORT
    assert press_export(person(*MAY_EXPORT), shop).status_code == 200
    page = reverse("admin:flows_integration_change", args=(shop.pk,))
    assert "/press/export/" not in person("flows.view_integration").get(page).text
    assert "/press/export/" in person(*MAY_EXPORT).get(page).text

"""``export_integration`` and ``import_integration``."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flows.models import Flow, Integration
from flows.portability.exporting import export
from mapping.models import Rule
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(flow: Flow) -> Integration:
    Rule.objects.create(
        mapping=flow.mapping, scope="header", field="memo", expression="order.id"
    )
    Integration.objects.update(name="Shop")
    return Integration.objects.get()


def call(name: str, *args: Any) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def write(folder: Path, text: str) -> str:
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_shown_or_written(shop: Integration, tmp_path: Path) -> None:
    assert call("export_integration", "Shop") == export(shop)
    path = tmp_path / "out.yaml"
    assert call("export_integration", str(shop.pk), "--output", str(path)) == ""
    assert path.read_text(encoding="utf-8") == export(shop)


def test_an_unknown_integration_is_named(shop: Integration) -> None:
    with pytest.raises(CommandError, match="Integrations: Shop"):
        call("export_integration", "Other")


def test_a_dry_run_shows_and_changes_nothing(shop: Integration, tmp_path: Path) -> None:
    path = write(tmp_path, export(shop).replace("order.id", "order.branch"))
    said = call("import_integration", path, "--dry-run")
    assert "Rule document: memo | Expression: order.id → order.branch" in said
    assert Rule.objects.get().expression == "order.id"


def test_a_file_is_imported_once(shop: Integration, tmp_path: Path) -> None:
    path = write(tmp_path, export(shop).replace("order.id", "order.branch"))
    assert "Shop is imported." in call("import_integration", path)
    assert Rule.objects.get().expression == "order.branch"
    version = Rule.objects.get().mapping.versions.first()
    assert version is not None
    assert version.by == "import_integration"
    assert "Nothing to change" in call("import_integration", path)


def test_another_connection_takes_the_place(shop: Integration, tmp_path: Path) -> None:
    ConnectionFactory(name="Second till", connector=shop.source.connector)
    text = export(shop).replace("name: Shop", "name: Second")
    path = write(tmp_path, text)
    chosen = f"{shop.source.name}=Second till"
    call("import_integration", path, "--connection", chosen)
    assert Integration.objects.get(name="Second").source.name == "Second till"


def test_errors_are_told_line_by_line(shop: Integration, tmp_path: Path) -> None:
    text = export(shop).replace("feed: ", "feed: no-").replace("order.id", "order.idd")
    with pytest.raises(CommandError) as raised:
        call("import_integration", write(tmp_path, text))
    assert all(line.startswith("Line ") for line in str(raised.value).splitlines())
    with pytest.raises(CommandError, match="cannot be read"):
        call("import_integration", str(tmp_path / "none.yaml"))
    with pytest.raises(CommandError, match="OLD=NEW"):
        call("import_integration", write(tmp_path, text), "--connection", "Till")

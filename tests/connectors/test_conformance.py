"""What every registered connector must keep to. It runs against each by itself."""

from __future__ import annotations

import contextlib
import inspect
import re
from datetime import date
from pathlib import Path

import pytest
from django.db import models

import connectors
from connectors import registry, services
from connectors.contract import Connector, Feed, Field, PlanSettings, TargetField
from connectors.datamodel import Kind
from connectors.forms import build_form
from connectors.models import Connection
from connectors.writes import Envelope
from integration_hub.core.addresses import check_address
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    Unavailable,
    UnsupportedError,
)

KINDS = list(registry.all_connectors().values())
ROOT = Path(connectors.__path__[0])
FIELD_TYPES = {"text", "secret", "integer", "boolean", "choice", "date", "email"}
SCOPES = {"header", "line", "tender", "customer", "item"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Words of design §2: the same file names in every connector.
FILES = (
    "connector.py",
    "client.py",
    "README.md",
    "sandbox/app.py",
    "sandbox/README.md",
)
SETTINGS = PlanSettings(values={})


@pytest.fixture(params=KINDS, ids=[kind.key for kind in KINDS])
def kind(request) -> type[Connector]:
    return request.param


@pytest.fixture
def folder(kind) -> Path:
    return ROOT / kind.key


@pytest.fixture
def connection(kind, db) -> Connection:
    """A complete connection to nowhere."""
    return Connection.objects.create(
        name="Conformance",
        connector=kind.key,
        credentials={field.name: f"some-{field.name}" for field in kind.credentials},
        settings={
            **{f.name: "1" for f in kind.settings if f.required},
            "base_url": "http://127.0.0.1:1",
        },
        tokens={"access": "some-access", "refresh": "some-refresh"},
    )


@pytest.fixture
def opened(connection) -> Connector:
    return services.open_connection(connection)


def list_fields(kind) -> list[Field]:
    return [*kind.credentials, *kind.settings, *kind.target_settings]


def test_the_key_is_the_name_of_its_package(kind):
    assert kind.__module__ == f"connectors.{kind.key}.connector"
    assert re.fullmatch(r"[a-z][a-z0-9]*", kind.key)
    assert kind.label


@pytest.mark.parametrize("name", FILES)
def test_the_same_files_are_in_every_connector(folder, name):
    assert (folder / name).is_file()


def test_a_connector_has_no_models_urls_or_admin(folder):
    for name in ("models.py", "urls.py", "admin.py", "views.py", "migrations"):
        assert not (folder / name).exists()


def test_a_connector_knows_no_other(folder, kind):
    others = [other.key for other in KINDS if other is not kind]
    above = r"(flows|mapping|integration_hub\.(?!core))"
    pattern = rf"^\s*(from|import) (connectors\.({'|'.join(others) or '-'})|{above})\b"
    for path in folder.rglob("*.py"):
        assert not re.search(pattern, path.read_text(), re.MULTILINE), path


def test_only_the_client_knows_the_wire(folder):
    pattern = r"^\s*(from|import) (requests|urllib3|http\.client|urllib\.request)\b"
    for path in folder.rglob("*.py"):
        if "sandbox" not in path.parts:
            assert not re.search(pattern, path.read_text(), re.MULTILINE), path


def test_its_classes_are_no_models(folder, kind):
    module = inspect.getmodule(kind)
    classes = [m for m in vars(module).values() if inspect.isclass(m)]
    assert not [c for c in classes if issubclass(c, models.Model)]


def test_fields_are_declared_in_full(kind):
    for field in list_fields(kind):
        assert NAME.fullmatch(field.name), field
        assert field.label
        assert field.type in FIELD_TYPES


def test_field_names_are_used_once(kind):
    for fields in (kind.credentials, kind.settings, kind.target_settings):
        names = [field.name for field in fields]
        assert len(names) == len(set(names))


def test_fields_choose_from_lists_there_are(kind):
    fields = [*list_fields(kind), *kind.target_fields]
    named = {f.choices for f in fields if isinstance(f.choices, str) and f.choices}
    assert named <= set(kind.choice_lists)


def test_secrets_are_credentials(kind):
    others = [*kind.settings, *kind.target_settings, *kind.target_fields]
    assert not [field for field in others if field.type == "secret"]


def test_target_fields_have_a_known_scope(kind):
    places = [(field.scope, field.name) for field in kind.target_fields]
    assert {scope for scope, _ in places} <= SCOPES
    assert len(places) == len(set(places))
    assert all(isinstance(field, TargetField) for field in kind.target_fields)


def test_feeds_are_declared_in_full(kind):
    assert len({feed.key for feed in kind.feeds}) == len(kind.feeds)
    for feed in kind.feeds:
        assert isinstance(feed, Feed)
        assert feed.kind in Kind
        assert feed.page_size >= 1
        assert feed.overlap >= 0


def test_limits_are_used_once_and_make_sense(kind):
    assert len({limit.name for limit in kind.limits}) == len(kind.limits)
    for limit in kind.limits:
        assert limit.calls > 0
        assert limit.seconds > 0
        assert limit.spacing * limit.calls <= limit.seconds


def test_batches_and_slots_make_sense(kind):
    assert kind.batch_size >= 1
    assert kind.parallel >= 1


def test_addresses_may_be_called(kind):
    for address in kind.base_urls.values():
        check_address(address)


def test_the_sandbox_is_on_this_machine(kind):
    assert kind.base_urls["sandbox"].startswith("http://127.0.0.1:")


def test_sign_in_is_declared_in_full(kind):
    if kind.oauth is None:
        return
    names = {field.name for field in kind.credentials}
    assert {"client_id", "client_secret"} <= names
    for environment in ("sandbox", "live"):
        address = kind.oauth.discovery[environment]
        check_address(address.format(base_url=kind.base_urls[environment]))
    assert kind.oauth.scopes


def test_its_form_can_be_made(kind):
    names = list(build_form(kind).base_fields)

    assert {f"credential_{field.name}" for field in kind.credentials} <= set(names)
    assert "setting_base_url" in names


def test_opening_makes_no_call(opened, kind):
    assert isinstance(opened, kind)
    assert opened.account.name == "Conformance"


def test_a_check_never_raises_for_what_it_can_say(connection):
    result = services.check(connection)

    assert not result.ok
    assert result.problem
    assert "some-" not in result.problem


def test_what_is_missing_is_told_before_any_call(connection, kind):
    connection.credentials = {}
    required = [f.label for f in (*kind.credentials, *kind.settings) if f.required]

    result = services.check(connection)

    assert all(label in result.problem for label in required[:1])


def test_an_unknown_list_is_unsupported(opened):
    with pytest.raises(UnsupportedError):
        opened.choices("no such list")


def test_an_unknown_feed_is_unsupported(opened):
    with pytest.raises(UnsupportedError):
        opened.read("no such feed", "", 1)
    with pytest.raises(UnsupportedError):
        opened.read_one("no such feed", "1")
    with pytest.raises(UnsupportedError):
        list(opened.totals("no such feed", date(2026, 1, 1), date(2026, 1, 2)))


def test_what_cannot_be_written_is_unsupported(opened, kind):
    if kind.writes:
        return
    with pytest.raises(UnsupportedError):
        opened.plan([], {}, SETTINGS)
    with pytest.raises(UnsupportedError):
        opened.deliver(Envelope("1", ()))
    with pytest.raises(UnsupportedError):
        opened.find([])


def test_nothing_is_planned_for_nothing(opened, kind):
    if not kind.writes:
        return
    # Settings that are missing may be told already here.
    with contextlib.suppress(ConfigError):
        assert opened.plan([], {}, SETTINGS) == []


def test_nothing_is_found_of_nothing(opened, kind):
    if kind.writes:
        assert opened.find([]) == {}


def test_reading_a_dead_system_raises_an_error_with_its_call(opened, kind, settings):
    settings.READ_WAITS = (0, 0)
    for feed in kind.feeds:
        with pytest.raises(HubError) as caught:
            opened.read(feed.key, "", 1)
        assert caught.value.system == "Conformance"
        assert caught.value.exchange is not None


def test_every_list_is_known(opened, kind, settings):
    settings.READ_WAITS = (0, 0)
    for name in kind.choice_lists:
        # A list that is always the same needs no call; the others say what is wrong.
        with contextlib.suppress(Unavailable, ConfigError, AuthError):
            assert opened.choices(name)

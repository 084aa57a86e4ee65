"""The set-up of a flow: what is right, what repairs the rest, and no flow without."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from connectors.contract import SetUp, SetUpLine
from flows import setup
from flows.models import Flow
from integration_hub.core.errors import ConfigError, Unavailable
from mapping.models import ValueMap
from tests.factories import FlowFactory
from tests.fake_connector import BooksConnector
from tests.flows.admin.test_flows import press, told

RIGHT = SetUpLine("Numbers", ok=True, text="All of them.")
ALONE = SetUpLine("No other flow posts the same", ok=True)
SETTING = SetUpLine(
    "No-VAT code", False, "It has VAT.", "Choose another.", "settings:tax_code"
)
MAP = SetUpLine("Tenders", False, "No account.", "Map it.", "map:tenders")
COMPANY = SetUpLine("Credits", False, "On.", "Off.", "https://books.example/settings")
ELSE = SetUpLine("Edition", False, "Wrong.", "Connect another.", "connection")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the books find; an error in it is raised."""
    found: list[Any] = [RIGHT]
    seen: list[SetUp] = []

    def check(self: BooksConnector, set_up: SetUp) -> list[SetUpLine]:
        seen.append(set_up)
        if isinstance(found[0], Exception):
            raise found[0]
        return [line for line in found if isinstance(line, SetUpLine)]

    monkeypatch.setattr(BooksConnector, "check_set_up", check)
    monkeypatch.setattr(BooksConnector, "seen", seen, raising=False)
    return found


@pytest.fixture
def flow(lines: list[Any]) -> Flow:
    """A flow with a value map of tenders."""
    made = FlowFactory()
    tenders = ValueMap.objects.create(
        map_set=made.integration.value_maps,
        name="tenders",
        label="Tenders",
        key_fields=[{"name": "method", "label": "Tender"}],
        columns=[{"name": "treatment", "label": "Treatment"}],
    )
    tenders.entries.create(keys=["CASH"], values={"treatment": "payment"})
    return made


def test_the_target_sees_settings_and_value_maps(flow: Flow) -> None:
    assert setup.check_set_up(flow) == [RIGHT]
    (seen,) = BooksConnector.seen  # type: ignore[attr-defined]
    assert seen.maps == {"tenders": [(["CASH"], {"treatment": "payment"})]}
    assert seen.settings.values == flow.integration.defaults


def test_the_page_shows_what_is_wrong_on_top_with_what_repairs_it(
    flow: Flow, lines: list[Any], boss: Client
) -> None:
    lines += [SETTING, MAP, COMPANY, ELSE]
    page = press(boss, flow, "check")
    text = page.content.decode()
    assert [row["line"] for row in page.context["rows"]] == [
        *lines[1:],
        RIGHT,
        ALONE,
    ]
    integration = flow.integration
    tenders = ValueMap.objects.get(name="tenders")
    assert [row["url"] for row in page.context["rows"]] == [
        reverse("admin:flows_integration_change", args=(integration.pk,))
        + "#id_default_tax_code",
        reverse("admin:mapping_valuemap_change", args=(tenders.pk,)),
        "https://books.example/settings",
        reverse("admin:connectors_connection_change", args=(integration.target_id,)),
        "",
        "",
    ]
    assert "4 things have to be repaired" in text
    assert "It has VAT. Choose another." in text


def test_the_way_to_a_setting_ends_at_its_field(
    flow: Flow, lines: list[Any], boss: Client
) -> None:
    lines += [SETTING]
    row = press(boss, flow, "check").context["rows"][0]
    page, _, field = row["url"].partition("#")
    assert f'id="{field}"' in boss.get(page).content.decode()


def test_the_page_has_a_title_of_its_own(flow: Flow, boss: Client) -> None:
    text = press(boss, flow, "check").content.decode()
    assert f'<h2 class="hub-page-title">Set-up of {flow}</h2>' in text


def test_a_page_on_which_all_is_right(flow: Flow, boss: Client) -> None:
    assert "Everything is right" in press(boss, flow, "check").content.decode()


def test_a_flow_with_a_red_line_cannot_be_switched_on(
    flow: Flow, lines: list[Any], boss: Client
) -> None:
    lines += [SETTING]
    with pytest.raises(ConfigError, match="“No-VAT code”: It has VAT."):
        setup.switch(flow, on=True)
    response = press(boss, flow, "switch")
    assert "It has VAT." in told(response)[0]
    assert "Check the set-up" in told(response)[0]
    flow.refresh_from_db()
    assert not flow.enabled


def test_many_red_lines_are_counted(flow: Flow, lines: list[Any]) -> None:
    lines += [SETTING, MAP, COMPANY, ELSE]
    with pytest.raises(ConfigError, match="1 more"):
        setup.switch(flow, on=True)


def test_it_can_be_switched_off_with_red_lines(flow: Flow, lines: list[Any]) -> None:
    setup.switch(flow, on=True)
    lines += [SETTING]
    setup.switch(flow, on=False)
    assert not flow.enabled


def test_a_flow_that_posts_the_same_is_named_and_led_to(
    flow: Flow, boss: Client
) -> None:
    first = FlowFactory(enabled=True)
    row = press(boss, flow, "check").context["rows"][0]
    assert str(first) in row["line"].text
    assert row["url"] == reverse("admin:flows_flow_change", args=(first.pk,))
    assert str(first) in told(press(boss, flow, "switch"))[0]
    flow.refresh_from_db()
    assert not flow.enabled


def test_books_that_cannot_be_asked_are_told(
    flow: Flow, lines: list[Any], boss: Client
) -> None:
    lines[0] = Unavailable("No books.", action="Wait.")
    assert "No books. Wait." in told(press(boss, flow, "check"))[0]
    assert "No books." in told(press(boss, flow, "switch"))[0]


def test_the_command_switches_on_and_off(flow: Flow) -> None:
    out = StringIO()
    call_command("switch_flow", flow.name, "--on", stdout=out)
    call_command("switch_flow", flow.name, "--off", stdout=out)
    assert out.getvalue().splitlines() == [f"{flow} is on.", f"{flow} is off."]


def test_the_command_says_why_not(flow: Flow, lines: list[Any]) -> None:
    lines += [MAP]
    with pytest.raises(CommandError, match="No account"):
        call_command("switch_flow", flow.name, "--on")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("switch_flow", flow.name, "--check", stdout=out)
    assert out.getvalue().splitlines() == [
        "WRONG  Tenders: No account. Map it.",
        "ok     Numbers: All of them.",
        "ok     No other flow posts the same",
    ]


def test_the_command_checks(flow: Flow) -> None:
    out = StringIO()
    call_command("switch_flow", flow.name, "--check", stdout=out)
    assert out.getvalue().startswith("ok")

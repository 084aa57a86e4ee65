"""An integration goes into a file and comes back out of it, the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.models import Connection
from flows.models import Flow, Integration
from flows.portability import carrying, planning
from flows.portability.exporting import describe_integration, export
from flows.portability.schema import FLOW_PARTS, INTEGRATION_PARTS
from integration_hub.core.errors import ConfigError, FileError
from mapping import history
from mapping.documents import MAP_PARTS
from mapping.models import Mapping, ValueMap, ValueMapEntry, Version
from mapping.versions import recording
from tests.factories import BooksFactory, ConnectionFactory, FlowFactory
from tests.fake_connector import BooksConnector
from tests.flows.portability.conftest import TRAPS


def bring(text: str, **options: Any) -> Integration:
    return carrying.carry_out(planning.prepare(text.encode(), **options))


def refused(text: str, **options: Any) -> list[str]:
    with pytest.raises(FileError) as raised:
        planning.prepare(text.encode(), **options)
    return list(raised.value.problems)


def swap(text: str, old: str, new: str) -> str:
    assert old in text, text
    return text.replace(old, new, 1)


# ------------------------------------------------------------------------- the export


def test_a_file_holds_no_secret_and_no_account(shop: Integration) -> None:
    Connection.objects.update(
        tokens={"access": "t0ken", "refresh": "refr3sh"},
        settings={"base_url": "https://till.example", "port": "4711"},
    )
    text = export(shop)
    secrets = [
        str(value)
        for connection in Connection.objects.all()
        for kept in (connection.credentials, connection.tokens, connection.settings)
        for value in kept.values()
    ]
    assert len(secrets) == 11
    assert [secret for secret in secrets if secret != "me" and secret in text] == []
    assert "ident" not in text


def test_any_reader_of_yaml_takes_texts_for_texts(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    rows = found["value_maps"][0]["rows"]
    values = {(*row["keys"], row["values"]["tax"]) for row in rows}
    assert values == set(TRAPS)
    assert found["start_date"] == "2026-01-01"
    assert found["number_prefix"] == "01"
    assert found["flows"][0]["settings"] == {"account": "5", "strict": True}


def test_a_file_can_be_read(shop: Integration) -> None:
    text = export(shop)
    assert "- {keys: [DE, '19'], values: {tax: 'a: b # c'}}" in text
    assert "expression: |-\n          coalesce(\n            customer.name," in text
    assert text == export(shop)


def test_whether_a_flow_is_on_is_not_in_the_file(shop: Integration) -> None:
    before = export(shop)
    shop.flows.update(enabled=False, cursor="99")
    assert export(shop) == before


# ------------------------------------------------------------------------- the import


def test_an_empty_hub_gets_all_of_it(
    shop: Integration, empty_hub: Callable[[], None]
) -> None:
    text, before = export(shop), describe_integration(shop)
    empty_hub()
    assert not Mapping.objects.exists()
    again = bring(text)
    assert describe_integration(again) == before
    assert export(again) == text
    flow = Flow.objects.get()
    assert (flow.enabled, flow.interval_minutes, flow.cursor) == (False, 5, "")
    assert (flow.mapping.source, flow.mapping.target) == ("till", "books")
    assert flow.mapping.kind == "order"
    rule = flow.mapping.rules.get(field="memo")
    assert (rule.origin, rule.changed) == ("default", False)


def test_the_same_file_twice_changes_nothing(shop: Integration) -> None:
    text = export(shop)
    versions = Version.objects.count()
    plan = planning.prepare(text.encode())
    assert plan.changes == []
    carrying.carry_out(plan)
    assert Version.objects.count() == versions
    assert Flow.objects.get().enabled


def test_order_and_ways_of_writing_do_not_matter(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    rows = found["value_maps"][0]["rows"]
    next(row for row in rows if row["keys"][0] == "DE")["keys"][1] = "19.00"
    rows.reverse()
    found["mappings"][0]["rules"][0]["required"] = False
    text = yaml.safe_dump(found, sort_keys=True)
    assert planning.prepare(text.encode()).changes == []


def told(plan: planning.Plan) -> list[tuple[str, ...]]:
    return [(c.thing, c.what, c.field, c.before, c.after) for c in plan.changes]


def test_the_difference_is_told_by_object_and_field(shop: Integration) -> None:
    text = export(shop)
    text = swap(text, "start_date: '2026-01-01'", "start_date: 2026-02-01")
    text = swap(text, "  lines_by: g", "  lines_by: a")
    text = swap(text, "expression: order.reference", "expression: order.id")
    text = swap(text, "tax: '5'", "tax: '6'")
    text = swap(text, "account: '5'", "account: ''")
    plan = planning.prepare(text.encode(), names={"tax_codes": {"5": "High"}})
    assert told(plan) == [
        ("Integration Shop", "changed", "Start date", "2026-01-01", "2026-02-01"),
        ("Settings", "changed", "Lines", "by group", "by article"),
        ("Flow Receipts", "changed", "Account", "5", "nothing"),
        (
            "Rule document: Memo (memo)",
            "changed",
            "Expression",
            "order.reference",
            "order.id",
        ),
        ("VAT codes: Country NO, VAT rate 21", "changed", "Tax code", "High (5)", "6"),
    ]


def test_what_is_imported_is_what_was_told_and_flows_are_off(
    shop: Integration,
) -> None:
    text = swap(export(shop), "expression: order.reference", "expression: order.id")
    plan = planning.prepare(text.encode())
    assert any("is switched off by this" in note for note in plan.notes)
    carrying.carry_out(plan)
    assert export(shop) == text
    flow = Flow.objects.get()
    assert not flow.enabled
    newest = flow.mapping.versions.first()
    assert newest is not None
    assert newest.how == "imported with Shop"
    rule = flow.mapping.rules.get(field="memo")
    assert (rule.changed, rule.default_expression) == (True, "order.reference")


def test_rules_and_rows_that_the_file_has_not_go(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    found["value_maps"][0]["rows"] = found["value_maps"][0]["rows"][:1]
    found["mappings"][0]["filters"] = []
    plan = planning.prepare(yaml.safe_dump(found).encode())
    assert {change.what for change in plan.changes} == {"removed"}
    carrying.carry_out(plan)
    assert ValueMapEntry.objects.count() == 1
    assert not Flow.objects.get().mapping.filters.exists()


def test_what_a_file_does_not_speak_of_stays(shop: Integration) -> None:
    shop.defaults = {**shop.defaults, "hidden": "x"}
    shop.save()
    other = shop.value_maps.value_maps.create(name="own", label="My own")
    plan = planning.prepare(
        swap(
            swap(export(shop), "tax: '5'", "tax: '6'"),
            "  - name: own\n    label: My own\n    keys: []\n    columns: []\n"
            "    default: {}\n    rows: []\n",
            "",
        ).encode()
    )
    assert "The value map “My own” is not in the file and stays as it is." in plan.notes
    carrying.carry_out(plan)
    other.refresh_from_db()
    shop.refresh_from_db()
    assert shop.defaults["hidden"] == "x"


def test_a_mapping_that_is_shared_elsewhere_is_named(shop: Integration) -> None:
    mapping = Mapping.objects.get()
    other = FlowFactory(mapping=mapping)
    plan = planning.prepare(export(shop).encode())
    assert any(str(other) in note for note in plan.notes)


def test_nothing_is_stored_where_a_part_fails(
    shop: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = swap(export(shop), "tax: '5'", "tax: '6'")
    text = swap(text, "start_date: '2026-01-01'", "start_date: 2026-02-01")
    plan = planning.prepare(text.encode())

    def fail(*args: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(carrying, "_store_flows", fail)
    before = describe_integration(shop)
    with pytest.raises(RuntimeError):
        carrying.carry_out(plan)
    assert describe_integration(Integration.objects.get()) == before


# ------------------------------------------------------------------------ connections


def test_connections_are_found_by_name(shop: Integration) -> None:
    text = export(shop)
    Connection.objects.filter(name="Books").update(name="Ledger")
    [problem] = refused(text)
    assert "There is no connection “Books” here; there is Ledger, Till." in problem
    assert problem.startswith("Line 6:")
    assert planning.prepare(text.encode(), connections={"Books": "Ledger"})


def test_a_connection_may_be_another_of_the_same_system_only(
    shop: Integration, empty_hub: Callable[[], None]
) -> None:
    text = export(shop)
    empty_hub()
    BooksFactory(name="Second books", environment="live")
    again = bring(text, connections={"Books": "Second books"})
    assert again.target.name == "Second books"
    empty_hub()
    [problem] = refused(text, connections={"Books": "Till"})
    assert "“Till” is a connection to till here, in the file to books." in problem
    Connection.objects.filter(name="Books").update(environment="live")
    [problem] = refused(text)
    assert "“Books” is live here, in the file sandbox." in problem
    Connection.objects.filter(name="Books").update(environment="sandbox")
    [problem] = refused(text, connections={"Nobody": "Till"})
    assert "The file has no connection “Nobody”; it has Books, Till." in problem


def test_an_integration_keeps_its_connections(shop: Integration) -> None:
    ConnectionFactory(name="Second till")
    [problem] = refused(export(shop), connections={"Till": "Second till"})
    assert "“Shop” uses “Till” here and keeps it" in problem


def test_a_mark_of_ones_own_goes_with_a_new_integration(
    shop: Integration, empty_hub: Callable[[], None]
) -> None:
    assert "mark:" not in export(shop)
    Integration.objects.update(mark="hub-old")
    shop.refresh_from_db()
    text = export(shop)
    assert "mark: hub-old" in text
    empty_hub()
    assert bring(text).mark == "hub-old"
    bring(
        swap(
            swap(text, "hub-old", "hub-new"),
            "start_date: '2026-01-01'",
            "start_date: 2026-03-01",
        )
    )
    assert Integration.objects.get().mark == "hub-old"


def test_ids_that_the_target_does_not_have_are_named(shop: Integration) -> None:
    names = {"tax_codes": {"6": "Low"}}
    plan = planning.prepare(export(shop).encode(), names=names)
    assert plan.notes[:1] == [
        "Tax code: there is no “5” in the target's list of tax_codes."
    ]
    assert any("VAT codes, Tax code: there is no “1_000”" in n for n in plan.notes)


def test_what_ids_stand_for_is_asked_in_both_systems(shop: Integration) -> None:
    names = planning.ask_names(export(shop).encode())
    assert names["tax_codes"] == {"5": "High", "6": "Old"}
    assert planning.ask_names(b"nonsense") == {}


# ----------------------------------------------------------------------------- errors


def test_all_errors_are_told_at_once_each_with_its_line(shop: Integration) -> None:
    text = export(shop)
    for old, new in (
        ("start_date: '2026-01-01'", "start_date: 31-01-2026"),
        ("lines_by: g", "lines_by: x"),
        ("interval_minutes: 5", "interval_minutes: often"),
        ("feed: receipts", "fed: receipts"),
        ("strict: true", "strict: perhaps"),
        ("missing: default", "missing: guess"),
    ):
        text = swap(text, old, new)
    problems = refused(text)
    for problem in problems:
        line = int(problem.partition(":")[0].removeprefix("Line "))
        shown = text.splitlines()[line - 1]
        value = problem.split("“")[-1 if "is missing" in problem else 1].split("”")[0]
        assert value in shown or "is missing here" in problem
    assert [p.partition(": ")[2][:44] for p in problems] == [
        "“start_date” is “31-01-2026”; write a date s",
        "“lines_by” cannot be “x”; write one of: a, g",
        "“feed” is missing here.",
        "There is no “fed” in “flows”; did you mean “",
        "“interval_minutes” is “often”; write a whole",
        "“strict” is “perhaps”; write true or false.",
        "“missing” cannot be “guess”; write one of: f",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("expression: order.reference", "expression: order.nothing", 'no "nothing"'),
        ("expression: order.reference", "expression: nonsense(", "Line 26: "),
        ('column="tax"', 'column="rate"', "rate"),
        ("field: tax_code", "field: memo\n        scope: header", "second time"),
        (
            "field: tax_code",
            "field: tax_code\n        only_if_empty: true",
            "writes this field anew",
        ),
        ("mapping: Rules of the shop", "mapping: Others", "no mapping “Others”"),
        ("feed: receipts", "feed: orders", "no feed between the two systems"),
        ("keys: [DE, '19']", "keys: [DE]", "has 2 keys"),
        ("keys: [DE, '19']", "keys: [DE, high]", "is not a number"),
        ("keys: [DE, '19']", "keys: ['NO', '21.0']", "same keys"),
        ("{tax: 'a: b # c'}", "{text: x}", 'has no column "text"'),
        ("tax: '007'", "text: '007'", 'There is no column "text".'),
        ("tax_code: '5'", "taxcode: '5'", "did you mean “tax_code”?"),
        ("number_prefix: '01'", "number_prefix: '012'", "has 3 characters; it takes 2"),
        ("name: Shop", "name: ''", "“name” is empty."),
        ("name: Shop", "name: [Shop]", "“name” must be a single value."),
        ("settings:\n  tax_code: '5'\n  lines_by: g", "settings: [x]", "named values"),
        ("schema: 1", "schema: 2", "has schema “2”; this version of the hub reads 1"),
        ("schema: 1", "schema: 0", "Export it again from a hub of this version."),
        ("schema: 1", "scheme: 1", "This is not the file of an integration"),
    ],
)
def test_an_error_says_what_and_where(
    shop: Integration, old: str, new: str, told: str
) -> None:
    text = swap(export(shop), old, new)
    problems = refused(text)
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith("Line ") for problem in problems)


def test_two_of_a_name_are_refused(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    for name in ("flows", "mappings", "value_maps"):
        found[name] *= 2
    problems = " ".join(refused(yaml.dump(found, Dumper=NoAliases)))
    assert "A second flow moves “receipts”" in problems
    assert "A second flow of this integration is called “Receipts”" in problems
    found["flows"] = found["flows"][:1]
    found["value_maps"] = found["value_maps"][:1]
    problems = " ".join(refused(yaml.dump(found, Dumper=NoAliases)))
    assert "A second mapping is called “Rules of the shop”." in problems
    found["mappings"][1] = {**found["mappings"][1], "name": "Idle"}
    problems = " ".join(refused(yaml.dump(found, Dumper=NoAliases)))
    assert "No flow uses the mapping “Idle”." in problems


class NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def test_two_active_rules_for_one_field_are_refused(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    rules = found["mappings"][0]["rules"]
    rules.append({"scope": "header", "field": "memo", "expression": "1"})
    [problem] = refused(yaml.safe_dump(found))
    assert "Another active rule fills Document: memo" in problem


def test_a_hundred_errors_are_enough(shop: Integration) -> None:
    found = yaml.safe_load(export(shop))
    found["value_maps"][0]["rows"] = [
        {"keys": [str(n)], "values": {}} for n in range(150)
    ]
    problems = refused(yaml.safe_dump(found))
    assert len(problems) == 101
    assert problems[-1] == "And 50 more."


def test_an_unknown_target_is_refused(shop: Integration) -> None:
    text = swap(export(shop), "system: books", "system: ledger")
    problems = " ".join(refused(text))
    assert "in the file to ledger" in problems


def test_a_down_target_is_no_reason_to_wait(
    shop: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BooksConnector, "is_down", True)
    assert planning.ask_names(export(shop).encode()) == {}


def test_the_file_of_the_documentation_can_be_taken(db: None) -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    text = (docs / "mapping.md").read_text(encoding="utf-8")
    file = text.partition("```yaml\n")[2].partition("```")[0]
    for name, key in (("Till", "mplus"), ("Books", "quickbooks")):
        ConnectionFactory(name=name, connector=key, environment="live", credentials={})
    plan = planning.prepare(file.encode())
    assert plan.integration is None
    assert carrying.carry_out(plan).flows.get().interval_minutes == 5


@pytest.mark.parametrize(
    ("model", "told", "left_out"),
    [
        (
            Integration,
            {*(part.name for part in INTEGRATION_PARTS), "defaults"},
            {"id", "source", "target", "value_maps"},
        ),
        (
            Flow,
            {*(part.name for part in FLOW_PARTS), "settings"},
            {"id", "integration", "enabled", "cursor", "next_run_at"},
        ),
        (
            ValueMap,
            {*(part.name for part in MAP_PARTS), "key_fields", "columns", "default"},
            {"id", "map_set", "shipped"},
        ),
    ],
)
def test_a_new_column_is_carried_or_left_out_knowingly(
    model: Any, told: set[str], left_out: set[str]
) -> None:
    columns = {field.name for field in model._meta.concrete_fields}
    assert columns - left_out == told


TABLE = """
        table:
          rows:
            - when:
                all:
                  - {field: order.total_incl, operator: more, value: 100}
              then: {text: big}
          otherwise: null
        only_if_empty: true
        note: why"""


def test_tables_and_conditions_go_with_the_file(
    shop: Integration, empty_hub: Callable[[], None]
) -> None:
    text = swap(export(shop), "\n        expression: order.reference", TABLE)
    text = swap(
        text,
        'expression: order.branch = "NO"',
        "conditions: {any: [{field: order.branch, operator: is, value: NO}]}",
    )
    plan = planning.prepare(text.encode())
    assert [change.field for change in plan.changes] == [
        "Expression",
        "Conditional table",
        "Only if empty in the target",
        "Note",
        "Expression",
        "Conditions",
    ]
    carrying.carry_out(plan)
    file = export(shop)
    assert planning.prepare(text.encode()).changes == []
    empty_hub()
    bring(file)
    rule = Flow.objects.get().mapping.rules.get(field="memo")
    assert (rule.only_if_empty, rule.note, rule.expression) == (True, "why", "")
    assert rule.table["rows"][0]["then"] == {"text": "big"}
    assert export(Integration.objects.get()) == file


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("then: {text: big}", "then: {texts: big}", "a value is a text"),
        ("operator: more", "operator: bigger", "Row 1"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(
    shop: Integration, old: str, new: str, told: str
) -> None:
    text = swap(export(shop), "\n        expression: order.reference", TABLE)
    text = swap(text, old, new)
    [problem] = refused(text)
    assert told in problem
    assert problem.startswith("Line ")


def test_a_map_is_not_changed_away_from_the_rules_that_stay(shop: Integration) -> None:
    vat = shop.value_maps.value_maps.get()
    with recording(vat, how="as it was"):
        vat.entries.filter(keys=["DE", "19"]).update(label="Germany")
    old = vat.versions.first()
    text = export(shop).replace("{tax: ", "{code: ").replace("    tax: ", "    code: ")
    text = text.replace("{name: tax,", "{name: code,")
    start, end = text.index("flows:\n"), text.index("value_maps:\n")
    alone = f"{text[:start]}flows: []\nmappings: []\n{text[end:]}"
    [problem] = refused(alone)
    assert 'Rules of the shop: Value map "vat" has no column "tax"' in problem
    carrying.carry_out(
        planning.prepare(swap(text, 'column="tax"', 'column="code"').encode())
    )
    vat.refresh_from_db()
    assert vat.columns[0]["name"] == "code"
    with pytest.raises(ConfigError, match='no column "code"'):
        history.take_back(vat, old)

"""How many receipts of 5 lines a second one core puts through the default rules.

``python benchmarks/mapping_speed.py`` compiles the default order mapping as a run does,
with filled value maps, and applies it to different receipts that are already in
memory (a second figure has the step from the document to plain data too); a bare loop makes the same fields by hand, so that the ratio says what the
rules cost whatever the machine. Exit code 1 below the target.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
os.environ.setdefault("ENV_FILE", os.devnull)

TARGET = 5_000
LINES = 5
Document = dict[str, Any]

# Rows of the value maps: what a shop with two branches has.
TENDERS = {
    ("CASH", "*"): ("payment", "Cash", "1010"),
    ("PIN", "1"): ("payment", "Card", "1020"),
    ("PIN", "2"): ("payment", "Card", "1021"),
    ("GIFT", "*"): ("liability", "", ""),
}
VAT = {("NL", "1", "21"): "t21", ("NL", "2", "9"): "t9", ("NL", "0", "0"): "t0"}
BRANCHES = {("1",): ("loc1", "class1"), ("2",): ("loc2", "class2")}
GROUPS = {
    ("*", str(10 + group)): (f"80{group}0", "services" if group % 4 else "goods")
    for group in range(20)
}
RATES = {"1": Decimal("21.00"), "2": Decimal("9.00"), "0": Decimal("0.00")}


def make_receipts(count: int) -> list[Any]:
    """Different receipts, the same ones each time."""
    random = Random(5)
    return [_make_receipt(random, number) for number in range(count)]


def _make_receipt(random: Random, number: int) -> Any:
    from connectors import datamodel as dm

    branch = random.choice("12")
    lines = tuple(_make_line(random, place) for place in range(LINES))
    total = sum((line.amount_incl for line in lines), Decimal(0))
    day = date(2026, 10, 1 + number % 28)
    tender = dm.Tender(
        id=str(number),
        method=random.choice(["CASH", "PIN", "PIN", "GIFT"]),
        type=dm.TenderType.CARD,
        amount=total,
        date=day,
        branch=branch,
    )
    return dm.Order(
        id=str(number),
        version="1",
        type=dm.OrderType.SALE,
        number=dm.OrderNumber(
            branch, "1", "26", str(number), f"{branch}-1-26-{number}"
        ),
        date=day,
        entered_at=datetime(2026, 10, day.day, 12, tzinfo=UTC),
        branch=branch,
        entry_branch=branch,
        till="1",
        country="NL",
        currency="EUR",
        vat_method=dm.VatMethod.INCLUSIVE,
        total_incl=total,
        total_excl=total,
        lines=lines,
        tenders=(tender,),
        vat_totals=(),
        extra={"receiptId": number, "tableNumber": 0},
    )


def _make_line(random: Random, place: int) -> Any:
    from connectors import datamodel as dm

    code = random.choice("1112")
    article = random.randrange(1_000, 1_500)
    amount = Decimal(random.randrange(100, 9_000)) / 100
    return dm.Line(
        id=str(place),
        type=dm.LineType.GOODS,
        article=str(article),
        text=f"Article {article}",
        quantity=Decimal(1),
        amount_incl=amount,
        amount_excl=amount,
        vat_code=code,
        vat_rate=RATES[code],
        turnover_group=str(10 + article % 20),
        turnover_group_name=f"Group {article % 20}",
        extra={"plu": article},
    )


def compile_default() -> Any:
    """The rules and value maps that a new integration gets, ready for a run."""
    from connectors import registry
    from mapping.engine import compile_rules
    from mapping.rules import RuleData

    target = next(
        each for each in registry.all_connectors().values() if each.default_rules
    )
    maps = {each["name"]: _make_map(each) for each in target.value_map_templates}
    rules = [RuleData(**rule) for rule in target.default_rules]
    return compile_rules(rules, maps, fields=target.target_fields)


def _make_map(template: Mapping[str, Any]) -> Any:
    from mapping.rules import Entry, KeyField, ValueMapData

    rows: dict[str, Mapping[Any, Any]] = {
        "tenders": TENDERS,
        "vat": VAT,
        "branches": BRANCHES,
        "groups": GROUPS,
    }
    columns = tuple(column["name"] for column in template["columns"])
    return ValueMapData(
        name=template["name"],
        label=template["label"],
        keys=tuple(
            KeyField(key["name"], key["label"], key.get("type", "text"))
            for key in template["keys"]
        ),
        columns=columns,
        entries=tuple(
            Entry(keys, dict(zip(columns, _as_tuple(values), strict=False)))
            for keys, values in rows.get(template["name"], {}).items()
        ),
        missing=template["missing"],
    )


def _as_tuple(values: str | tuple[str, ...]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else values


def fill_by_hand(order: Document) -> tuple[Any, ...]:
    """The same fields of a receipt without customer, as code for this one mapping."""
    location, category = BRANCHES[(order["branch"],)]
    header = {"location": location, "class": category}
    if order["reference"]:
        header["note"] = order["reference"]
    lines, items, tenders = [], [], []
    for line in order["lines"]:
        made = {"description": line["text"]}
        code = line["vat_code"]
        if not (code in ("", "0") and order["vat_method"] != "none"):
            rate = str(line["vat_rate"].normalize())
            made["tax_code"] = VAT[order["country"], code or "0", rate]
        lines.append(made)
        account, supply = GROUPS["*", line["turnover_group"]]
        items.append(
            {
                "sku": line["article"],
                "name": line["text"] or line["article"],
                "income_account": account,
                "supply": supply,
                "group": line["turnover_group_name"],
            }
        )
    for tender in order["tenders"]:
        key = tender["method"], tender["branch"] or order["branch"]
        values = TENDERS.get(key) or TENDERS[key[0], "*"]
        names = ("treatment", "payment_method", "deposit_account")
        tenders.append({n: v for n, v in zip(names, values, strict=True) if v})
    return header, lines, tenders, None, items


def measure(work: Callable[[Any], object], receipts: list[Any]) -> float:
    """Receipts per second of processor time, the best of five rounds."""
    best = 0.0
    for _round in range(5):
        started = time.process_time()
        for receipt in receipts:
            work(receipt)
        best = max(best, len(receipts) / (time.process_time() - started))
    return best


def check_equal(mapping: Any, receipts: list[Document]) -> None:
    """The bare loop makes the same fields, or it is no measure."""
    for receipt in receipts:
        fields = mapping.apply(receipt)
        made = (
            fields.header,
            fields.lines,
            fields.tenders,
            fields.customer,
            fields.items,
        )
        if made != fill_by_hand(receipt):
            raise SystemExit(f"Not the same: {made} and {fill_by_hand(receipt)}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=4_000)
    options = parser.parse_args()
    import django

    django.setup()
    from connectors.plain import to_plain

    orders = make_receipts(options.receipts)
    receipts = [to_plain(order) for order in orders]
    started = time.process_time()
    mapping = compile_default()
    compiled = time.process_time() - started
    check_equal(mapping, receipts)
    rules = measure(mapping.apply, receipts)
    whole = measure(lambda order: mapping.apply(to_plain(order)), orders)
    bare = measure(fill_by_hand, receipts)
    print(f"compiled in                          {1000 * compiled:9.0f} ms")
    print(f"receipts of {LINES} lines/s and core, rules {rules:9,.0f}")
    print(f"… with making them plain first       {whole:9,.0f}")
    print(f"the same fields by hand              {bare:9,.0f}")
    print(f"rules / by hand                      {rules / bare:9.3f}")
    if rules < TARGET:
        raise SystemExit(f"Below the target of {TARGET:,}.")


if __name__ == "__main__":
    main()

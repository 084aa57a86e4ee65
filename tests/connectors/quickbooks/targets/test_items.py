from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.writes import Known, Ref, Write
from tests.connectors.quickbooks.targets.receipts import (
    amounts,
    line,
    pay,
    plan,
    receipt,
)

TEA = Ref("product", "1001", "item")


def items_of(text: str = "Tea", known: Any = None, **values: Any) -> list[Write]:
    fields = values.pop("fields", {})
    order = receipt([line("12.10", text=text)], [pay("PIN", "12.10")])
    made = plan(order, known, {"item": fields}, **values)
    return [write for write in made.writes if write.entity == "Item"]


def test_a_missing_article_is_created_without_stock() -> None:
    (write,) = items_of(fields={"description": "Green tea"})
    assert write.body == {
        "Name": "Tea",
        "Sku": "1001",
        "Type": "NonInventory",
        "IncomeAccountRef": {"value": "sales"},
        "ExpenseAccountRef": {"value": "cogs"},
        "SalesTaxCodeRef": {"value": "t21"},
        "Description": "Green tea",
    }
    assert write.fallback == {"Name": "Tea (1001)"}


def test_accounts_come_from_the_rules_first() -> None:
    fields = {"income_account": "food", "expense_account": "buy"}
    (write,) = items_of(fields=fields)
    assert write.body["IncomeAccountRef"] == {"value": "food"}
    assert write.body["ExpenseAccountRef"] == {"value": "buy"}


def test_names_are_made_fit() -> None:
    (write,) = items_of(f"Tea:\tgreen\n{'x' * 200}")
    assert write.body["Name"].startswith("Tea green xxx")
    assert len(write.body["Name"]) == 100
    assert len(write.fallback["Name"]) == 100
    assert write.fallback["Name"].endswith(" (1001)")


@pytest.mark.parametrize("sku", ["A:1", "x" * 100])
def test_the_second_choice_of_a_name_is_fit_too(sku: str) -> None:
    order = receipt([line("12.10", text="Tea")], [pay("PIN", "12.10")])
    made = plan(order, fields={"item": {"sku": sku}})
    (item,) = [w for w in made.writes if w.entity == "Item"]
    name = item.fallback["Name"]
    assert name.startswith("Tea (")
    assert len(name) <= 100
    assert ":" not in name


def test_items_of_one_group_on_several_accounts_have_several_second_choices() -> None:
    names = set()
    for account in ("nl", "be", "de"):
        fields = {"income_account": account, "group": "Drinks" * 20}
        (write,) = items_of(fields=fields, lines_by="turnover_group")
        names.add(write.fallback["Name"])
    assert len(names) == 3


def test_an_article_without_a_text_is_named_by_its_number() -> None:
    (write,) = items_of("", fields={"name": ""})
    assert write.body["Name"] == "1001"


def test_an_article_without_a_number_goes_to_its_groups_item() -> None:
    (write,) = _without_number("40")
    assert write.key == "group:40:sales"
    assert write.body["Type"] == "Service"


def test_a_line_without_number_and_group_goes_to_the_revenue_item() -> None:
    (write,) = _without_number("")
    assert write.key == "special:revenue:sales"


def _without_number(group: str) -> list[Write]:
    free = line("12.10", article="", turnover_group=group)
    made = plan(receipt([free], [pay("PIN", "12.10")]))
    return [write for write in made.writes if write.entity == "Item"]


def test_a_missing_article_can_be_posted_on_its_group() -> None:
    group, article = items_of(missing_item="group")
    assert group.key == "group:40:sales"
    assert article.ref == TEA
    assert article.needs == (group.ref,)
    assert article.body["otherwise"] == group.ref
    assert article.body["Query"].startswith(
        "select *, Sku from Item where Sku in ('1001')"
    )


def test_a_missing_article_can_fail() -> None:
    (article,) = items_of(missing_item="fail")
    assert set(article.body) == {"Query"}


def test_an_article_on_another_account_goes_to_a_revenue_item() -> None:
    known = {TEA: Known("9", facts={"income_account": "other"})}
    (write,) = items_of(known=known, fields={"income_account": "food"})
    assert write.key == "special:revenue:food"
    assert write.body["SalesTaxCodeRef"] == {"value": "t21"}


def test_an_article_expects_the_account_that_a_rule_names() -> None:
    (write,) = items_of(fields={"income_account": "food"})
    assert write.is_surprised_by(Known("9", facts={"income_account": "other"}))
    assert not write.is_surprised_by(Known("9", facts={"income_account": "food"}))
    assert not write.is_surprised_by(Known("9"))
    (unnamed,) = items_of()
    assert not unnamed.is_surprised_by(Known("9", facts={"income_account": "other"}))


def test_what_stands_in_for_an_article_bears_its_own_groups_account() -> None:
    facts = {"stands_in": "true", "income_account": "other"}
    known = {TEA: Known("9", facts=facts)}
    (write,) = items_of(
        known=known, fields={"income_account": "food"}, missing_item="group"
    )
    assert write.key == "group:40:food"


def test_an_article_keeps_its_account_where_no_rule_names_one() -> None:
    known = {TEA: Known("9", facts={"income_account": "other"})}
    (write,) = items_of(known=known)
    assert write.ref == TEA


def test_an_article_sold_twice_is_one_write() -> None:
    made = plan(receipt([line("1.21"), line("2.42")], [pay("PIN", "3.63")]))
    assert [write.role for write in made.writes] == ["item", "sale"]
    assert [entry[3] for entry in amounts(made)] == ["1001", "1001"]


def test_quotes_in_a_sku_are_escaped() -> None:
    free = line("12.10", article="5'9")
    made = plan(receipt([free], [pay("PIN", "12.10")]), missing_item="fail")
    assert "('5\\'9')" in made.writes[0].body["Query"]


def test_quantities_of_weighed_goods_are_kept() -> None:
    made = plan(
        receipt([line("12.10", quantity=Decimal("0.530"))], [pay("PIN", "12.10")])
    )
    detail = made.writes[-1].body["Line"][0]["SalesItemLineDetail"]
    assert detail["Qty"] == Decimal("0.530")
    assert detail["UnitPrice"] == Decimal("18.8679245")

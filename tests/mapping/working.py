"""Short ways to work an expression out in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mapping.engine import compile_rules
from mapping.rules import Entry, KeyField, RuleData, ValueMapData

VAT = ValueMapData(
    name="vat",
    label="VAT codes",
    keys=(
        KeyField("country", "Country"),
        KeyField("code", "VAT code"),
        KeyField("rate", "VAT rate", "number"),
    ),
    columns=("tax_code",),
    entries=(Entry(("NL", "1", "21"), {"tax_code": "VAT 21%"}),),
)


def work_out(
    expression: str,
    document: Mapping[str, Any] | None = None,
    *maps: ValueMapData,
) -> Any:
    """The value of an expression over ``order``; None where it gives nothing."""
    rule = RuleData("header", "field", expression)
    tables = {each.name: each for each in maps or (VAT,)}
    compiled = compile_rules([rule], tables)
    return compiled.apply(document or {}).header.get("field")

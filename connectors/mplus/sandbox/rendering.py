"""Records to XML, driven by the schema.

A record is a dict by element name; dates are ``2026-10-31``, timestamps ISO text with
their offset, percentages plain whole numbers. Strings are joined, no tree is built: a
page of 1,000 receipts has to take a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connectors.mplus.schema import OPERATIONS, STRUCTS
from connectors.mplus.schema_types.enums import ENUMS
from connectors.mplus.schema_types.notation import Element

Write = Callable[[Any], str]

SUMMER_OFFSET = 120
_PERCENTAGES = frozenset(
    {
        "vatPercentage",
        "vatPercentageAlternative",
        "discountPercentage",
    }
)
_ADDED = "<ns:addedLater>since version 68</ns:addedLater>"
_ADDED_GROUP = (
    "<ns:addedGroup><ns:name>new</ns:name><ns:value>1</ns:value></ns:addedGroup>"
)
_WITH_ADDED_GROUP = frozenset({"Receipt", "Line", "Payment", "Relation", "Article"})
# Harmless places for values that did not exist when a client was made.
_ADDED_VALUES = {
    "PriceType": "PRICE-TYPE-ADDED-LATER",
    "LineKind": "LINE-KIND-ADDED-LATER",
    "DiscountType": "DISCOUNT-TYPE-ADDED-LATER",
    "SpecialBehaviour": "ADDED-LATER",
    "ArticleSpecialPrice": "PRICE-ADDED-LATER",
}
# Their values decide something even for a sandbox with unknown values in it.
_KEPT_VALUES = frozenset({"PRICE-TYPE-GIFT-CARD"})


@dataclass(frozen=True, slots=True)
class Style:
    """How answers are written, by the switches of the same names."""

    percent_times_100: bool = True
    unknown_fields: bool = False
    unknown_enums: bool = False


class Renderer:
    """Writes answers in one style."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._writers: dict[str, Write] = {}

    def render_answer(self, operation: str, record: Mapping[str, Any]) -> str:
        """The answer element of an operation."""
        name = OPERATIONS[operation].answer
        return f"<ns:{name}>{self._writer(name)(record)}</ns:{name}>"

    def _writer(self, kind: str) -> Write:
        found = self._writers.get(kind)
        if found is None:
            # Types contain themselves, so the name is looked up again at each call.
            self._writers[kind] = lambda value: self._writers[kind](value)
            found = self._writers[kind] = self._make_writer(kind)
        return found

    def _make_writer(self, kind: str) -> Write:
        if kind in _SCALARS:
            return _SCALARS[kind]
        if kind in ENUMS:
            return self._make_enum_writer(kind)
        return self._make_struct_writer(kind)

    def _make_enum_writer(self, kind: str) -> Write:
        added = _ADDED_VALUES.get(kind) if self._style.unknown_enums else None
        if added is None:
            return str
        text: str = added
        return lambda value: value if value in _KEPT_VALUES else text

    def _make_struct_writer(self, kind: str) -> Write:
        elements = STRUCTS[kind].elements
        steps = [self._make_step(each) for each in elements]
        middle = self._pick_additions(kind)
        half = len(steps) // 2

        def write(record: Mapping[str, Any]) -> str:
            parts: list[str] = []
            get = record.get
            for index, (name, required, repeated, start, end, inner) in enumerate(
                steps
            ):
                if middle and index == half:
                    parts.append(middle)
                value = get(name)
                if value is None:
                    if required:
                        raise KeyError(f"{kind}.{name}")
                    continue
                if repeated:
                    parts += [f"{start}{inner(each)}{end}" for each in value]
                else:
                    parts.append(f"{start}{inner(value)}{end}")
            return "".join(parts)

        return write

    def _make_step(self, element: Element) -> tuple[str, bool, bool, str, str, Write]:
        name = element.name
        inner = self._writer(element.type)
        if name in _PERCENTAGES and self._style.percent_times_100:
            inner = _write_percentage
        start, end = f"<ns:{name}>", f"</ns:{name}>"
        return name, element.required, element.repeated, start, end, inner

    def _pick_additions(self, kind: str) -> str:
        if not self._style.unknown_fields or len(STRUCTS[kind].elements) < 4:
            return ""
        if kind in ("SoapMplusDate", "SoapMplusDateTime"):
            return ""
        return _ADDED + (_ADDED_GROUP if kind in _WITH_ADDED_GROUP else "")


@lru_cache(maxsize=8)
def get_renderer(style: Style) -> Renderer:
    """The renderer for a style, made once."""
    return Renderer(style)


def escape(text: str) -> str:
    """Text for between two tags."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def _write_bool(value: bool) -> str:
    return "true" if value else "false"


def _write_percentage(value: int) -> str:
    return str(value * 100)


@lru_cache(maxsize=4096)
def _write_date(value: str) -> str:
    year, month, day = value.split("-")
    return (
        f"<ns:day>{int(day)}</ns:day><ns:mon>{int(month)}</ns:mon>"
        f"<ns:year>{year}</ns:year>"
    )


@lru_cache(maxsize=4096)
def _write_timestamp(value: str) -> str:
    """``2026-10-31T14:05:09+01:00``: wall clock, summer time, minutes east."""
    day, _, clock = value.partition("T")
    hour, minute, second = int(clock[:2]), int(clock[3:5]), int(clock[6:8])
    sign = -1 if clock[8] == "-" else 1
    offset = sign * (int(clock[9:11]) * 60 + int(clock[12:14]))
    return (
        f"<ns:sec>{second}</ns:sec><ns:min>{minute}</ns:min><ns:hour>{hour}</ns:hour>"
        f"{_write_date(day)}"
        f"<ns:isdst>{_write_bool(offset == SUMMER_OFFSET)}</ns:isdst>"
        f"<ns:timezone>{offset}</ns:timezone>"
    )


_SCALARS: dict[str, Write] = {
    "boolean": _write_bool,
    "date": str,
    "dateTime": str,
    "decimal": str,
    "int": str,
    "long": str,
    "short": str,
    "string": escape,
    "SoapMplusDate": _write_date,
    "SoapMplusDateTime": _write_timestamp,
}

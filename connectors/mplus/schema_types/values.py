"""Small types used everywhere."""

from __future__ import annotations

from connectors.mplus.schema_types.notation import Struct, struct

VALUES: tuple[Struct, ...] = (
    struct(
        "SoapMplusDate",
        "day: int!",
        "mon: int!",
        "year: int!",
    ),
    struct(
        "SoapMplusDateTime",
        "sec: int!",
        "min: int!",
        "hour: int!",
        "day: int!",
        "mon: int!",
        "year: int!",
        "isdst: boolean!",
        "timezone: int!",
    ),
    struct(
        "IdList",
        "id: string*",
    ),
    struct(
        "NumberList",
        "number: long*",
    ),
    struct(
        "TextList",
        "text: Text*",
    ),
    struct(
        "Text",
        "text: string!",
    ),
)

"""What the fields of the datamodel's documents hold, read from their declarations."""

from __future__ import annotations

from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def fields_of(document: type[Any]) -> dict[str, Any]:
    """The fields of a document with their types; Optional is left out."""
    hints = get_type_hints(document)
    return {each.name: _without_none(hints[each.name]) for each in fields(document)}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    return next(each for each in get_args(hint) if each is not NoneType)

"""Makes a rule's result the kind of value that its target field takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from connectors.contract import TargetField
from integration_hub.core.errors import UnusableError
from mapping.operators import is_true
from mapping.values import check_number, to_date, to_integer, to_text

# Every other type of field is a text.
_CONVERT: Mapping[str, Callable[[object], object]] = {
    "integer": to_integer,
    "boolean": is_true,
    "date": to_date,
}


def check_value(value: object, field: TargetField | None) -> object:
    """The value as the field takes it; without a field, any single value.

    A text field takes numbers and dates as text, and no more than its length. Raises
    UnusableError.
    """
    if value is None:
        return None
    if field is None:
        return _check_single(value)
    convert = _CONVERT.get(field.type)
    if convert is not None:
        return convert(value)
    text = value if type(value) is str else to_text(value)
    if field.max_length and len(text) > field.max_length:
        raise UnusableError(
            f"gives {len(text)} characters; the field takes {field.max_length}",
            value=value,
            action=f"Use truncate(…, {field.max_length}) to cut the text.",
        )
    return text


def _check_single(value: object) -> object:
    if isinstance(value, list | tuple | dict):
        raise UnusableError("needs a single value", value=value)
    return check_number(value) if isinstance(value, Decimal) else value

"""Selects of many rows with the same options, which are rendered once for all."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

# The id of the list of countries that a field may be filled from.
COUNTRIES = "countries"


class _SharedOptions:
    """A select that does not ask a template for each of its options."""

    choices: Any

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        """The select with its options; the value's one is selected."""
        given = cast(Any, self).build_attrs(
            cast(Any, self).attrs, {**(attrs or {}), "name": name}
        )
        chosen = "" if value is None else str(value)
        options = "".join(
            _render_option(str(key), str(text), key == chosen)
            for key, text in cast(Iterable[Any], self.choices)
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt(given),
            mark_safe(options),  # noqa: S308  each option is escaped
        )


@lru_cache(maxsize=20_000)
def _render_option(value: str, text: str, is_chosen: bool) -> str:  # noqa: FBT001
    selected = mark_safe(" selected") if is_chosen else ""
    return format_html('<option value="{}"{}>{}</option>', value, selected, text)


@lru_cache(maxsize=8)
def _make_class(kind: type[forms.Select]) -> type[forms.Select]:
    return type(f"Shared{kind.__name__}", (_SharedOptions, kind), {})


def share_options(made: forms.Field) -> None:
    """Let a field's select render its options fast, where it is one."""
    if isinstance(made.widget, forms.Select):
        made.widget.__class__ = _make_class(type(made.widget))

"""Plain form fields in the admin's look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from unfold import widgets

# More choices than these get a field to search in.
MANY = 12


def dress(field: forms.Field) -> None:
    """Give a form field unfold's widget for its type."""
    field.widget = _make_widget(field)
    field.widget.is_required = field.required


def _make_widget(field: forms.Field) -> forms.Widget:
    attrs = dict(field.widget.attrs)
    made: forms.Widget
    if isinstance(field.widget, forms.PasswordInput):
        made = widgets.UnfoldAdminPasswordWidget(render_value=False, attrs=attrs)
    elif isinstance(field, forms.BooleanField):
        made = widgets.UnfoldBooleanSwitchWidget(attrs=attrs)
    elif isinstance(field, forms.ChoiceField):
        choices = list(cast(Iterable[Any], field.choices))
        kind = widgets.UnfoldAdminSelectWidget
        if len(choices) > MANY:
            kind = widgets.UnfoldAdminSelect2Widget
        made = kind(attrs=attrs, choices=choices)
    elif isinstance(field, forms.IntegerField):
        made = widgets.UnfoldAdminIntegerFieldWidget(attrs=attrs)
    elif isinstance(field, forms.DateField):
        made = widgets.UnfoldAdminSingleDateWidget(attrs=attrs)
    elif isinstance(field, forms.EmailField):
        made = widgets.UnfoldAdminEmailInputWidget(attrs=attrs)
    else:
        made = widgets.UnfoldAdminTextInputWidget(attrs=attrs)
    return made

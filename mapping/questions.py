"""What can be asked of a field, by its type: in words, and as an expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mapping.vocabulary import (
    BOOLEAN,
    CHOICE,
    DATE,
    FIELDS,
    NUMBER,
    TEXT,
    DocumentField,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Question:
    """One operator: its name in a list, its sentence, its expression.

    ``takes`` says what it is asked with: "" nothing, "one" value, or "many" of which
    one has to fit. Of ``refused`` questions the opposite of the expression is meant.
    """

    label: _StrOrPromise
    sentence: _StrOrPromise
    expression: str
    takes: str = "one"
    refused: bool = False


_IS = _("%(field)s is %(value)s")
_IS_NOT = _("%(field)s is not %(value)s")
_EMPTY = {
    "empty": Question(_("is empty"), _("%(field)s is empty"), "empty({path})", ""),
    "filled": Question(
        _("is filled in"), _("%(field)s is filled in"), "not empty({path})", ""
    ),
}


def _name(expression: str) -> dict[str, Question]:
    """What is asked of texts and choices: whether they are one value, or one of some."""
    return {
        "is": Question(_("is"), _IS, expression),
        "is_not": Question(_("is not"), _IS_NOT, expression, refused=True),
        "one_of": Question(
            _("is one of"), _("%(field)s is one of %(value)s"), expression, "many"
        ),
        "none_of": Question(
            _("is none of"),
            _("%(field)s is none of %(value)s"),
            expression,
            "many",
            refused=True,
        ),
    }


OPERATORS: Mapping[str, Mapping[str, Question]] = {
    TEXT: {
        **_name("lower(text({field})) = lower({value})"),
        "contains": Question(
            _("contains"),
            _("%(field)s contains “%(value)s”"),
            "contains(text({field}), {value})",
        ),
        "lacks": Question(
            _("does not contain"),
            _("%(field)s does not contain “%(value)s”"),
            "contains(text({field}), {value})",
            refused=True,
        ),
        "begins": Question(
            _("begins with"),
            _("%(field)s begins with “%(value)s”"),
            "starts_with(text({field}), {value})",
        ),
        **_EMPTY,
    },
    CHOICE: _name("{field} = {value}"),
    NUMBER: {
        "is": Question(_("is"), _IS, "{field} = {value}"),
        "is_not": Question(_("is not"), _IS_NOT, "{field} = {value}", refused=True),
        "more": Question(
            _("is more than"),
            _("%(field)s is more than %(value)s"),
            "{value} < {field}",
        ),
        "at_least": Question(
            _("is at least"), _("%(field)s is at least %(value)s"), "{value} <= {field}"
        ),
        "less": Question(
            _("is less than"),
            _("%(field)s is less than %(value)s"),
            "{value} > {field}",
        ),
        "at_most": Question(
            _("is at most"), _("%(field)s is at most %(value)s"), "{value} >= {field}"
        ),
        **_EMPTY,
    },
    DATE: {
        "on": Question(_("is on"), _("%(field)s is %(value)s"), "{field} = {value}"),
        "before": Question(
            _("is before"), _("%(field)s is before %(value)s"), "{value} > {field}"
        ),
        "after": Question(
            _("is after"), _("%(field)s is after %(value)s"), "{value} < {field}"
        ),
        "from": Question(
            _("is on or after"),
            _("%(field)s is on or after %(value)s"),
            "{value} <= {field}",
        ),
        "until": Question(
            _("is on or before"),
            _("%(field)s is on or before %(value)s"),
            "{value} >= {field}",
        ),
        **_EMPTY,
    },
    BOOLEAN: {
        "yes": Question(_("is so"), "%(field)s", "{field} = true", ""),
        "no": Question(
            _("is not so"), _("it is not so that %(field)s"), "{field} = false", ""
        ),
    },
}

# The field and the value within an expression, where they need to be converted.
_FIELDS = {DATE: "date({})", NUMBER: "number({})"}
_VALUES = {DATE: 'date("{}")', NUMBER: "{}"}


def tell(field: DocumentField, operator: str, values: Sequence[str]) -> str:
    """A condition in words."""
    names = dict(field.choices)
    shown = [str(names.get(value, value)) for value in values]
    text = _now(" or ").join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
    sentence = str(OPERATORS[field.type][operator].sentence)
    return sentence % {"field": field.told, "value": text}


def make_text(field: DocumentField, question: Question, value: str) -> str:
    """The expression of a question with one value."""
    path = field.path
    if field.type == DATE or field.path not in FIELDS:
        path = _FIELDS.get(field.type, "{}").format(path)
    quoted = '"' + value.replace('"', '""') + '"'
    shown = _VALUES.get(field.type, quoted).format(value)
    return question.expression.format(path=field.path, field=path, value=shown)

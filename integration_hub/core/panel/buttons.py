"""Buttons on the admin's pages. A button always posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.utils.functional import _StrOrPromise

    Label = _StrOrPromise | Callable[[Any], _StrOrPromise]


def always(obj: Any) -> bool:
    """Shown whatever the object is."""
    return True


@dataclass(frozen=True, slots=True)
class Button:
    """One thing a person can do with an object.

    ``permission`` is a full one ("flows.run_flow"), ``needs`` are those that it takes
    beside, ``icon`` a Material Symbol,
    ``tone`` "primary", "danger" or "". ``confirm`` is asked first where it is not
    empty. ``label`` may be a function of the object. ``in_list`` says
    whether the list has the button too, or for which objects.
    """

    name: str
    label: Label
    permission: str
    icon: str = ""
    tone: str = ""
    confirm: _StrOrPromise = ""
    in_list: bool | Callable[[Any], bool] = False
    shown: Callable[[Any], bool] = always
    needs: tuple[str, ...] = ()

    def is_for(self, user: AbstractUser | AnonymousUser) -> bool:
        """Whether this person may press it."""
        return user.has_perms((self.permission, *self.needs))

    def label_of(self, obj: Any) -> _StrOrPromise:
        """The label on this object's button."""
        return self.label(obj) if callable(self.label) else self.label

    def is_in_list(self, obj: Any) -> bool:
        """Whether the list has the button for this object."""
        return self.in_list(obj) if callable(self.in_list) else self.in_list

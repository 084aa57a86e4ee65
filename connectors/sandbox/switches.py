"""Switches of a sandbox: behaviour of the vendor that is unproven either way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.messages import ControlError


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch. With ``values`` it takes one of them, else any value of the type
    of its default (a whole number passes for a float)."""

    default: str | bool | int | float
    values: tuple[str, ...] = ()

    def clean(self, name: str, value: Any) -> Any:
        """``value`` as this switch keeps it. Raises ControlError."""
        if isinstance(self.default, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(self.default):
            kind = type(self.default).__name__
            raise ControlError(f"Switch {name} takes a value of type {kind}.")
        if self.values and value not in self.values:
            raise ControlError(f"Switch {name} takes one of {', '.join(self.values)}.")
        return value


class Switches:
    """The switches of one running sandbox; read with ``switches["name"]``."""

    def __init__(self, declared: Mapping[str, Switch]) -> None:
        self._declared = dict(declared)
        self._values: dict[str, Any] = {}
        self.reset()

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def reset(self) -> None:
        """Put every switch back to its default."""
        self._values = {name: item.default for name, item in self._declared.items()}

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some switches; all of them or none. Raises ControlError."""
        cleaned = {}
        for name, value in values.items():
            if name not in self._declared:
                known = ", ".join(sorted(self._declared))
                raise ControlError(f"There is no switch {name}; there are {known}.")
            cleaned[name] = self._declared[name].clean(name, value)
        self._values = {**self._values, **cleaned}

    def as_dict(self) -> dict[str, Any]:
        """All switches with their present values."""
        return dict(self._values)

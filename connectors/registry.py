"""Which connectors there are: every package beside this file with a connector.py."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
from functools import cache
from importlib.util import find_spec

import connectors
from connectors.contract import Connector
from integration_hub.core.errors import ConfigError


@cache
def all_connectors() -> dict[str, type[Connector]]:
    """Connector classes by key, in the order of their keys."""
    found = [load(name) for name in list_packages()]
    return {connector.key: connector for connector in found}


def get(key: str) -> type[Connector]:
    """The connector called ``key``. Raises ConfigError."""
    connector = all_connectors().get(key)
    if connector is None:
        raise ConfigError(
            f"There is no connector called {key}.",
            reference=key,
            action=f"Choose one of: {', '.join(all_connectors())}.",
        )
    return connector


def list_choices() -> list[tuple[str, str]]:
    """(key, label) pairs for forms; called when needed, so no migration knows them."""
    return [(key, connector.label) for key, connector in all_connectors().items()]


def list_packages(module: str = "connector") -> list[str]:
    """Names of the packages beside this file that hold ``module``."""
    packages = [m.name for m in pkgutil.iter_modules(connectors.__path__) if m.ispkg]
    return sorted(name for name in packages if _has_module(name, module))


def _has_module(package: str, module: str) -> bool:
    with contextlib.suppress(ModuleNotFoundError):
        return find_spec(f"connectors.{package}.{module}") is not None
    return False


def load(name: str) -> type[Connector]:
    """The one Connector class that connectors/NAME/connector.py defines."""
    module = importlib.import_module(f"connectors.{name}.connector")
    classes = [
        member
        for member in vars(module).values()
        if inspect.isclass(member)
        and issubclass(member, Connector)
        and member.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise ImportError(f"{module.__name__} must define exactly one Connector.")
    return classes[0]

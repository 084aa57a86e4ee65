"""What a connector declares and can do: the contract (``writes`` has what it moves).

A connector is built from an ``Account`` (one configured connection). It declares what
it supports; asking for more raises ``UnsupportedError``. Nothing here knows a
particular system. Import from here, not from the modules below.
"""

from __future__ import annotations

from connectors.contract.accounts import Account, TokenSource
from connectors.contract.answers import CheckResult, Choice, Page
from connectors.contract.declarations import (
    Composed,
    Feed,
    Field,
    NeededColumn,
    OAuth,
    TargetField,
)
from connectors.contract.set_up import PlanSettings, SetUp, SetUpLine
from connectors.contract.verbs import Connector

__all__ = [
    "Account",
    "CheckResult",
    "Choice",
    "Composed",
    "Connector",
    "Feed",
    "Field",
    "NeededColumn",
    "OAuth",
    "Page",
    "PlanSettings",
    "SetUp",
    "SetUpLine",
    "TargetField",
    "TokenSource",
]

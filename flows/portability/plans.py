"""What an import would do, between looking into the file and carrying it out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from connectors.models import Connection
from flows.models import Flow, Integration
from mapping.differences import Change
from mapping.documents import Document
from mapping.models import Mapping as RuleSet


@dataclass(slots=True)
class Plan:
    """What a file would make of the hub.

    ``integration`` is the one of its name that there is already. ``mappings`` has the
    stored mapping for each of the file's, by name, None for a new one. ``notes`` is what
    a person should know besides the changes, ``stopped`` the flows that it switches off.
    """

    document: Document
    source: Connection
    target: Connection
    integration: Integration | None
    mappings: dict[str, RuleSet | None]
    before: Document | None = None
    # What those that are there are called in the document of here.
    names_here: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: list[Flow] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Stands for what is changed into what, so that what was seen is what is done."""
        ends = [self.source.pk, self.target.pk]
        told = json.dumps([self.before, self.document, ends], default=str)
        return hashlib.sha256(told.encode()).hexdigest()


def flows_here(integration: Integration | None) -> dict[str, Flow]:
    """Its flows by what they move."""
    if integration is None:
        return {}
    return {f.feed: f for f in integration.flows.select_related("mapping")}

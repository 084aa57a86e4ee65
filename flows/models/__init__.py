"""Everything the flows room remembers."""

from __future__ import annotations

from flows.models.alerts import Alert
from flows.models.calls import Attempt, Envelope, EnvelopeMember, Link, LinkState
from flows.models.integrations import Flow, Integration
from flows.models.margins import MarginLine
from flows.models.records import RecordState, SyncRecord
from flows.models.runs import Run, RunStage, Survey
from flows.models.workers import Lease, Slot, WorkerStamp

__all__ = [
    "Alert",
    "Attempt",
    "Envelope",
    "EnvelopeMember",
    "Flow",
    "Integration",
    "Lease",
    "Link",
    "LinkState",
    "MarginLine",
    "RecordState",
    "Run",
    "RunStage",
    "Slot",
    "Survey",
    "SyncRecord",
    "WorkerStamp",
]

"""Which colour a state has, everywhere the same."""

from __future__ import annotations

from django.utils.safestring import SafeString

from flows.models import LinkState, RecordState, Run, RunStage, SyncRecord
from integration_hub.core.panel.badges import badge

RECORD_TONES: dict[str, str] = {
    RecordState.PENDING: "calm",
    RecordState.SYNCED: "good",
    RecordState.SKIPPED: "calm",
    RecordState.UNDONE: "calm",
    RecordState.FAILED: "bad",
    RecordState.WAITING: "warn",
    RecordState.IN_DOUBT: "warn",
}
RUN_TONES: dict[str, str] = {
    RunStage.READING: "busy",
    RunStage.DELIVERING: "busy",
    RunStage.FINISHED: "good",
    RunStage.STOPPED: "warn",
    RunStage.BROKEN: "bad",
}
LINK_TONES: dict[str, str] = {
    LinkState.PLANNED: "calm",
    LinkState.SENDING: "busy",
    LinkState.LINKED: "good",
    LinkState.IN_DOUBT: "warn",
    LinkState.REFUSED: "bad",
}


def record_badge(record: SyncRecord) -> SafeString:
    """The state of a record in colour."""
    return badge(record.get_state_display(), RECORD_TONES[record.state])


def run_badge(run: Run) -> SafeString:
    """The stage of a run in colour."""
    return badge(run.get_stage_display(), RUN_TONES[run.stage])

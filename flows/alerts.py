"""Alerts: one per cause, however many records it stops; gone when the cause is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from flows.models import Alert, Flow, RecordState, SyncRecord
from integration_hub.core.errors import HubError

RUN_PREFIX = "run:"
# At which end the cause of a stopped run lies, or that calls stay without an answer.
SOURCE, TARGET, HUB, DOUBT = "source", "target", "hub", "doubt"


def refresh(flow: Flow) -> None:
    """Bring the alerts of a flow in line with the records that have failed.

    One query counts, one reads what is open; a flow has few causes at a time.
    """
    failed = SyncRecord.objects.filter(flow=flow, state=RecordState.FAILED).exclude(
        fingerprint=""
    )
    causes = {
        cause["fingerprint"]: cause
        for cause in failed.values("fingerprint").annotate(
            n=Count("pk"),
            text=Max("message"),
            other=Min("message"),
            todo=Max("action"),
        )
    }
    opened = _open(flow).exclude(fingerprint__startswith=RUN_PREFIX)
    known = {alert.fingerprint: alert for alert in opened}
    for fingerprint, alert in known.items():
        cause = causes.pop(fingerprint, None)
        if cause is None:
            alert.resolved_at = timezone.now()
            alert.records = 0
        else:
            _describe(alert, cause)
    changed = ("message", "is_example", "action", "records", "resolved_at")
    Alert.objects.bulk_update(known.values(), changed)
    new = []
    for fingerprint, cause in causes.items():
        alert = Alert(flow=flow, fingerprint=fingerprint)
        _describe(alert, cause)
        new.append(alert)
    Alert.objects.bulk_create(new, ignore_conflicts=True)


def _describe(alert: Alert, cause: Mapping[str, Any]) -> None:
    alert.message = cause["text"]
    alert.is_example = cause["text"] != cause["other"]
    alert.action = cause["todo"]
    alert.records = cause["n"]


def raise_for_run(flow: Flow, error: HubError, *, end: str = "") -> None:
    """Raise the alert of a run that was stopped; once while it lasts.

    ``end`` is where the cause lies if that is not where the error happened.
    """
    prefix = _prefix_of(end or _end_of(flow, error))
    Alert.objects.bulk_create(
        [
            Alert(
                flow=flow,
                fingerprint=f"{prefix}{error.fingerprint}"[:200],
                message=error.message,
                action=error.action,
            )
        ],
        ignore_conflicts=True,
    )


def resolve_run_alerts(flow: Flow, ends: Collection[str]) -> None:
    """A run went through: what stopped earlier ones at these ends is mended."""
    mended = Q()
    for end in ends:
        mended |= Q(fingerprint__startswith=_prefix_of(end))
    _open(flow).filter(mended).update(resolved_at=timezone.now())


def _end_of(flow: Flow, error: HubError) -> str:
    if error.system == flow.integration.source.name:
        return SOURCE
    return TARGET if error.system == flow.integration.target.name else HUB


def _prefix_of(end: str) -> str:
    return f"{RUN_PREFIX}{end}:"


def is_of_run(alert: Alert) -> bool:
    """Whether it stands in the way of whole runs, not of single records."""
    return alert.fingerprint.startswith(RUN_PREFIX)


def records_of(alert: Alert) -> QuerySet[SyncRecord]:
    """The failed records that wait for this cause to be mended."""
    return SyncRecord.objects.filter(
        flow=alert.flow_id, fingerprint=alert.fingerprint, state=RecordState.FAILED
    )


def find_open(fingerprints: Iterable[str]) -> dict[tuple[int, str], int]:
    """The ids of the open alerts of these causes, by flow and cause."""
    found = Alert.objects.filter(
        fingerprint__in=set(fingerprints), resolved_at__isnull=True
    )
    rows = found.values_list("flow_id", "fingerprint", "pk")
    return {(flow_id, fingerprint): pk for flow_id, fingerprint, pk in rows}


def _open(flow: Flow) -> QuerySet[Alert]:
    return Alert.objects.filter(flow=flow, resolved_at__isnull=True)

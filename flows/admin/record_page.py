"""What the page of a sync record shows."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from flows.admin import trail
from flows.admin.documents import present_source
from flows.engine import ticking
from flows.models import LinkState, RecordState, SyncRecord


def problem_of(record: SyncRecord) -> str:
    """What is wrong with a record; nothing is with one that was left out."""
    return "" if record.is_left_out else record.message


def is_at_work(record: SyncRecord) -> bool:
    """Whether its state will change by itself soon: it waits for its turn, or has it."""
    if record.read_again or record.lease_owner:
        return True
    return record.state == RecordState.PENDING and (
        ticking.active_run(record.flow) is not None
    )


def present_record(record: SyncRecord) -> dict[str, Any]:
    """Everything that a record's page shows."""
    integration = record.flow.integration
    source = present_source(record)
    target = trail.open_target(integration)
    links = list(record.links.order_by("number", "pk"))
    # A question that was answered has become nothing.
    written = [
        each for each in links if each.target_id or each.state != LinkState.LINKED
    ]
    order = source.order
    shared = []
    if order is not None:
        articles = [line.article for line in order.lines if line.article]
        customer = order.customer.id if order.customer else order.customer_id
        shared = trail.shared_links(integration, customer, articles)
    return {
        "record": record,
        "progress_url": reverse("admin:flows_syncrecord_progress", args=(record.pk,)),
        "is_at_work": is_at_work(record),
        "problem": problem_of(record),
        "integration": integration,
        "source": source,
        "links": trail.present_links(written, target),
        "shared": trail.present_links(shared, target),
        "envelopes": trail.present_envelopes(links),
    }

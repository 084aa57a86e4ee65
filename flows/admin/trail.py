"""The target's side of a record's page: what it became and every attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from connectors.contract import Connector
from connectors.services import open_connection
from flows.admin.texts import pretty_text
from flows.models import Attempt, Envelope, EnvelopeMember, Integration, Link
from integration_hub.core.errors import HubError

MOST_SHARED = 50


@dataclass(frozen=True, slots=True)
class ShownLink:
    """One write with the address of what it became ("" where there is none)."""

    link: Link
    url: str


@dataclass(frozen=True, slots=True)
class ShownBody:
    """One write of the record in an envelope: what was sent and what became of it."""

    member: EnvelopeMember
    body: str


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """One call with its answer laid out."""

    attempt: Attempt
    received: str


@dataclass(frozen=True, slots=True)
class ShownEnvelope:
    """One envelope that carried writes of the record."""

    envelope: Envelope
    bodies: Sequence[ShownBody]
    attempts: Sequence[ShownAttempt]


def open_target(integration: Integration) -> Connector | None:
    """The target to make addresses with; None while its settings are not complete."""
    try:
        return open_connection(integration.target)
    except HubError:
        return None


def present_links(links: Sequence[Link], target: Connector | None) -> list[ShownLink]:
    """Links with their addresses in the target."""
    return [ShownLink(link, _address(link, target)) for link in links]


def shared_links(
    integration: Integration, customer: str, articles: Sequence[str]
) -> list[Link]:
    """The links of the customer and the articles of a record."""
    of_customer = Q(kind="customer", key=customer) if customer else Q(pk__in=[])
    of_articles = Q(kind="product", key__in=list(articles))
    found = Link.objects.filter(of_customer | of_articles, integration=integration)
    return list(found.order_by("kind", "key")[:MOST_SHARED])


def present_envelopes(links: Sequence[Link]) -> list[ShownEnvelope]:
    """The envelopes that carried these links, newest first, in three queries."""
    members = EnvelopeMember.objects.filter(link__in=links).select_related("link")
    envelopes = (
        Envelope.objects.filter(members__link__in=links)
        .distinct()
        .prefetch_related(
            Prefetch("members", members.order_by("position"), to_attr="ours"),
            "attempts",
        )
        .order_by("-created_at")
    )
    return [_present_envelope(envelope, envelope.ours) for envelope in envelopes]


def _present_envelope(
    envelope: Envelope, members: Sequence[EnvelopeMember]
) -> ShownEnvelope:
    return ShownEnvelope(
        envelope=envelope,
        bodies=[ShownBody(each, pretty_text(each.body)) for each in members],
        attempts=[
            ShownAttempt(each, pretty_text(each.received))
            for each in envelope.attempts.all()
        ],
    )


def _address(link: Link, target: Connector | None) -> str:
    if target is None or not link.target_id:
        return ""
    return target.link(link.entity, link.target_id)

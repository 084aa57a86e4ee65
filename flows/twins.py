"""Two flows that would post the same records into the same books."""

from __future__ import annotations

from django.utils.translation import gettext as _

from connectors import registry
from connectors.services import identify
from flows.models import Flow
from integration_hub.core.errors import ConfigError
from mapping.parting import are_parted
from mapping.services import load_filters


def find_twin(flow: Flow) -> Flow | None:
    """The flow that reads and writes the same accounts and is switched on before this.

    None where there is none, or where the filters of the two certainly part them. Of
    two that are both on, the older one is the first. Makes no call.
    """
    ends = flow.integration.source, flow.integration.target
    on = Flow.objects.filter(
        enabled=True,
        feed=flow.feed,
        integration__source__connector=ends[0].connector,
        integration__target__connector=ends[1].connector,
    ).exclude(pk=flow.pk)
    if flow.enabled:
        on = on.filter(pk__lt=flow.pk)
    others = list(
        on.select_related(
            "integration__source", "integration__target", "mapping"
        ).order_by("pk")
    )
    if not others:
        return None
    own, filters = [identify(end) for end in ends], load_filters(flow.mapping)
    for other in others:
        theirs = other.integration
        same = own == [identify(theirs.source), identify(theirs.target)]
        if same and all(own) and not are_parted(filters, load_filters(other.mapping)):
            return other
    return None


def explain(flow: Flow, first: Flow) -> ConfigError:
    """Why a flow must not run beside the first one."""
    kind = registry.get(flow.integration.source.connector)
    labels = {feed.key: feed.label for feed in kind.feeds}
    return ConfigError(
        _(
            "“%(first)s” is switched on and moves %(feed)s of the same account of "
            "%(source)s into the same company or account of %(target)s: “%(flow)s” "
            "would post them a second time."
        )
        % {
            "first": first,
            "flow": flow,
            "feed": labels.get(flow.feed, flow.feed),
            "source": kind.label,
            "target": registry.get(flow.integration.target.connector).label,
        },
        code="twin",
        reference=str(first),
        action=_(
            "Switch “%(first)s” off, or give both flows filters that part them by fixed "
            'values of one field: one skips order.branch = "1", the other '
            'order.branch <> "1".'
        )
        % {"first": first},
    )


def require_single(flow: Flow) -> None:
    """Raise ConfigError, naming the first one, where two flows would post the same."""
    first = find_twin(flow)
    if first is not None:
        raise explain(flow, first)

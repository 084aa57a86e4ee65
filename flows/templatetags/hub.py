"""Template tags of the hub's pages: badges, times, amounts, counts by state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django import template
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from connectors.writes import UNDONE
from flows import tones
from flows.models import Flow, Link, LinkState, RecordState, Run, RunStage, SyncRecord
from flows.reasons import describe_reason
from integration_hub.core.panel import badges
from mapping.differences import ADDED, CHANGED, REMOVED

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

register = template.Library()
CHANGES: Mapping[str, tuple[_StrOrPromise, str]] = {
    ADDED: (_("new"), "good"),
    CHANGED: (_("changed"), "warn"),
    REMOVED: (_("gone"), "bad"),
}
SETTINGS = "settings of the integration"
# Roles of entries that only move money between accounts: their total is always 0.00.
BALANCED = frozenset({"movement", "split", "rounding"})
# What a document of a record is for, where its role does not tell.
ROLES: Mapping[str, _StrOrPromise] = {
    "sale": "",
    "movement": "",
    "return": _("what was returned"),
    "split": _("divides the tenders"),
    "rounding": _("what cash was rounded by"),
    "settlement": _("settles a debt"),
    "apply": _("applies the credit"),
    "update": _("change"),
    "again": _("posted again"),
}


@register.simple_tag
def badge(text: _StrOrPromise, tone: str = "calm") -> SafeString:
    """A coloured label."""
    return badges.badge(text, tone)


@register.simple_tag
def change_badge(what: str) -> SafeString:
    """Whether an object is new, changed or gone, in colour."""
    return badges.badge(*CHANGES[what])


@register.simple_tag
def ago(moment: datetime | None) -> str:
    """How long ago, with the exact time under the mouse."""
    return badges.ago(moment)


@register.simple_tag
def run_badge(run: Run) -> SafeString:
    """The stage of a run."""
    return tones.run_badge(run)


@register.simple_tag
def stage_badge(stage: str) -> SafeString:
    """A stage of a run by its value."""
    return badges.badge(RunStage(stage).label, tones.RUN_TONES[stage])


@register.simple_tag
def record_badge(record: SyncRecord) -> SafeString:
    """The state of a record."""
    return tones.record_badge(record)


@register.simple_tag
def link_badge(link: Link) -> SafeString:
    """The state of a link; the document of one that was taken back counts no more."""
    if UNDONE in link.facts:
        return badges.badge(_("taken back"), "warn")
    state = link.state
    return badges.badge(LinkState(state).label, tones.LINK_TONES[state])


@register.simple_tag
def state_counts(counts: Mapping[str, int]) -> SafeString | str:
    """Numbers of records by state, in the states' colours; "–" where there are none."""
    shown = [
        (tones.RECORD_TONES[state], counts[state], state.label)
        for state in RecordState
        if counts.get(state)
    ]
    if not shown:
        return "–"
    return format_html_join(
        " ", '<span class="hub-count hub-{}"><b>{}</b> {}</span>', shown
    )


@register.simple_tag
def remedy(action: str, flow: Flow) -> SafeString:
    """What to do, with links to the value maps and the settings that it names."""
    integration = flow.integration
    prefetch_related_objects([integration], "value_maps__value_maps")
    pages = {
        f"“{each}”": reverse("admin:mapping_valuemap_change", args=(each.pk,))
        for each in integration.value_maps.value_maps.all()
    }
    pages[SETTINGS] = reverse("admin:flows_integration_change", args=(integration.pk,))
    parts = re.split(f"(“[^”]*”|{SETTINGS})", action)
    return format_html_join("", "{}", ((_lead_to(pages, part),) for part in parts))


def _lead_to(pages: Mapping[str, str], text: str) -> str:
    if text not in pages:
        return text
    return format_html('<a class="hub-link" href="{}">{}</a>', pages[text], text)


@register.filter
def money(amount: object) -> str:
    """An amount with two decimals, as the language writes it; "–" for none."""
    if amount is None or amount == "":
        return "–"
    try:
        return number_format(Decimal(str(amount)), 2, force_grouping=True)
    except InvalidOperation:
        return format_html("{}", amount)


@register.filter
def total_of(link: Link) -> str:
    """The total of a document; "–" for one whose sides always come to nothing."""
    return "–" if short_role(link.role) in BALANCED else money(link.total)


@register.filter
def short_role(role: str) -> str:
    """A role without the source's id in it: "payment" of "payment:52a1…"."""
    return role.partition(":")[0]


@register.filter
def role_words(role: str) -> _StrOrPromise:
    """What a document is for, "" where that goes without saying."""
    short = short_role(role)
    return ROLES.get(short, words(short))


@register.filter
def words(name: str) -> str:
    """A name that systems use, as words: "cash_out", "SalesReceipt"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ")
    return apart[:1] + apart[1:].lower()


@register.filter
def reason(text: str) -> _StrOrPromise:
    """A record's reason in words."""
    return describe_reason(text)


@register.filter
def quantity(number: Decimal) -> str:
    """A quantity without zeros that say nothing."""
    return number_format(f"{number.normalize():f}")

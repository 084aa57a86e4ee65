"""A preview as its page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from flows.admin.texts import pretty_json
from flows.services import Preview

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Fate: what the page calls it and its colour; in the order of the page's sums.
FATES: dict[str, tuple[_StrOrPromise, str]] = {
    "create": (_("will be created"), "good"),
    "update": (_("will be updated"), "busy"),
    "exists": (_("is there already"), "calm"),
    "taken": (_("name is taken"), "warn"),
    "skip": (_("will be skipped"), "calm"),
    "wait": (_("waits"), "warn"),
    "fail": (_("will fail"), "bad"),
}


def present_preview(preview: Preview) -> dict[str, Any]:
    """One row of the page, with its writes and their bodies."""
    label, tone = FATES[preview.fate]
    bridge = preview.bridge or {}
    return {
        "preview": preview,
        "label": label,
        "tone": tone,
        "total": bridge.get("target_total"),
        "bridge": bridge,
        "writes": [
            {
                "write": write,
                "label": FATES.get(write.fate, (write.fate, "calm"))[0],
                "tone": FATES.get(write.fate, (write.fate, "calm"))[1],
                "body": pretty_json(write.body),
            }
            for write in preview.writes
        ],
    }


def list_rows(previews: Iterable[Preview]) -> list[dict[str, Any]]:
    """The rows of the page: what fails on top, what is there already below."""
    order = ("fail", "create", "update", "wait", "skip", "exists")
    ordered = sorted(previews, key=lambda preview: order.index(preview.fate))
    return [present_preview(preview) for preview in ordered]


def count_fates(previews: Iterable[Preview]) -> list[dict[str, Any]]:
    """How many records have which fate."""
    counts = Counter(preview.fate for preview in previews)
    return [
        {"label": label, "tone": tone, "count": counts[fate]}
        for fate, (label, tone) in FATES.items()
        if counts[fate]
    ]

"""Coloured labels and other small pieces of the admin's lists."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

TONES = ("good", "bad", "warn", "busy", "calm")


def badge(text: _StrOrPromise, tone: str = "calm", *, title: str = "") -> SafeString:
    """A coloured label. ``tone`` is one of TONES."""
    return format_html(
        '<span class="hub-badge hub-{}" title="{}">{}</span>', tone, title, text
    )


def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact time when the mouse rests on it; "–" for never."""
    if moment is None:
        return "–"
    exact = format_date(timezone.localtime(moment), "Y-m-d H:i:s")
    return format_html(
        '<span class="hub-nowrap" title="{}">{}</span>', exact, _describe(moment)
    )


def _describe(moment: datetime) -> str:
    now = timezone.now()
    if abs((now - moment).total_seconds()) < 60:
        return _("just now")
    if moment > now:
        return _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}

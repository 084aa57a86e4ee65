"""What a plan takes for granted of documents that stand: looked at before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flows import links
from flows.engine.bench import Bench, Work
from flows.models import Link
from flows.standing import find_changed
from integration_hub.core.errors import RecordError


def note_changed(bench: Bench, works: Sequence[Work]) -> list[Work]:
    """Note what people have changed or removed of what must stand as it was left.

    Gives the records whose plan is another by it.
    """
    guarded = [work for work in works if work.open and work.plan.stands]
    planned = {write.ref: write for work in guarded for write in work.plan.writes}
    changed, errors = find_changed(bench.target, _list_rows(bench, guarded), planned)
    bench.refused.update(errors)
    links.note_touched(changed)
    bench.remember({links.ref_of(link): link for link in changed})
    keys = {link.key for link in changed}
    return [work for work in guarded if work.key in keys]


def find_unknown(bench: Bench, work: Work) -> RecordError | None:
    """Why it cannot be known how something stands that a plan takes for granted."""
    errors = (bench.refused.get(ref) for ref in work.plan.stands)
    return next((error for error in errors if error is not None), None)


def _list_rows(bench: Bench, works: Iterable[Work]) -> list[Link]:
    refs = {ref: None for work in works for ref in work.plan.stands}
    return [bench.links[ref] for ref in refs if ref in bench.links]

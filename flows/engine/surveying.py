"""What the target holds of a business day is asked before anything is written to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.conf import settings

from connectors.writes import Ref, Sighting
from flows import leases, links
from flows.engine import claiming
from flows.engine.bench import Bench, Work
from flows.engine.session import Session, finish, keep_leases
from flows.models import Survey


def survey_days(session: Session) -> None:
    """Survey the days of all writes on the bench, as many as fit into the budget.

    The records of the others are given back as if they had not been touched.
    """
    bench = session.bench
    for day in sorted(_new_days(bench, bench.works.values())):
        if not session.time_left or not keep_leases(session):
            break
        survey(bench, day)
    left = [work for work in bench.works.values() if _new_days(bench, [work])]
    for work in left:
        claiming.mark_pending(work.record)
    bench.drop(left)
    finish(session, [work.record for work in left])


def _new_days(bench: Bench, works: Iterable[Work]) -> set[date]:
    return {
        write.date
        for work in works
        for write in bench.missing(work)
        if not write.shared
        and write.date is not None
        and write.update_of is None
        and write.date not in bench.surveyed
    }


def survey(bench: Bench, day: date) -> None:
    """Ask the target what it holds of a day, once per run, and adopt what is ours."""
    row = _stored(bench, day)
    if row is None:
        with leases.alone(f"survey {bench.run.pk} {day}", settings.CALL_DEADLINE):
            row = _stored(bench, day) or _ask(bench, day)
    bench.surveyed[day] = {number for _entity, number, _id in row.foreign}


def _stored(bench: Bench, day: date) -> Survey | None:
    return Survey.objects.filter(run=bench.run, day=day).first()


def _ask(bench: Bench, day: date) -> Survey:
    sightings = list(bench.target.survey(day, bench.settings.hub))
    links.adopt(bench.integration, sightings)
    foreign = [[s.entity, s.known.number, s.known.id] for s in sightings if not s.ref]
    row, _ = Survey.objects.get_or_create(
        run=bench.run, day=day, defaults={"foreign": foreign}
    )
    _reload(bench, sightings)
    return row


def _reload(bench: Bench, sightings: Sequence[Sighting]) -> None:
    marked: set[Ref] = {s.ref for s in sightings if s.ref is not None}
    on_bench = {write.ref for _work, write in bench.writes()}
    rows = links.load(bench.integration.pk, marked & on_bench)
    links.own(rows, {work.key: work.record.pk for work in bench.works.values()})
    bench.remember(rows)

"""What the target holds of a business day is asked before anything is written to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from connectors.writes import Ref, Sighting
from flows import leases, links
from flows.engine import claiming, preparing
from flows.engine.bench import ORDER, Bench, Work
from flows.engine.session import Session, finish, keep_leases
from flows.models import Flow, Survey, SyncRecord
from flows.models.runs import ACTIVE_STAGES

NEAR = timedelta(days=2)
LONGEST = timedelta(days=31)


def survey_days(session: Session) -> None:
    """Survey the days of all writes on the bench, as many as fit into the budget.

    The records of the others are given back as if they had not been touched.
    """
    bench = session.bench
    _forget_removed(bench)
    new = _new_days(bench)
    asked = [w for w in bench.works.values() if w.plan.wait or bench.new_days(w)]
    if not asked:
        return
    for days in group_days(new):
        if not session.time_left or not keep_leases(session):
            break
        survey(bench, days, patience=session.seconds_left)
    finish(session, _plan_found(bench, _reload(bench, asked)))
    left = [work for work in bench.works.values() if bench.new_days(work)]
    for work in left:
        claiming.mark_pending(work.record)
    bench.drop(left)
    finish(session, [work.record for work in left])


def _new_days(bench: Bench) -> set[date]:
    return {day for work in bench.works.values() for day in bench.new_days(work)}


def _forget_removed(bench: Bench) -> None:
    """Somebody may have had days asked for anew since they were surveyed."""
    if bench.surveyed:
        there = set(bench.run.surveys.values_list("day", flat=True))
        for day in bench.surveyed.keys() - there:
            del bench.surveyed[day]


def forget_days(flows: Sequence[Flow], days: QuerySet[Any]) -> None:
    """Have active runs ask anew for days, because people may have changed documents."""
    Survey.objects.filter(
        run__flow__in=flows, run__stage__in=ACTIVE_STAGES, day__in=days
    ).delete()


def group_days(days: Iterable[date]) -> list[list[date]]:
    """Days that are asked for at once, because reads are metered: neighbours.

    A day between them, on which the shop was closed, costs nothing.
    """
    groups: list[list[date]] = []
    for day in sorted(days):
        near = groups and day - groups[-1][-1] <= NEAR
        if near and day - groups[-1][0] < LONGEST:
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def survey(bench: Bench, days: Sequence[date], *, patience: float) -> None:
    """Ask the target what it holds of these days, once per run; adopt what is ours.

    The days of records that wait for their turn are asked for with their neighbours.
    Where another worker asks and takes longer than ``patience``, in seconds, the days
    are left for later.
    """
    _remember(bench, days)
    if all(day in bench.surveyed for day in days):
        return
    with leases.alone(f"survey {bench.run.pk}", patience=patience) as mine:
        _remember(bench, days)
        if not mine:
            return
        near = group_days({*days, *_list_days_behind(bench, days)})[0]
        _remember(bench, near)
        for group in group_days(day for day in near if day not in bench.surveyed):
            _ask_and_adopt(bench, group)


def _list_days_behind(bench: Bench, days: Sequence[date]) -> list[date]:
    """The business days of records that are due, up to a month from the first day on."""
    due = claiming.due(bench.flow.pk).order_by()
    behind = due.filter(date__gt=days[-1], date__lt=days[0] + LONGEST)
    found = behind.values_list("date", flat=True).distinct()
    return [day for day in found if day is not None]


def _remember(bench: Bench, days: Sequence[date]) -> None:
    """Take note of what was asked in this run already."""
    for row in Survey.objects.filter(run=bench.run, day__in=days):
        bench.surveyed[row.day] = {number for _entity, number, _id in row.foreign}


def _ask_and_adopt(bench: Bench, days: Sequence[date]) -> None:
    sightings = ask(bench, days[0], days[-1])
    links.adopt(bench.integration, sightings)
    rows = [
        Survey(
            run=bench.run,
            day=day,
            foreign=[
                [s.entity, s.known.number, s.known.id]
                for s in list_foreign(sightings, day)
            ],
        )
        for day in days
    ]
    Survey.objects.bulk_create(rows, ignore_conflicts=True)
    _remember(bench, days)


def ask(bench: Bench, start: date, end: date) -> list[Sighting]:
    """What the target holds of these days; ``end`` is included."""
    return list(bench.target.survey(start, end, bench.settings.hub))


def list_foreign(sightings: Iterable[Sighting], day: date) -> list[Sighting]:
    """What bears a number of ours without our mark, on that day or on none."""
    return [s for s in sightings if s.ref is None and s.day in (day, None)]


def _reload(bench: Bench, works: Sequence[Work]) -> list[Work]:
    """What is known now of records whose days were asked for.

    Whoever asked, this worker or another, has adopted what is there. Gives the records
    of which something is there that they do not have in mind: they were reversed and
    posted again.
    """
    before = {*bench.known}
    rows = links.load_of_keys(bench.integration.pk, ORDER, [w.key for w in works])
    links.own(rows, {work.key: work.record.pk for work in bench.works.values()})
    bench.remember(rows)
    new: dict[str, set[Ref]] = {}
    for ref in rows.keys() & bench.known.keys() - before:
        new.setdefault(ref.key, set()).add(ref)
    return [work for work in works if new.get(work.key, set()) - _in_mind(work)]


def _in_mind(work: Work) -> set[Ref]:
    return {write.ref for write in (*work.plan.writes, *work.plan.later)}


def _plan_found(bench: Bench, works: Sequence[Work]) -> list[SyncRecord]:
    """Plan these again; gives what is done by it."""
    done = preparing.replan(bench, works)
    preparing.prepare_open(bench, works)
    return done

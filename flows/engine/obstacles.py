"""What is in the way of writes in the target: a number that is taken, no answer."""

from __future__ import annotations

from connectors.writes import Write
from flows.engine import claiming
from flows.engine.bench import Bench
from flows.models import SyncRecord
from integration_hub.core.errors import Conflict, RecordError


def refuse_foreign(bench: Bench) -> list[SyncRecord]:
    """Fail records whose number another document of the target bears already.

    So do those that need a write which the target cannot be asked for.
    """
    done: list[SyncRecord] = []
    if not bench.refused and not any(bench.surveyed.values()):
        return done
    for work in list(bench.works.values()):
        errors = (find_obstacle(bench, write) for write in bench.missing(work))
        error = next((each for each in errors if each is not None), None)
        if error is not None:
            claiming.mark_failed(work.record, error, work.plan)
            done.append(work.record)
            bench.drop([work])
    return done


def find_obstacle(bench: Bench, write: Write) -> RecordError | None:
    """Why a write that is missing cannot be sent, None if it can."""
    if write.ref in bench.refused:
        return bench.refused[write.ref]
    taken = bench.surveyed.get(write.date, set()) if write.date else set()
    if write.shared or not write.number or write.number not in taken:
        return None
    said = f"already has a document numbered {write.number} that does not come from"
    return refuse_number(bench, write, f"{said} this hub")


def refuse_number(bench: Bench, write: Write, said: str) -> Conflict:
    """The error of a number that is taken; ``said`` is what the target has."""
    system = bench.target.account.name
    return Conflict(
        f"{system} {said}.",
        code="number taken",
        reference=write.number,
        action=f"Change the number of that document in {system}, then choose Retry.",
        system=system,
    )

"""What the worker does again and again; rooms register their own chores."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from o2o.kernel import actor, clock, journal

log = logging.getLogger("o2o.worker")
Chore = Callable[[Session], int]


@dataclass(slots=True)
class Job:
    """A chore and when it is next due."""

    name: str
    every: timedelta
    chore: Chore
    due: datetime | None = None


JOBS: dict[str, Job] = {}


def _deliver(session: Session) -> int:
    return journal.deliver(session, everything=True)


FACTS = Job("facts", timedelta(0), _deliver)


def chore(*, every: float) -> Callable[[Chore], Chore]:
    """Register a function `(session) -> how many` to run every so many seconds; it commits by itself, visibly."""

    def register(function: Chore) -> Chore:
        name = f"{function.__module__.removeprefix('o2o.')}.{function.__name__}"
        JOBS[name] = Job(name, timedelta(seconds=every), function)
        return function

    return register


def run_due(session: Session, *, everything: bool = False) -> dict[str, int]:
    """Run the chores that are due (or all), then deliver facts; one failing chore stops no other."""
    done: dict[str, int] = {}
    now = clock.now()
    for job in JOBS.values():
        if not everything and job.due is not None and job.due > now:
            continue
        job.due = now + job.every
        done[job.name] = _run(session, job)
    done["facts"] = _run(session, FACTS)
    return done


def _run(session: Session, job: Job) -> int:
    actor.act_as(None)
    try:
        return job.chore(session)
    except SQLAlchemyError:
        session.rollback()
        log.exception("chore %s could not reach the database", job.name)
    except Exception:
        session.rollback()
        log.exception("chore %s failed", job.name)
    return 0

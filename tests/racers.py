"""Run many attempts at once, each on its own connection, and collect what came of them."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from o2o.kernel.db import db
from o2o.kernel.errors import RuleBroken

BUSY = "database is locked"
BUSY_TRIES = 20
Attempt = Callable[[Session, int], Any]


def race(app: Flask, attempt: Attempt, *, times: int, threads: int = 8) -> Counter[str]:
    """Call `attempt(session, number)` `times` times from `threads` threads that start together.

    Counts "ok", the codes of refusals and the names of errors; an attempt commits by itself.
    """
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    numbers = iter(range(times))
    start = threading.Barrier(threads)

    def take() -> int | None:
        with lock:
            return next(numbers, None)

    def run() -> None:
        with app.app_context():
            start.wait()
            while (number := take()) is not None:
                outcome = _outcome(attempt, number)
                with lock:
                    outcomes[outcome] += 1

    racers = [threading.Thread(target=run) for _ in range(threads)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return outcomes


def _outcome(attempt: Attempt, number: int) -> str:
    """Try once; "busy" (a 503 to a guest, who then presses again) is tried again, anything else is counted."""
    for _ in range(BUSY_TRIES):
        outcome = _once(attempt, number)
        if BUSY not in outcome:
            break
    return outcome


def _once(attempt: Attempt, number: int) -> str:
    try:
        attempt(db.session, number)
    except RuleBroken as refusal:
        db.session.rollback()
        return refusal.code
    except Exception as error:
        db.session.rollback()
        return repr(error)
    return "ok"

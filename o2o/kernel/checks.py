"""Invariants: one query each, run by `flask check` and after every test that moves money."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

Check = Callable[[Session], Iterable[str]]
CHECKS: dict[str, tuple[str, Check]] = {}


def invariant(code: str, sentence: str) -> Callable[[Check], Check]:
    """Register a check under its code; it yields the name of every row that breaks the sentence."""

    def register(check: Check) -> Check:
        if code in CHECKS and CHECKS[code][1].__qualname__ != check.__qualname__:
            raise ValueError(f"{code} is registered twice")
        CHECKS[code] = (sentence, check)
        return check

    return register


def broken(session: Session) -> list[str]:
    """Run every check and return one line per broken row: code, sentence, row."""
    lines = []
    for code in sorted(CHECKS, key=lambda name: (len(name), name)):
        sentence, check = CHECKS[code]
        lines += [f"{code} {sentence}: {row}" for row in check(session)]
    return lines

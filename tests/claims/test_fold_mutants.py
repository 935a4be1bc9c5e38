"""Planted bugs: each changes one place of the fold's source, and each is caught by the test its table names."""

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from o2o.claims import evidence, fold
from tests.claims.histories import histories
from tests.claims.mutants import IN_THE_ORDER, RANK
from tests.claims.mutants_causes import IN_THE_CAUSES
from tests.claims.promises import PROMISES

SEED = 4
COUNT = 400
SOURCES = {module: Path(str(module.__file__)).read_text() for module in (evidence, fold)}
MUTANTS = IN_THE_ORDER + IN_THE_CAUSES


def meets(test: Callable[..., None], folding: ModuleType) -> bool:
    """Tell whether the module passes a promise over many histories, or a hand case."""
    random = Random(SEED)
    try:
        if test not in PROMISES:
            test(folding)
            return True
        for past in histories(SEED, COUNT):
            test(folding, past, random)
    except (AssertionError, ValueError, pytest.fail.Exception):
        return False
    return True


def broken(patch: pytest.MonkeyPatch, where: ModuleType, old: str, new: str) -> ModuleType:
    """Compile the fold in a module of its own, with one place of its source changed."""
    assert SOURCES[where].count(old) == 1, f"the mutant no longer fits: {old}"
    made = {}
    for module, source in SOURCES.items():
        changed = source.replace(old, new) if module is where else source
        made[module] = ModuleType(f"{module.__name__}_broken")
        exec(compile(changed, f"broken {module.__name__}", "exec"), made[module].__dict__)
        patch.setitem(sys.modules, module.__name__, made[module])
    return made[fold]


@pytest.mark.parametrize(
    ("where", "old", "new", "killer"), [row[1:] for row in MUTANTS], ids=[row[0] for row in MUTANTS]
)
def test_mutant_is_caught(
    monkeypatch: pytest.MonkeyPatch, where: ModuleType, old: str, new: str, killer: Callable[..., None]
) -> None:
    assert not meets(killer, broken(monkeypatch, where, old, new))


def test_without_a_mutant_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: compiled the same way, unchanged, the fold passes everything the table names."""
    folding = broken(monkeypatch, fold, RANK, RANK)
    assert folding.fold is not fold.fold
    killers = {row[4] for row in MUTANTS} | set(PROMISES)
    assert [killer.__name__ for killer in killers if not meets(killer, folding)] == []

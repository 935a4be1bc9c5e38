"""The fold knows no other room, so what it measures by is compared here with what the other rooms go by."""

import re
from datetime import timedelta

from o2o.claims import delta, evidence
from o2o.passes import proof
from o2o.redemption import rules as redemption
from tests.house.tree import ROOT

MILLISECOND = timedelta(milliseconds=1)


def test_the_fold_measures_as_the_other_rooms_do() -> None:
    assert evidence.STEP_MS == proof.STEP_SECONDS * 1000
    assert proof.GREEN[1] == evidence.AHEAD
    assert proof.AMBER == evidence.AMBER
    assert redemption.UNDO == evidence.ANNUL_MS * MILLISECOND
    assert evidence.FRESH_LIST_MS == delta.FRESH_AGE * 1000
    assert timedelta(seconds=delta.LAST_AGE) == redemption.LATEST


def test_the_tills_script_gives_as_long_to_undo() -> None:
    script = (ROOT / "static" / "js" / "till-ledger.js").read_text()
    found = re.search(r"UNDO = (\d+) \* 60_000", script)
    assert found is not None
    assert timedelta(minutes=int(found[1])) == redemption.UNDO

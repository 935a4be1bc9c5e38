"""The verbs of a claim; each noun's in its own file."""

from o2o.onboarding.ending import end_unclaimed, let_go, withdraw
from o2o.onboarding.machine import (
    LONGEST_REASON,
    UNTOUCHED,
    claimants_role,
    holding,
    locked,
    move,
    next_one,
    tell,
    turn_away,
)
from o2o.onboarding.start import UNDECIDED, accept, claim, invite, prepare, propose, retry

__all__ = [
    "LONGEST_REASON", "UNDECIDED", "UNTOUCHED", "accept", "claim", "claimants_role", "end_unclaimed", "holding",
    "invite", "let_go", "locked", "move", "next_one", "prepare", "propose", "retry", "tell", "turn_away", "withdraw",
]  # fmt: skip

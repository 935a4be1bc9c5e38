"""The verbs of admission; each noun's in its own file."""

from o2o.onboarding.expiry import reckon, unweighed, weigh, weigh_all
from o2o.onboarding.moves import (
    approve,
    close,
    end_gone,
    give,
    give_back,
    lapse,
    reject,
    restore,
    submit,
    suspend,
    take_back,
    untouched,
    withdraw,
)
from o2o.onboarding.papers import decide, hand_in, waive
from o2o.onboarding.settings import add_requirement, ensure, publish_terms, set_requirement
from o2o.onboarding.start import UNDECIDED, accept, claim, invite, prepare, propose, retry

__all__ = [
    "UNDECIDED", "accept", "add_requirement", "approve", "claim", "close", "decide", "end_gone", "ensure",
    "give", "give_back", "hand_in", "invite", "lapse", "prepare", "propose", "publish_terms", "reckon",
    "reject", "restore", "retry", "set_requirement", "submit", "suspend", "take_back", "untouched", "unweighed",
    "waive", "weigh", "weigh_all", "withdraw",
]  # fmt: skip

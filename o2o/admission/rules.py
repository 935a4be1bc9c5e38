"""The verbs of admission; each noun's in its own file."""

from o2o.admission.lapsing import end_gone, lapse, untouched
from o2o.admission.moves import approve, close, give, give_back, reject, restore, suspend

__all__ = [
    "approve", "close", "end_gone", "give", "give_back", "lapse", "reject", "restore", "suspend", "untouched",
]  # fmt: skip

"""The verbs of papers; each noun's in its own file."""

from o2o.papers.answers import decide, hand_in, waive
from o2o.papers.expiry import reckon, unweighed, weigh, weigh_all
from o2o.papers.handing_in import submit, take_back

__all__ = ["decide", "hand_in", "reckon", "submit", "take_back", "unweighed", "waive", "weigh", "weigh_all"]

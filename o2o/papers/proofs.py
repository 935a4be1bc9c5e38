"""Which answer still stands for a line, and until when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from o2o.checklist.models import MerchantTerms, Requirement
from o2o.offers.rules import day_start
from o2o.papers.models import Submission


def end_of(
    row: Requirement, answers: Sequence[Submission], versions: Sequence[MerchantTerms], zone: ZoneInfo
) -> datetime | None:
    """Say when a line ends an admitted shop's right to sell; `answers` come newest first, days are the zone's.

    What the town sees for itself never does: it drifts, and is shown.
    """
    if row.kind == "computed":
        return None
    if row.key == "terms":
        return _end_of_terms(answers, versions)
    proof = next((answer for answer in answers if _proves(row, answer)), None)
    if proof is None:
        return row.due_at
    if proof.decision == "waived":
        return None
    if proof.expires_on is None:
        return row.due_at if row.asks_expiry else None
    return day_start(proof.expires_on + timedelta(days=1), zone.key)


def _proves(row: Requirement, answer: Submission) -> bool:
    """Tell whether an answer stands: a newer one that is still looked at, or was refused, takes nothing away."""
    return answer.decision in ("accepted", "waived") or (row.kind == "attested" and answer.decision is None)


def _end_of_terms(answers: Sequence[Submission], versions: Sequence[MerchantTerms]) -> datetime | None:
    """Give the earliest due time of the terms that a shop has not agreed to; the house's own stop nobody."""
    agreed = max((answer.terms_version or 0 for answer in answers if answer.decision != "refused"), default=0)
    return min(
        (row.due_at for row in versions if row.version > agreed and row.published_by is not None),
        default=None,
    )

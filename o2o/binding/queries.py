"""Getters of binding."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.passes.models import Pass, PassForm


def formed_at(session: Session, pass_: Pass) -> datetime:
    """Say since when a pass has the form that it has now; signing it anew does not count."""
    begun = select(func.min(PassForm.at)).where(PassForm.pass_id == pass_.id, PassForm.gen == pass_.gen)
    return session.scalar(begun) or pass_.issued_at

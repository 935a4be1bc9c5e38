"""Lines of the operator's own."""

import pytest
from sqlalchemy.orm import Session

from o2o.checklist import queries as asked
from o2o.kernel import clock
from o2o.kernel.errors import BadInput
from o2o.requirements import rules as requirements
from tests.onboarding.town import answer, line, make_claim, make_listing


def test_the_operators_own_line(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    words = {"title_zh": "食品安全承诺", "title_en": "Food safety", "now": clock.now()}
    row = requirements.add_requirement(session, kind="verified", asks_text=True, **words)
    assert asked.title_of(row, "zh-Hans") == "食品安全承诺"
    assert asked.title_of(row, "en") == "Food safety"
    assert line(session, claim, row.key) == "incomplete"
    answer(session, claim, row.key)
    assert line(session, claim, row.key) == "pending"
    for wrong in ({"kind": "computed"}, {"kind": "magic"}, {"title_en": " "}, {"help_zh": "长" * 301}):
        with pytest.raises(BadInput):
            requirements.add_requirement(session, **{"kind": "attested", **words, **wrong})
    with pytest.raises(BadInput):
        requirements.set_requirement(session, key="hours", is_on=True, kind="attested", now=clock.now())

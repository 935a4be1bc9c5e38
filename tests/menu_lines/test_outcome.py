"""Any two menus: nothing stands twice, what comes back is what was there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.menu_lines.lines import Kept, Line, gather, key, outcome

LINE = st.builds(
    Line,
    section=st.sampled_from(["", "A", "B"]),
    name=st.sampled_from(["x", "y", "z", "X"]),
    price=st.sampled_from([None, 0, 100, 200]),
    unit=st.sampled_from(["", "杯"]),
    note=st.sampled_from(["", "n"]),
)
MENU = st.lists(LINE, max_size=10, unique_by=key)


def test_what_is_filled_up_is_nobodys_twin() -> None:
    """A line without a unit is not taken for one that would then stand there twice."""
    current = [Kept(1, Line("", "x", unit="杯")), Kept(2, Line("A", "x", unit="杯"))]
    made = outcome(current, [Line("A", "x"), Line("A", "x", unit="杯")], "add")
    assert [key(one.line) for one in made.kept] == [("", "x", "杯"), ("a", "x", "杯"), ("a", "x", "")]


@given(MENU, MENU, st.sampled_from(["add", "replace"]))
@settings(max_examples=1000, deadline=None)
def test_what_becomes_of_two_menus(now: list[Line], brought: list[Line], mode: str) -> None:
    current = gather(Kept(number, line) for number, line in enumerate(now, 1))
    made = outcome(current, brought, mode)
    keys = [key(one.line) for one in made.kept]
    assert len(set(keys)) == len(keys)
    assert len([one for one in made.kept if one.id]) == len({one.id for one in made.kept if one.id})
    assert len(made.kept) == len(made.added) + len(made.changed) + made.same
    assert made.kept == gather(made.kept)
    if mode == "replace":
        assert [one.line for one in made.kept] == [
            one.line for one in gather(Kept(None, line) for line in brought)
        ]
        assert len(made.removed) + len(made.changed) + made.same == len(now)
    else:
        assert made.removed == []
        assert {one.id for one in current} <= {one.id for one in made.kept}
    again = outcome(made.kept, brought, mode)
    assert (again.added, again.removed) == ([], [])

"""Random holds, commits, releases, limits and waiting; the invariant and a plain model after each step."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.capacity import queries, rules
from o2o.capacity.checks import pools_add_up
from o2o.capacity.models import Pool
from o2o.capacity.rules import Claim
from o2o.kernel import clock
from o2o.kernel.errors import RuleBroken

POOLS = ("offer:1:total", "offer:1:day:2026-05-01", "offer:1:person:7")
START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


class Capacity(RuleBasedStateMachine):
    """Drive the rules and keep in mind what should be true."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.session.rollback()
        self.session.connection(execution_options={"o2o_writing": True})
        self.now = START
        self.limits = dict.fromkeys(POOLS, 5)
        self.holds: dict[str, tuple[dict[str, int], datetime, str]] = {}

    def teardown(self) -> None:
        self.session.rollback()

    def taken(self, pool: str) -> int:
        live = ("held", "committed")
        return sum(
            parts.get(pool, 0)
            for parts, until, state in self.holds.values()
            if state in live and (state == "committed" or until > self.now)
        )

    def sweep(self, pools: list[str]) -> None:
        for key, (parts, until, state) in self.holds.items():
            if state == "held" and until <= self.now and parts.keys() & set(pools):
                self.holds[key] = (parts, until, "released")

    @rule(key=st.sampled_from("abcdefgh"), parts=st.dictionaries(st.sampled_from(POOLS), st.integers(1, 3)))
    def hold(self, key: str, parts: dict[str, int]) -> None:
        claims = [Claim(pool, self.limits[pool], quantity) for pool, quantity in parts.items()]
        until = self.now + timedelta(minutes=10)
        with travel(self.now, tick=False):
            if key in self.holds:
                try:
                    same = rules.hold_all(self.session, claims=claims, until=until, key=key)
                    assert self.holds[key][0] == parts
                    assert same.state == self.holds[key][2]
                except RuleBroken:
                    assert self.holds[key][0] != parts
                return
            fits = all(self.taken(pool) + parts[pool] <= self.limits[pool] for pool in parts)
            assert (queries.short_of(self.session, claims, now=self.now) is None) == fits
            try:
                rules.hold_all(self.session, claims=claims, until=until, key=key)
                assert fits
                self.sweep(list(parts))
                self.holds[key] = (parts, until, "held")
            except RuleBroken:
                assert not fits

    @rule(key=st.sampled_from("abcdefgh"))
    def commit(self, key: str) -> None:
        self.finish(key, "committed", rules.commit(self.session, key=key))

    @rule(key=st.sampled_from("abcdefgh"))
    def release(self, key: str) -> None:
        self.finish(key, "released", rules.release(self.session, key=key))

    def finish(self, key: str, state: str, done: bool) -> None:
        if key not in self.holds:
            assert not done
            return
        parts, until, was = self.holds[key]
        assert done == (was in ("held", state))
        if was == "held":
            self.holds[key] = (parts, until, state)

    @rule(key=st.sampled_from("abcdefgh"), minutes=st.integers(1, 20))
    def extend(self, key: str, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        with travel(self.now, tick=False):
            done = rules.extend(self.session, key=key, until=until)
        parts, end, state = self.holds.get(key, ({}, START, "none"))
        assert done == (state == "held" and end > self.now)
        if done:
            self.holds[key] = (parts, max(end, until), state)

    @rule(pool=st.sampled_from(POOLS), limit=st.integers(0, 8))
    def set_limit(self, pool: str, limit: int) -> None:
        with travel(self.now, tick=False):
            known = self.session.scalars(select(Pool.id).where(Pool.key == pool)).first()
            try:
                rules.set_limit(self.session, key=pool, limit=limit)
                self.limits[pool] = limit
                assert self.taken(pool) <= limit
                if known:
                    self.sweep([pool])
            except RuleBroken:
                assert self.taken(pool) > limit
                self.sweep([pool])

    @rule()
    def release_expired(self) -> None:
        rules.release_expired(self.session, now=self.now)
        for key, (parts, until, state) in self.holds.items():
            if state == "held" and until <= self.now:
                self.holds[key] = (parts, until, "released")

    @rule(minutes=st.integers(1, 12))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def counters_hold(self) -> None:
        assert list(pools_add_up(self.session)) == []
        left = queries.left(self.session, POOLS, now=self.now)
        for pool, count in left.items():
            assert count == max(self.limits[pool] - self.taken(pool), 0)


@pytest.mark.sqlite_only("the rules' arithmetic is the same; the races run on both")
def test_any_sequence_keeps_the_counters_true(session: Session) -> None:
    assert clock.now()
    machine = type("Machine", (Capacity,), {"session": session})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

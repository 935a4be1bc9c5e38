"""Groups of one owner's shops, and offers that all of them carry alike."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.branches import queries, rules
from o2o.branches.models import Branch, Group, Shared, SharedPart
from o2o.designer import rules as designer
from o2o.designer.models import Plan
from o2o.designer.rules import Costs
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.offers import queries as offer_queries
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from tests.factories import make_account, make_paid_order, make_role, make_shop, make_terms


class Chain:
    """An owner with three shops, and a stranger's."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shops = [make_shop(session, name) for name in ("东店", "西店", "南店")]
        for shop in self.shops:
            make_role(session, shop, "owner", "owner")
        self.foreign = make_shop(session, "别家")
        make_role(session, self.foreign, "stranger", "owner")
        self.owner = make_account(session, "owner").id
        self.now = clock.now()

    def join(self, one: int = 0, other: int = 1) -> Group:
        given = {"shop_id": self.shops[one].id, "other_id": self.shops[other].id, "now": self.now}
        return rules.join(self.session, account_id=self.owner, **given)

    def share(self, terms: Terms, *others: int) -> Shared:
        chosen = [self.shops[number].id for number in others]
        given = {"offer_id": terms.offer_id, "with_ids": chosen, "now": self.now}
        return rules.share(self.session, shop_id=terms.shop_id, account_id=self.owner, **given)

    def offer(self, number: int, shared: Shared) -> Offer:
        part = queries.part_of(self.session, shop_id=self.shops[number].id, shared_id=shared.id)
        assert part is not None
        return self.session.get_one(Offer, part.offer_id)

    def terms(self, number: int, shared: Shared) -> Terms:
        return offer_queries.current_terms(self.session, self.offer(number, shared))


@pytest.fixture
def chain(session: Session) -> Chain:
    return Chain(session)


def test_shops_join_one_group_and_more_join_it(chain: Chain) -> None:
    group = chain.join()
    assert chain.join() is group
    assert chain.join(1, 0) is group
    assert chain.join(2, 0) is group
    assert queries.member_ids(chain.session, group.id) == sorted(shop.id for shop in chain.shops)


def test_a_shop_does_not_join_itself_nor_a_strangers(chain: Chain) -> None:
    with pytest.raises(RuleBroken, match="same_shop"):
        chain.join(0, 0)
    for mine, other in ((chain.shops[0], chain.foreign), (chain.foreign, chain.shops[0])):
        with pytest.raises(NotAllowed):
            rules.join(
                chain.session, shop_id=mine.id, other_id=other.id, account_id=chain.owner, now=chain.now
            )


def test_two_groups_do_not_melt_by_themselves(chain: Chain) -> None:
    fourth = make_shop(chain.session, "北店")
    make_role(chain.session, fourth, "owner", "owner")
    chain.join(0, 1)
    rules.join(
        chain.session, shop_id=fourth.id, other_id=chain.shops[2].id, account_id=chain.owner, now=chain.now
    )
    with pytest.raises(RuleBroken, match="other_group"):
        chain.join(0, 2)


def test_a_manager_of_both_shops_is_no_owner(chain: Chain) -> None:
    for shop in chain.shops[:2]:
        make_role(chain.session, shop, "helper", "manager")
    helper = make_account(chain.session, "helper").id
    one, other = chain.shops[0].id, chain.shops[1].id
    with pytest.raises(NotAllowed):
        rules.join(chain.session, shop_id=one, other_id=other, account_id=helper, now=chain.now)


def test_sharing_publishes_the_same_words_with_vouchers_of_their_own(chain: Chain) -> None:
    chain.join()
    terms = make_terms(chain.session, chain.shops[0], total_cap=50, day_cap=5)
    shared = chain.share(terms, 1)
    copy = chain.terms(1, shared)
    assert rules.same(terms, copy)
    assert copy.id != terms.id
    assert (copy.shop_id, copy.total_cap, copy.day_cap) == (chain.shops[1].id, 50, 5)
    assert chain.offer(1, shared).state == "on_sale"
    assert chain.shops[1].live


def test_sharing_again_changes_nothing_and_more_branches_may_follow(chain: Chain) -> None:
    chain.join()
    chain.join(2, 0)
    terms = make_terms(chain.session, chain.shops[0])
    shared = chain.share(terms, 1)
    assert chain.share(terms, 1).id == shared.id
    chain.share(terms, 1, 2)
    assert [part.shop_id for part in queries.parts(chain.session, shared.id)] == sorted(
        shop.id for shop in chain.shops
    )


def test_only_branches_of_the_group_can_be_chosen(chain: Chain) -> None:
    terms = make_terms(chain.session, chain.shops[0])
    with pytest.raises(RuleBroken, match="not_a_branch"):
        chain.share(terms, 1)
    chain.join()
    with pytest.raises(RuleBroken, match="not_a_branch"):
        chain.share(terms, 2)
    with pytest.raises(NotAllowed):
        rules.share(
            chain.session, shop_id=chain.shops[0].id, offer_id=terms.offer_id, with_ids=[chain.foreign.id],
            account_id=chain.owner, now=chain.now,
        )  # fmt: skip


def test_a_draft_and_an_ended_offer_are_not_shared(chain: Chain) -> None:
    chain.join()
    terms = make_terms(chain.session, chain.shops[0])
    draft = offers.prepare(chain.session, shop_id=chain.shops[0].id, draft=rules.as_draft(terms))
    offers.end(chain.session, offer_id=terms.offer_id)
    for offer_id in (draft.id, terms.offer_id):
        with pytest.raises(RuleBroken, match="not_shareable"):
            rules.share(
                chain.session, shop_id=chain.shops[0].id, offer_id=offer_id, with_ids=[chain.shops[1].id],
                account_id=chain.owner, now=chain.now,
            )  # fmt: skip


def test_a_branch_that_is_held_back_refuses_and_nothing_is_published(chain: Chain) -> None:
    chain.join()
    chain.join(2, 0)
    chain.session.flush()
    chain.shops[2].sanction = "limited"
    terms = make_terms(chain.session, chain.shops[0])
    chain.session.commit()
    begin_write(chain.session)
    with pytest.raises(RuleBroken, match="held_back"):
        chain.share(terms, 1, 2)
    chain.session.rollback()
    elsewhere = select(Offer.id).where(Offer.shop_id != chain.shops[0].id)
    assert chain.session.scalars(elsewhere).all() == []


def test_new_terms_are_carried_to_the_branches_when_asked(chain: Chain) -> None:
    chain.join()
    terms = make_terms(chain.session, chain.shops[0])
    shared = chain.share(terms, 1)
    cheaper = replace(rules.as_draft(terms), price=3500, title="下午茶双人")
    offers.revise(chain.session, offer_id=terms.offer_id, draft=cheaper)
    assert chain.terms(1, shared).price == 3800
    given = {"shop_id": chain.shops[0].id, "shared_id": shared.id, "account_id": chain.owner}
    assert rules.carry(chain.session, **given) == 1
    assert (chain.terms(1, shared).price, chain.terms(1, shared).version) == (3500, 2)
    assert rules.carry(chain.session, **given) == 0


def test_the_plan_goes_along_and_a_known_loss_is_known_in_each(chain: Chain) -> None:
    chain.join()
    terms = make_terms(chain.session, chain.shops[0])
    costs = Costs(cost=4000, regulars=0)
    deal = replace(rules.as_draft(terms), total_cap=10)
    with pytest.raises(RuleBroken, match="under_cost") as asked:
        designer.publish(chain.session, shop_id=chain.shops[0].id, draft=deal, costs=costs)
    known = replace(costs, known=asked.value.params["worst"].figure)
    offer = designer.publish(chain.session, shop_id=chain.shops[0].id, draft=deal, costs=known)
    shared = chain.share(offer_queries.current_terms(chain.session, offer), 1)
    plan = chain.session.get_one(Plan, chain.terms(1, shared).id)
    assert (plan.cost, plan.loss_seen) == (4000, 2000)


def test_what_sold_here_does_not_hold_up_a_known_loss_elsewhere(chain: Chain) -> None:
    """Here 2 of 10 are sold, there none: each branch notes its own worst case, and nobody is asked once more."""
    chain.join()
    costs = Costs(cost=4000, regulars=0, known="all:2000")
    deal = replace(rules.as_draft(make_terms(chain.session, chain.shops[0])), total_cap=10)
    offer = designer.publish(chain.session, shop_id=chain.shops[0].id, draft=deal, costs=costs)
    terms = offer_queries.current_terms(chain.session, offer)
    make_paid_order(chain.session, terms, quantity=2)
    shared = chain.share(terms, 1)
    assert chain.session.get_one(Plan, chain.terms(1, shared).id).loss_seen == 2000
    dearer = replace(costs, known="all:1800")  # 8 × −1.75 and 2 × −2.00
    designer.revise(chain.session, offer_id=offer.id, draft=replace(deal, price=3825), costs=dearer)
    given = {"shop_id": chain.shops[0].id, "shared_id": shared.id, "account_id": chain.owner}
    assert rules.carry(chain.session, **given) == 1
    assert chain.session.get_one(Plan, chain.terms(1, shared).id).loss_seen == 1750


def test_resuming_all_asks_once_for_all_branches(chain: Chain) -> None:
    """2 × 10 × −2.00 = −40.00."""
    chain.join()
    costs = Costs(cost=4000, regulars=0, known="all:2000")
    deal = replace(rules.as_draft(make_terms(chain.session, chain.shops[0])), total_cap=10)
    offer = designer.publish(chain.session, shop_id=chain.shops[0].id, draft=deal, costs=costs)
    shared = chain.share(offer_queries.current_terms(chain.session, offer), 1)
    given = {"shop_id": chain.shops[0].id, "shared_id": shared.id, "account_id": chain.owner}
    rules.move_all(chain.session, what="pause", **given)
    with pytest.raises(RuleBroken, match="under_cost") as asked:
        rules.move_all(chain.session, what="resume", known="all:2000", **given)
    assert asked.value.params["worst"] == ("all", -4000)
    assert rules.move_all(chain.session, what="resume", known="all:4000", **given) == 2
    assert {chain.offer(number, shared).state for number in (0, 1)} == {"on_sale"}
    assert rules.move_all(chain.session, what="resume", **given) == 2  # they sell already: nothing to ask


@pytest.mark.parametrize(
    ("moves", "state"), [(["pause"], "paused"), (["pause", "resume"], "on_sale"), (["end"], "ended")]
)
def test_all_branches_move_together(chain: Chain, moves: list[str], state: str) -> None:
    chain.join()
    shared = chain.share(make_terms(chain.session, chain.shops[0]), 1)
    given = {"shop_id": chain.shops[1].id, "shared_id": shared.id, "account_id": chain.owner}
    for what in moves:
        assert rules.move_all(chain.session, what=what, **given) == 2
    assert {chain.offer(number, shared).state for number in (0, 1)} == {state}
    if state == "ended":
        assert rules.move_all(chain.session, what="resume", **given) == 0


def test_a_branch_goes_its_own_way(chain: Chain) -> None:
    chain.join()
    shared = chain.share(make_terms(chain.session, chain.shops[0]), 1)
    for _ in range(2):
        rules.make_local(
            chain.session,
            shop_id=chain.shops[1].id,
            shared_id=shared.id,
            account_id=chain.owner,
            now=chain.now,
        )
    given = {"shop_id": chain.shops[0].id, "shared_id": shared.id, "account_id": chain.owner}
    rules.move_all(chain.session, what="pause", **given)
    assert chain.offer(0, shared).state == "paused"
    assert chain.offer(1, shared).state == "on_sale"
    with pytest.raises(NotAllowed):
        rules.move_all(chain.session, what="pause", **{**given, "shop_id": chain.shops[1].id})


def test_a_shop_that_leaves_keeps_its_offers(chain: Chain) -> None:
    chain.join()
    shared = chain.share(make_terms(chain.session, chain.shops[0]), 1)
    for _ in range(2):
        rules.leave(chain.session, shop_id=chain.shops[1].id, now=chain.now)
    assert chain.offer(1, shared).state == "on_sale"
    assert [part.shop_id for part in queries.parts(chain.session, shared.id)] == [chain.shops[0].id]
    assert chain.join(1, 2).id != shared.group_id


def test_a_branch_that_was_handed_on_is_neither_seen_nor_moved(chain: Chain) -> None:
    chain.join()
    shared = chain.share(make_terms(chain.session, chain.shops[0]), 1)
    make_role(chain.session, chain.shops[1], "buyer", "owner")
    held = chain.shops[1].id
    mine = next(one for one in shops.members(chain.session, held) if one.account_id == chain.owner)
    shop_rules.end_role(chain.session, shop_id=held, role_id=mine.role_id)
    lines = queries.shared_of(chain.session, shop_id=chain.shops[0].id, account_id=chain.owner)
    assert [line.others for line in lines] == [[]]
    given = {"shop_id": chain.shops[0].id, "shared_id": shared.id, "account_id": chain.owner}
    assert rules.move_all(chain.session, what="end", **given) == 1
    assert chain.offer(1, shared).state == "on_sale"


def test_nothing_else_is_written(chain: Chain) -> None:
    chain.join()
    chain.share(make_terms(chain.session, chain.shops[0]), 1)
    assert len(chain.session.scalars(select(Branch)).all()) == 2
    assert len(chain.session.scalars(select(SharedPart)).all()) == 2

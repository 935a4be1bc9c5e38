"""A shop, its staff, and guests with proofs, for tests of what people say."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checkin import rules as checkin
from o2o.checkin.models import Visit
from o2o.kernel import clock
from o2o.kernel.db import new_id
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.reviews import rules
from o2o.reviews.models import Answer, Review
from o2o.shops.models import Role
from tests.factories import (
    make_account,
    make_paid_order,
    make_poster,
    make_role,
    make_shop,
    make_terms,
    make_visit,
)

A_DAY = timedelta(days=1)


class Corner:
    """A shop with staff and one offer for ¥38 (or as told)."""

    def __init__(self, session: Session, name: str = "小满咖啡", **terms: Any) -> None:
        self.session = session
        self.shop = make_shop(session, name)
        self.staff = make_role(session, self.shop, f"staff{self.shop.id}").account_id
        self.terms = make_terms(session, self.shop, **terms)
        self.offer_id = self.terms.offer_id

    def redeemed(self, handle: str = "guest") -> Redemption:
        """Sell a pass and redeem one use of it, now."""
        from o2o.orders import queries as orders

        order = make_paid_order(self.session, self.terms, handle, key=new_id())
        return self.redeem(orders.passes_of(self.session, order.id)[0])

    def redeem(self, held: Pass) -> Redemption:
        """Redeem one use of a pass, now."""
        answer = redemption.redeem(
            self.session,
            shop_id=self.shop.id,
            staff_id=self.staff,
            text=passes.digits(held),
            quantity=1,
            nonce=new_id(),
            now=clock.now(),
        )
        return self.session.scalars(select(Redemption).where(Redemption.id == answer.redemption_id)).one()

    def annul(self, row: Redemption) -> None:
        redemption.annul(
            self.session, shop_id=self.shop.id, redemption_id=row.id, staff_id=self.staff, reason="mistake",
            now=clock.now(),
        )  # fmt: skip

    def visited(self, handle: str = "guest", *, confirmed: bool = True) -> Visit:
        """Check somebody in, and confirm them at the till."""
        visit = make_visit(self.session, make_poster(self.session, self.shop), handle)
        if confirmed:
            given = {"visit_id": visit.id, "shop_id": self.shop.id, "staff_id": self.staff}
            checkin.confirm(self.session, **given, now=clock.now())
        return visit

    def write(self, proof: Redemption | Visit, handle: str = "guest", rating: int = 5, **more: Any) -> Review:
        """Write about a proof."""
        name = "redemption_id" if isinstance(proof, Redemption) else "visit_id"
        given = {name: proof.id, "rating": rating, "text": "很好", "key": new_id(), "now": clock.now()}
        account = make_account(self.session, handle)
        return rules.write(self.session, account_id=account.id, **{**given, **more})

    def answer(self, row: Redemption, handle: str = "guest", is_kept: bool = True, **more: Any) -> Answer:
        """Say whether it was as advertised."""
        account_id = make_account(self.session, handle).id
        given = {"redemption_id": row.id, "is_kept": is_kept, "now": clock.now()}
        return rules.answer(self.session, account_id=account_id, **{**given, **more})

    def role(self, handle: str, *, ended: datetime | None = None) -> Role:
        """Let somebody work here, from long ago until `ended`."""
        row = make_role(self.session, self.shop, handle)
        row.created_at = clock.now() - 900 * A_DAY
        row.ended_at = ended
        self.session.flush()
        return row

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Give the shop's four sums."""
        self.session.refresh(self.shop)
        shop = self.shop
        return shop.rating_sum, shop.rating_count, shop.honest_yes, shop.honest_count

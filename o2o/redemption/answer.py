"""What the till says: one stable reason, and the words that go with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from o2o.kernel.words import N_
from o2o.passes.queries import Held
from o2o.redemption.models import Redemption


class Words(NamedTuple):
    """How an answer looks (ok, wait, no), its one word, what happened, and what to do."""

    kind: str
    word: str
    sentence: str
    advice: str


NOTHING_TAKEN = N_("Nothing was redeemed.")
WORDS: dict[str, Words] = {
    "ok": Words("ok", N_("Redeemed"), N_("Redeemed at %(at)s."), N_("Hand over what is listed.")),
    "format": Words(
        "no",
        N_("Not a pass"),
        N_("This is not one of our pass codes."),
        N_("Ask the guest to open the pass in the wallet, or type the twelve characters under the code."),
    ),
    "format:typed": Words(
        "no",
        N_("Unknown code"),
        N_("No pass has this code."),
        N_("Compare every character with the guest's screen: there are twelve, and never I, L, O or U."),
    ),
    "unknown_key": Words(
        "wait",
        N_("Cannot check"),
        N_("This pass was signed with a key that this server does not know."),
        N_("Do not hand anything over yet. Ask the platform to restore its keys."),
    ),
    "signature": Words(
        "no",
        N_("Not genuine"),
        N_("The signature on this code is not ours."),
        N_("Do not hand anything over. Ask the guest to open the pass in their own wallet."),
    ),
    "signature:proof": Words(
        "no",
        N_("Not genuine"),
        N_("This code was not made by the phone that holds the pass."),
        N_("Do not hand anything over. Ask the guest to open the pass in their own wallet."),
    ),
    "wrong_shop": Words(
        "no",
        N_("Wrong shop"),
        N_("This pass is for %(shop)s."),
        N_("Show the guest the way: %(address)s"),
    ),
    "too_early": Words(
        "wait",
        N_("Too early"),
        N_("This pass can be used from %(from)s on."),
        N_("Ask the guest to come back then."),
    ),
    "expired": Words(
        "no",
        N_("Expired"),
        N_("This pass was valid until %(until)s."),
        N_("Do not hand anything over. The guest's wallet says what happens to the money."),
    ),
    "wrong_time": Words(
        "wait",
        N_("Not at this time"),
        N_("This pass can be used: %(when)s."),
        N_("Ask the guest to come back then."),
    ),
    "revoked": Words(
        "no",
        N_("Withdrawn"),
        N_("This pass was withdrawn."),
        N_("Do not hand anything over. The guest can ask the platform why."),
    ),
    "revoked:refund": Words(
        "no",
        N_("Refunded"),
        N_("The money for this pass goes back to the guest, so it is void."),
        N_("Do not hand anything over. The guest can buy it again."),
    ),
    "revoked:unknown": Words(
        "no",
        N_("Not in our books"),
        N_("This pass is genuine, but the books of this town do not have it."),
        N_("Do not hand anything over. Ask the platform to look at its last restore."),
    ),
    "superseded": Words(
        "no",
        N_("Old copy"),
        N_("A newer form of this pass exists."),
        N_("Ask the guest to open the pass in the wallet again."),
    ),
    "already_used_here": Words(
        "no",
        N_("Already used"),
        N_("Used here at %(used_at)s by %(used_by)s."),
        N_("Do not hand anything over again. If it was a mistake, undo it in the list of scans."),
    ),
    "already_used_elsewhere": Words(
        "no",
        N_("Already used"),
        N_("Used at %(used_at)s in another shop."),
        N_("Do not hand anything over. The guest sees the time and place in the wallet."),
    ),
    "already_used_elsewhere:till": Words(
        "no",
        N_("Already used"),
        N_("Used at %(used_at)s, till %(till)s."),
        N_("Do not hand anything over again. The guest sees the time and the till in the wallet."),
    ),
    "copy": Words(
        "no",
        N_("A copy"),
        N_("This is a picture or a copy of a pass, not the pass itself."),
        N_("Ask the guest to open the pass in their own wallet: its code is new every 30 seconds."),
    ),
    "stale_code": Words(
        "no",
        N_("Old code"),
        N_("This code was shown %(age)s ago."),
        N_("Ask the guest to show the pass itself, not a picture: its code is new every 30 seconds."),
    ),
    "stale_code:ahead": Words(
        "no",
        N_("Clock is ahead"),
        N_("The clock of the guest's phone is ahead by %(age)s."),
        N_("Ask the guest to connect the phone for a moment and to open the pass again."),
    ),
    "clock": Words(
        "no",
        N_("Clocks disagree"),
        N_("The guest's phone and this till disagree about the time by %(age)s."),
        N_("Connect one of the two phones to the network for a moment, then scan again."),
    ),
    "budget": Words(
        "no",
        N_("Offline limit reached"),
        N_("This till may not take more without a connection."),
        N_("Connect the till for a moment: what waits is sent by itself, then scan again."),
    ),
    "online_required": Words(
        "no",
        N_("Needs a connection"),
        N_("This pass can only be redeemed with a connection."),
        N_("Connect the till for a moment, then scan again."),
    ),
    "annulled": Words(
        "wait",
        N_("Undone"),
        N_("This redemption was undone at %(used_at)s."),
        N_("Nothing is redeemed now. Scan the pass again to redeem it."),
    ),
    "not_enough_uses": Words(
        "wait",
        N_("Not enough uses"),
        N_("%(left)s left on this pass, %(asked)s asked for."),
        N_("Scan again and choose fewer."),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the till may show of a pass once the issuer's signature holds; money in minor units."""

    pass_id: str
    account_id: int
    shop_id: int
    shop_name: str
    shop_name_zh: str | None
    shop_name_en: str | None
    shop_address: str | None
    title: str
    contents: tuple[tuple[str, int], ...]
    notes: str
    value: int
    currency: str
    uses: int
    uses_left: int
    gen: int
    not_before: datetime
    expires: datetime
    weekdays: int
    from_minute: int | None
    to_minute: int | None

    def handed(self, quantity: int) -> tuple[tuple[str, int], ...] | None:
        """List what so many uses are worth; None where the contents cannot be split by uses."""
        lines = [(text, *divmod(count * quantity, self.uses)) for text, count in self.contents]
        if any(rest for _, _, rest in lines):
            return None
        return tuple((text, whole) for text, whole, _ in lines)

    @classmethod
    def of(cls, held: Held) -> "Sight":
        """Copy what is shown, so that it outlives the transaction."""
        pass_, terms, shop = held
        return cls(
            pass_id=pass_.id,
            account_id=pass_.account_id,
            shop_id=shop.id,
            shop_name=shop.name,
            shop_name_zh=shop.name_zh,
            shop_name_en=shop.name_en,
            shop_address=shop.address,
            title=terms.title,
            contents=tuple((str(line[0]), int(line[1])) for line in terms.contents),
            notes=terms.notes,
            value=pass_.paid,
            currency=pass_.currency,
            uses=pass_.uses,
            uses_left=pass_.uses_left,
            gen=pass_.gen,
            not_before=pass_.not_before,
            expires=pass_.expires,
            weekdays=terms.weekdays,
            from_minute=terms.from_minute,
            to_minute=terms.to_minute,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a look or a redemption; `reason` is stable, `variant` only picks better words.

    `at` is when it was redeemed, used before, or undone; `by` the account that did it, `till_id` another till
    that did. `age` is how far the code's own time is from ours, in seconds.
    """

    reason: str
    variant: str = ""
    pass_id: str | None = None
    sight: Sight | None = None
    redemption_id: str | None = None
    quantity: int = 0
    uses_left: int = 0
    at: datetime | None = None
    by: int | None = None
    till_id: str | None = None
    age: int | None = None

    @classmethod
    def of(cls, row: Redemption, sight: Sight) -> "Answer":
        """Give a redemption's receipt as it was; an undone one says so."""
        undone = row.annulled_at is not None
        return cls(
            reason="annulled" if undone else "ok",
            pass_id=row.pass_id,
            sight=sight,
            redemption_id=row.id,
            quantity=row.quantity,
            uses_left=row.uses_left,
            at=row.annulled_at if undone else row.at,
            by=row.annulled_by if undone else row.staff_id,
        )

    @property
    def is_ok(self) -> bool:
        """Tell whether the pass may be (or was) redeemed."""
        return self.reason == "ok"

    @property
    def words(self) -> Words:
        """Give the untranslated words."""
        return WORDS.get(f"{self.reason}:{self.variant}") or WORDS[self.reason]

    @property
    def status(self) -> int:
        """Give the HTTP status: what was sent is no code 422, every other refusal 409."""
        if self.is_ok:
            return 200
        return 422 if self.reason in ("format", "signature") else 409

    def receipt(self) -> dict[str, Any]:
        """Give what a machine gets for a redemption; the same for every repetition."""
        lines = (self.sight.handed(self.quantity) or self.sight.contents) if self.sight else ()
        return {
            "code": self.reason,
            "redemption": self.redemption_id,
            "pass": self.pass_id,
            "quantity": self.quantity,
            "uses_left": self.uses_left,
            "at": self.at.isoformat() if self.at else None,
            "title": self.sight.title if self.sight else None,
            "contents": [list(line) for line in lines],
        }

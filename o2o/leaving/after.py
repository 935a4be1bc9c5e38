"""What a closing leaves of each table: nothing of a former owner holds for the next one.

Every table that a shop takes along, or that is said to stay behind then, is here once; a test closes a shop that has
all of them and looks.

What stays is not the next owner's to read unless it is public: shops.kept_from, and parcel/own.py table by table.
"""

from typing import Final

# Deleted: it was the owner's, they have it in their file, and nobody else needs it.
AWAY: Final = {
    "special_day": "the map's week holds again",
    "menu": "the counter goes with the menu",
    "menu_line": "the next owner writes another",
    "menu_import": "and has nothing to undo",
    "picture": "with its photo; a place without an owner shows none",
    "till_pin": "nobody works here any more",
    "offline_rules": "who bears an offline loss was this owner's word; the default holds",
    "guest_note": "what staff wrote about people serves no other business",
}
# Rows stay as history and hold for nobody any more: the column that says so, and what no row says after a closing.
OVER: Final[dict[str, tuple[str, tuple[str | None, ...]]]] = {
    "offer": ("state", ("draft", "on_sale", "paused")),
    "poster": ("ended_at", (None,)),
    "till": ("revoked_at", (None,)),
    "role": ("ended_at", (None,)),
    "invite": ("withdrawn_at", (None,)),
    "payout": ("ended_at", (None,)),
    "branch": ("ended_at", (None,)),
    "shared_part": ("left_at", (None,)),
    "shop_claim": ("state", ("approved", "suspended")),
    # Only a delisting stands, and keeps the place off the map: sanctions.rules.end_with_shop.
    "sanction": ("state", ("in_force", "appealed", "upheld")),
    # Vouchers out are paid back, and the closing waits for them, for tills that are offline and for banks.
    "pass": ("state", ("valid", "refunding")),
    "purchase": ("state", ("held", "paying")),
    "refund": ("state", ("requested",)),
}
# What is neither deleted nor over, and why that binds no next owner.
STAYS: Final = {
    "shop": "the map's: name, kind and place; about, special days and changed hours, phone and website are emptied",
    "terms": "what each buyer was promised",
    "closing": "the record of it",
    "offer_plan": "of offers that have ended",
    "redemption": "who used what; books",
    "book": "the place's own; what it owed to the owner stays owed",
    "posting": "never changed",
    "leg": "never changed",
    "balance": "the sum of them",
    "conflict": "evidence, decided or not",
    "guest": "who came; contact and agreement are emptied, for they were given to this owner",
    "review": "guests' words about the place",
    "reply": "the answer that stood beside them",
    "answer": "guests' words",
    "line": "private words of guests, gone with their writers",
    "act": "who did what; never changed",
    "till_entry": "a switched-off till's own book",
    "claim": "evidence",
    "scan": "evidence",
    "poster_day": "numbers of posters that have ended",
    "submission": "papers, emptied 90 days later by their clock",
    "visit": "the guest's own",
    "last_visit": "the guest's own",
    "guide_entry": "the town's words",
    "look": "the guest's to read",
    "login": "devices of people, not of shops",
    "feed": "a counter that never runs back",
    "tiding": "for tills, and those are switched off",
    "photo": "without a picture that shows it, its own clock ends it",
    "report": "told to whoever runs the town",
    "shop_term": "made anew from what the shop says now",
    "phrase_use": "made anew from what the shop says now",
}

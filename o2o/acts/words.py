"""What each act is called: one line per endpoint that staff, owners or the operator post to.

A test walks the address map: an endpoint without a line fails, and so does a line without an endpoint.
"""

from o2o.kernel.words import N_

VERBS: dict[str, str] = {
    # offers
    "offers_console.publish": N_("Published an offer or kept a draft"),
    "offers_console.revise": N_("Changed an offer"),
    "offers_console.put_on_sale": N_("Published a draft"),
    "offers_console.weigh": N_("Reckoned what an offer can cost"),
    "offers_console.pause": N_("Paused an offer"),
    "offers_console.resume": N_("Put an offer back on sale"),
    "offers_console.end": N_("Ended an offer"),
    # check-in
    "posters.hang": N_("Made a check-in poster"),
    "posters.end": N_("Ended a check-in poster"),
    "posters.rotate": N_("Gave a check-in poster a new code"),
    "arrivals.confirm": N_("Confirmed an arrival"),
    # the shop and its people
    "shops_console.hear": N_("Filled in opening hours from a text"),
    "shops_console.save": N_("Changed what the shop says about itself"),
    "shops_console.invite": N_("Invited somebody to work here"),
    "shops_console.withdraw": N_("Withdrew an invitation"),
    "shops_console.change": N_("Changed somebody's role"),
    "shops_console.call": N_("Said what somebody who works here is called"),
    "shops_console.leave_work": N_("Stopped working here"),
    "shops_console.end": N_("Ended somebody's work here"),
    "shops.accept": N_("Accepted an invitation"),
    # photos, special days, things to print
    "pictures.add": N_("Added photos of the shop"),
    "pictures.describe": N_("Said what a photo shows"),
    "pictures.move": N_("Put the photos in another order"),
    "pictures.drop": N_("Deleted a photo"),
    "days.set_days": N_("Set special opening hours"),
    "days.drop_days": N_("Took special opening hours back"),
    "printkit.make_tables": N_("Made codes for tables"),
    # branches
    "branches_console.join": N_("Put two shops into one group"),
    "branches_console.leave": N_("Took the shop out of its group"),
    "branches_console.share": N_("Published an offer in other branches"),
    "branches_console.carry": N_("Gave all branches the same terms"),
    "branches_console.move": N_("Paused, resumed or ended a shared offer"),
    "branches_console.local": N_("Made a shared offer this branch's own"),
    # tills
    "tills.ask": N_("Asked to use a phone as a till"),
    "tills.set_pin": N_("Set their own till PIN"),
    "tills_console.admit": N_("Let a till in"),
    "tills_console.rename": N_("Renamed a till"),
    "tills_console.revoke": N_("Switched a till off"),
    "tills_console.set_rules": N_("Changed what tills may do offline"),
    "redemption.choose_shop": N_("Chose the shop for this phone's till"),
    "redemption.redeem": N_("Redeemed a pass"),
    "redemption.annul": N_("Undid a redemption"),
    "claims.sync": N_("Handed in what a till took offline"),
    "conflicts_console.seen": N_("Read a conflict of two tills"),
    # guests
    "guests_console.add_note": N_("Noted something about a guest"),
    "guests_console.drop_note": N_("Deleted a note about a guest"),
    # reviews
    "reviews_console.reply": N_("Replied to a review"),
    # sanctions
    "sanctions_console.appeal": N_("Objected to a sanction"),
    "sanctions_operator.impose": N_("Took a step against a shop"),
    "sanctions_operator.decide": N_("Decided an objection to a sanction"),
    "sanctions_operator.lift": N_("Lifted a sanction"),
    # admission
    "onboarding.claim": N_("Claimed a shop"),
    "onboarding.withdraw": N_("Gave a claim up"),
    "onboarding.create": N_("Put a new shop on the map"),
    "papers_console.answer": N_("Answered a line of the papers"),
    "papers_console.submit": N_("Handed the papers in"),
    "papers_console.take_back": N_("Took the papers back"),
    "papers_console.withdraw": N_("Gave the claim up"),
    # the payout account
    "payouts_console.save": N_("Changed the payout account"),
    # claims, at the platform's desk
    "admission_operator.approve": N_("Decided a claim"),
    "admission_operator.decide": N_("Decided a claim"),
    "admission_operator.settle": N_("Decided a line of a claim"),
    "onboarding_operator.open_claim": N_("Opened a claim for somebody to come"),
    "onboarding_operator.invite": N_("Invited somebody to claim a shop"),
    "onboarding_operator.end": N_("Ended a claim that nobody took up"),
    "requirements_operator.create": N_("Added a line to the checklist"),
    "requirements_operator.save": N_("Changed a line of the checklist"),
    "merchant_terms.publish": N_("Published terms for merchants"),
    # the menu
    "menus_console.add": N_("Wrote a line on the menu"),
    "menus_console.change": N_("Changed a line of the menu"),
    "menus_console.move": N_("Moved a line of the menu"),
    "menus_console.remove": N_("Took a line off the menu"),
    "menus_console.section": N_("Renamed or moved a section of the menu"),
    "menu_pages.bring": N_("Typed lines for the menu"),
    "menu_pages.add": N_("Photographed pages of a paper menu"),
    "menu_pages.drop": N_("Deleted a photographed page of a menu"),
    "menu_imports.bring": N_("Brought a file for the menu"),
    "menu_imports.apply": N_("Took a file over into the menu"),
    "menu_imports.drop": N_("Dropped a file for the menu"),
    "menu_imports.undo": N_("Undid what a file did to the menu"),
    # leaving
    "parcel_console.export": N_("Took everything of the shop along"),
    "leaving_console.close": N_("Announced the shop's closing"),
    "leaving_console.stay": N_("Took the closing back"),
    # the platform
    "shops_operator.give": N_("Invited an owner for a shop"),
    "shops_operator.withdraw": N_("Withdrew an owner's invitation"),
    "reports_operator.decide": N_("Decided a report"),
    "conflicts_operator.decide": N_("Decided a held redemption"),
    "conflicts_operator.judge": N_("Judged a guest's objection"),
    "guides_operator.create": N_("Began a guide"),
    "guides_operator.save": N_("Changed a guide"),
    "guides_operator.publish": N_("Published a guide"),
    "guides_operator.unpublish": N_("Took a guide back"),
    "guides_operator.add": N_("Put a shop into a guide"),
    "guides_operator.change": N_("Changed a shop's place in a guide"),
}

# What the server's own shell and worker did; `rules.record` knows no other names.
COMMANDS: dict[str, str] = {
    "sanctions.pass-time": N_("Ended a sanction by its clock"),
    "sanctions.close": N_("Ended a sanction because the shop closed"),
    "branches.close": N_("Another branch closed and left the group"),
    "keys.rotate": N_("Rotated the passes' signing key"),
    "keys.withdraw": N_("Withdrew a signing key"),
    "import-osm": N_("Imported a map"),
    "sign-in-link": N_("Made a sign-in link"),
    "restore": N_("Restored a backup"),
}

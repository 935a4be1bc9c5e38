"""What every column is: a person's own, part of the record, or the town's and the shops' own.

pii: deleted, or emptied where its row stays, when the person leaves. ledger: the record of what happened, which
stays under bare numbers. public: words of the town, its shops and its machinery; what is said in a shop's name (a
reply, an offer, a till's name) is the shop's. A table has one label for its numbers, times and flags, in registry.py;
whatever can hold words is labelled here one by one, the operator's reasons to a person as that person's. A test
walks the metadata: a column with no label fails, and so does one with two.
"""

PII = "pii"
LEDGER = "ledger"
PUBLIC = "public"

TEXTS: dict[str, dict[str, str]] = {
    # What holds something of a person, in the order of registry.HELD.
    "account": {PII: "handle", LEDGER: "opaque"},
    "passkey": {PII: "credential_id public_key user_handle transports label"},
    "recovery_key": {PII: "digest"},
    "recovery_code": {PII: "digest"},
    "challenge": {PII: "id purpose challenge user_handle"},
    "sign_in_link": {PII: "digest"},
    "device_login": {PII: "public_id"},
    "login": {PII: "digest device public_id"},
    "message": {PII: "key kind values link"},
    "role": {PII: "name prepared", LEDGER: "kind created_by"},
    "invite": {PII: "name", LEDGER: "digest kind created_by"},
    "purchase": {LEDGER: "id currency state hold_key intent_id"},
    "purchase_pass": {LEDGER: "pass_id order_id"},
    "device_key": {LEDGER: "x y"},
    "pass": {LEDGER: "id state currency form token short_code"},
    "pass_form": {LEDGER: "pass_id form why key code"},
    "refund": {LEDGER: "id pass_id order_id payback_id cause currency state mark"},
    "redemption": {
        PII: "annul_reason",
        LEDGER: "id pass_id currency nonce digest till_id claim_id mode code mark",
    },
    "scan": {LEDGER: "reason pass_id redemption_id till_id"},
    "till_entry": {LEDGER: "claim_id till_id act pass_id status reason prev hash raw"},
    "claim": {LEDGER: "id pass_id till_id kind text standing cause against redemption_id"},
    "conflict": {LEDGER: "id claim_id pass_id against cause bears currency state decision"},
    "strike": {PII: "said why", LEDGER: "conflict_id state"},
    "cover": {LEDGER: "conflict_id currency"},
    "till": {PUBLIC: "name", LEDGER: "id x y state chain app"},
    "till_pin": {PII: "salt hash"},
    "consent": {PII: "purpose"},
    "visit": {LEDGER: "id key bucket"},
    "last_visit": {PII: "visit_id"},
    "review": {PII: "text hidden_why", LEDGER: "redemption_id pass_id visit_id key state"},
    "review_photo": {PII: "photo_id"},
    "reply": {PUBLIC: "text"},
    "answer": {PII: "missing", LEDGER: "redemption_id pass_id"},
    "line": {PII: "redemption_id pass_id visit_id key text"},
    "report": {PII: "text photo_id decision", LEDGER: "key reason state"},
    "guest_note": {PII: "text"},
    "guest": {PII: "key contact"},
    "look": {LEDGER: "what"},
    "act": {LEDGER: "role verb subject detail request_id"},
    "payout": {PII: "sealed tail"},
    "menu_import": {PII: "name", PUBLIC: "lines faults before", LEDGER: "id mode state"},
    "shop_claim": {PII: "reason", LEDGER: "state way"},
    "submission": {PII: "text photo_id reason", LEDGER: "decision"},
    "merchant_terms": {PUBLIC: "text_zh text_en"},
    "sanction": {PII: "appeal", PUBLIC: "evidence link decision", LEDGER: "step rule state"},
    "shop_group": {PUBLIC: "name"},
    "picture": {PII: "photo_id caption"},
    "photo": {PII: "id digest"},
    # All others: nobody's words.
    "town": {PUBLIC: "name_zh name_en timezone country currency"},
    "shop": {
        PUBLIC: "osm_id osm_digest name name_zh name_en brand words category address phone website hours"
        " wheelchair about status sanction"
    },
    "special_day": {PUBLIC: "note"},
    "offer": {PUBLIC: "state created_by"},
    "menu_line": {PUBLIC: "section name name_en unit note"},
    "requirement": {PUBLIC: "key kind title_zh title_en help_zh help_en"},
    "terms": {PUBLIC: "title contents notes currency created_by"},
    "pool": {LEDGER: "key"},
    "hold": {LEDGER: "key state"},
    "book": {LEDGER: "name head"},
    "posting": {LEDGER: "book key kind subject actor request_id prev hash"},
    "leg": {LEDGER: "account currency"},
    "balance": {LEDGER: "book account currency"},
    "seal": {LEDGER: "book head"},
    "intent": {LEDGER: "id subject provider provider_ref currency state pay_url"},
    "payback": {LEDGER: "id intent_id key state provider_ref"},
    "notice": {LEDGER: "provider event_id kind provider_ref"},
    "sandbox_payment": {LEDGER: "ref key currency state return_url"},
    "sandbox_refund": {LEDGER: "key ref"},
    "sandbox_call": {LEDGER: "event_id ref kind"},
    "issuer_key": {PUBLIC: "x y withdrawn_why"},
    "tiding": {LEDGER: "kind subject"},
    "poster": {PUBLIC: "code label created_by"},
    "guide": {PUBLIC: "title_zh title_en about_zh about_en state created_by"},
    "guide_entry": {PUBLIC: "note"},
    "shop_term": {PUBLIC: "term"},
    "phrase": {PUBLIC: "text"},
    "phrase_use": {PUBLIC: "kind"},
    "phrase_key": {PUBLIC: "key"},
    "feature": {PUBLIC: "osm_id kind name geometry"},
    "fact": {LEDGER: "name ids actor request_id"},
    "delivery": {LEDGER: "reaction state error"},
    "posted": {LEDGER: "key digest location"},
    "limit_hit": {LEDGER: "bucket"},
}


def label(table: str, column: str, *, rest: str) -> str:
    """Return a column's label: its own where it can hold words, else `rest`, the label of its table."""
    own = [kind for kind, columns in TEXTS.get(table, {}).items() if column in columns.split()]
    return own[0] if own else rest

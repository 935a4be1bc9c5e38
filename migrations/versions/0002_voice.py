"""Open visit and voice: check-in, photos, reviews, reports, guides, consents."""

import sqlalchemy as sa
from alembic import op

import o2o.kernel.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
ADDED = {
    "offer": ("honest_yes", "honest_count"),
    "shop": ("rating_sum", "rating_count", "honest_yes", "honest_count"),
}
NEAR = [
    "zkey", "lat", "lng", "open_from", "open_to", "status", "live", "category",
    "rating_sum", "rating_count", "honest_yes", "honest_count", "has_left",
]  # fmt: skip


# What SQLite does not tell of a table when it is made anew.
CHECKS = {
    "pass": {
        "state_known": "state IN ('valid', 'used', 'expired', 'refunding', 'refunded', 'revoked')",
        "spent_range": "spent >= 0 AND spent <= paid",
        "uses_left_range": "uses_left >= 0 AND uses_left <= uses",
    },
    "purchase": {
        "state_known": "state IN ('held', 'paying', 'paid', 'expired', 'cancelled', 'returned')",
        "quantity_range": "quantity BETWEEN 1 AND 20",
        "total_adds_up": "total = unit_price * quantity",
    },
    "redemption": {
        "annul_has_reason": "(annulled_at IS NULL) = (annul_reason IS NULL)",
        "quantity_range": "quantity BETWEEN 1 AND 20",
    },
}
PAID = "state <> 'paid' OR (paid_at IS NOT NULL AND (total = 0 OR intent_id IS NOT NULL))"


def tie() -> None:
    """Tie what is sold and redeemed to the shop of its terms and of its pass, and a paid order to its payment."""
    ties = {
        "pass": ("fk_pass_terms_here", "terms", "terms_id"),
        "purchase": ("fk_purchase_terms_here", "terms", "terms_id"),
        "redemption": ("fk_redemption_pass_here", "pass", "pass_id"),
    }
    for table, (name, parent, column) in ties.items():
        checks = [
            sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{short}"))
            for short, rule in CHECKS[table].items()
        ]
        with op.batch_alter_table(table, schema=None, table_args=checks) as batch_op:
            batch_op.create_foreign_key(name, parent, [column, "shop_id"], ["id", "shop_id"])
            if table == "purchase":
                batch_op.create_check_constraint(op.f("ck_purchase_paid_by_payment"), PAID)


def upgrade() -> None:
    # Foreign keys of the tables below name these pairs, so they come first.
    op.create_index("uq_terms_shop", "terms", ["id", "shop_id"], unique=True)
    op.create_index("uq_terms_offer", "terms", ["id", "offer_id"], unique=True)
    op.create_index("uq_pass_shop", "pass", ["id", "shop_id"], unique=True)
    tie()
    op.create_index("uq_pass_holder", "pass", ["id", "account_id"], unique=True)
    op.create_index("uq_pass_terms", "pass", ["id", "terms_id"], unique=True)
    op.create_index("uq_redemption_pass", "redemption", ["id", "pass_id"], unique=True)
    op.create_index("uq_redemption_shop", "redemption", ["id", "shop_id"], unique=True)

    op.create_table(
        "guide",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("about_zh", sa.String(length=1000), nullable=False),
        sa.Column("about_en", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("updated_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'public')", name=op.f("ck_guide_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("given_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("withdrawn_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_consent_live",
            ["account_id", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "guide_entry",
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_entry_guide_id_guide")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_guide_entry_shop_id_shop")),
        sa.PrimaryKeyConstraint("guide_id", "shop_id", name=op.f("pk_guide_entry")),
        sa.UniqueConstraint("guide_id", "number", name=op.f("uq_guide_entry_guide_id_number")),
    )
    with op.batch_alter_table("guide_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guide_entry_shop_id"), ["shop_id"], unique=False)

    op.create_table(
        "last_visit",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(length=16), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_last_visit_account_id_account")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_last_visit_shop_id_shop")),
        sa.PrimaryKeyConstraint("account_id", "shop_id", name=op.f("pk_last_visit")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_photo_digest_length")),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 4096 AND height BETWEEN 1 AND 4096", name=op.f("ck_photo_size_range")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_photo_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_photo_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_photo_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("uq_photo_sender", ["id", "account_id"], unique=True)

    op.create_table(
        "poster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_poster_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster")),
        sa.UniqueConstraint("code", name=op.f("uq_poster_code")),
    )
    with op.batch_alter_table("poster", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poster_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("uq_poster_shop", ["id", "shop_id"], unique=True)

    op.create_table(
        "poster_day",
        sa.Column("poster_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poster_id"], ["poster.id"], name=op.f("fk_poster_day_poster_id_poster")),
        sa.PrimaryKeyConstraint("poster_id", "day", name=op.f("pk_poster_day")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("poster_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("bucket", sa.String(length=4), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("claimed_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("confirmed_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("bucket IN ('here', 'near', 'far', 'none')", name=op.f("ck_visit_bucket_known")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_visit_confirmed_by_someone")
        ),
        sa.CheckConstraint("claimed_at <= at", name=op.f("ck_visit_claim_before")),
        sa.CheckConstraint("confirmed_by <> account_id", name=op.f("ck_visit_confirmed_by_another")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_account_id_account")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name=op.f("fk_visit_confirmed_by_account")),
        sa.ForeignKeyConstraint(
            ["poster_id", "shop_id"],
            ["poster.id", "poster.shop_id"],
            name=op.f("fk_visit_poster_id_shop_id_poster"),
        ),
        sa.ForeignKeyConstraint(["poster_id"], ["poster.id"], name=op.f("fk_visit_poster_id_poster")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_visit_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_visit_account_id_key")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_account_at", ["account_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_poster_id"), ["poster_id"], unique=False)
        batch_op.create_index("ix_visit_shop_at", ["shop_id", "at"], unique=False)
        batch_op.create_index("uq_visit_person", ["id", "account_id"], unique=True)
        batch_op.create_index("uq_visit_shop", ["id", "shop_id"], unique=True)

    op.create_table(
        "answer",
        sa.Column("redemption_id", sa.String(length=16), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.String(length=500), nullable=True),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("is_kept OR missing IS NOT NULL", name=op.f("ck_answer_no_says_what")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_answer_account_id_account")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_answer_offer_id_offer")),
        sa.ForeignKeyConstraint(
            ["pass_id", "terms_id"], ["pass.id", "pass.terms_id"], name="fk_answer_pass_terms"
        ),
        sa.ForeignKeyConstraint(
            ["terms_id", "offer_id"], ["terms.id", "terms.offer_id"], name="fk_answer_own_offer"
        ),
        sa.ForeignKeyConstraint(
            ["pass_id", "account_id"], ["pass.id", "pass.account_id"], name="fk_answer_own_pass"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "pass_id"],
            ["redemption.id", "redemption.pass_id"],
            name="fk_answer_redeemed_pass",
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "shop_id"],
            ["redemption.id", "redemption.shop_id"],
            name="fk_answer_redeemed_here",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_answer_shop_id_shop")),
        sa.PrimaryKeyConstraint("redemption_id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_answer_offer", ["offer_id"], unique=False)
        batch_op.create_index("ix_answer_shop", ["shop_id", "at"], unique=False)

    op.create_table(
        "line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("redemption_id", sa.String(length=16), nullable=True),
        sa.Column("pass_id", sa.String(length=16), nullable=True),
        sa.Column("visit_id", sa.String(length=16), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("(redemption_id IS NULL) <> (visit_id IS NULL)", name=op.f("ck_line_one_proof")),
        sa.CheckConstraint("(redemption_id IS NULL) = (pass_id IS NULL)", name=op.f("ck_line_proof_whole")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_line_account_id_account")),
        sa.ForeignKeyConstraint(
            ["pass_id", "account_id"], ["pass.id", "pass.account_id"], name="fk_line_own_pass"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "pass_id"],
            ["redemption.id", "redemption.pass_id"],
            name="fk_line_redeemed_pass",
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "shop_id"],
            ["redemption.id", "redemption.shop_id"],
            name="fk_line_redeemed_here",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_line_shop_id_shop")),
        sa.ForeignKeyConstraint(
            ["visit_id", "account_id"], ["visit.id", "visit.account_id"], name="fk_line_own_visit"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id", "shop_id"], ["visit.id", "visit.shop_id"], name="fk_line_visit_here"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_line_account_id_key")),
    )
    with op.batch_alter_table("line", schema=None) as batch_op:
        batch_op.create_index("ix_line_shop", ["shop_id", "at"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("redemption_id", sa.String(length=16), nullable=True),
        sa.Column("pass_id", sa.String(length=16), nullable=True),
        sa.Column("visit_id", sa.String(length=16), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("hidden_why", sa.String(length=300), nullable=True),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("edited_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "(state = 'hidden') = (hidden_why IS NOT NULL)", name=op.f("ck_review_hidden_has_reason")
        ),
        sa.CheckConstraint("state IN ('shown', 'hidden')", name=op.f("ck_review_state_known")),
        sa.CheckConstraint("(redemption_id IS NULL) <> (visit_id IS NULL)", name=op.f("ck_review_one_proof")),
        sa.CheckConstraint("(redemption_id IS NULL) = (pass_id IS NULL)", name=op.f("ck_review_proof_whole")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_review_rating_range")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_review_account_id_account")),
        sa.ForeignKeyConstraint(
            ["pass_id", "account_id"], ["pass.id", "pass.account_id"], name="fk_review_own_pass"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "pass_id"],
            ["redemption.id", "redemption.pass_id"],
            name="fk_review_redeemed_pass",
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "shop_id"],
            ["redemption.id", "redemption.shop_id"],
            name="fk_review_redeemed_here",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_review_shop_id_shop")),
        sa.ForeignKeyConstraint(
            ["visit_id", "account_id"], ["visit.id", "visit.account_id"], name="fk_review_own_visit"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id", "shop_id"], ["visit.id", "visit.shop_id"], name="fk_review_visit_here"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_review_account_id_key")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_review_redemption_id")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_review_visit_id")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_account", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_review_shop", ["shop_id", "state", "at"], unique=False)
        batch_op.create_index("uq_review_shop", ["id", "shop_id"], unique=True)

    op.create_table(
        "reply",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("edited_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reply_account_id_account")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_reply_review_id_review")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reply")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_account_id"), ["account_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.String(length=16), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL) AND (state = 'open') = (decided_by IS NULL)",
            name=op.f("ck_report_decided_by_someone"),
        ),
        sa.CheckConstraint(
            "reason IN ('closed', 'moved', 'wrong', 'remove', 'bribe', 'fake', 'abuse', 'private', 'other')",
            name=op.f("ck_report_reason_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_report_state_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_account_id_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_report_decided_by_account")),
        sa.ForeignKeyConstraint(
            ["photo_id", "account_id"], ["photo.id", "photo.account_id"], name="fk_report_own_photo"
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_report_review_id_review")),
        sa.ForeignKeyConstraint(
            ["review_id", "shop_id"], ["review.id", "review.shop_id"], name="fk_report_review_here"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_report_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_report_account_id_key")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("ix_report_state", ["state", "at"], unique=False)

    op.create_table(
        "review_photo",
        sa.Column("photo_id", sa.String(length=16), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 6", name=op.f("ck_review_photo_number_range")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_review_photo_photo_id_photo")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_photo_review_id_review")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_review_photo")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_review_photo_review_id_number")),
    )
    # Columns are added in place: making a table anew would cut what points at it.
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("shop", sa.Column("has_left", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_shop_near", table_name="shop")
    op.create_index("ix_shop_near", "shop", NEAR)

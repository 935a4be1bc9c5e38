"""Open both phones offline: device keys, issuer keys, tills and their ledgers, conflicts."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

import o2o.kernel.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


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
        "paid_by_payment": "state <> 'paid' OR (paid_at IS NOT NULL AND (total = 0 OR intent_id IS NOT NULL))",
    },
    "redemption": {
        "annul_has_reason": "(annulled_at IS NULL) = (annul_reason IS NULL)",
        "quantity_range": "quantity BETWEEN 1 AND 20",
    },
    "refund": {"cause_known": "cause IN ('guest', 'expiry')", "amount_positive": "amount >= 0"},
    "scan": {},
}
REFUND_STATES = "state IN ('requested', 'paid', 'withdrawn')"
NEW_CHECKS = {
    "pass": {
        "form_known": "form IN ('bearer', 'bound', 'paper')",
        "bound_has_device": "(form = 'bound') = (device_id IS NOT NULL)",
        "gen_range": "gen BETWEEN 0 AND 255",
    },
    "redemption": {"mode_known": "mode IN ('online', 'offline')"},
    "refund": {"state_known": REFUND_STATES},
}
LIVE = sa.text("annulled_at IS NULL")
NOT_WITHDRAWN = sa.text("state <> 'withdrawn'")


@contextmanager
def anew(table: str) -> Iterator[BatchOperations]:
    """Change a table; on SQLite it is made anew, with the checks that it had, and gets its new ones."""
    kept = [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{short}")) for short, rule in CHECKS[table].items()
    ]
    with op.batch_alter_table(table, schema=None, table_args=kept) as batch:
        yield batch
        for short, rule in NEW_CHECKS.get(table, {}).items():
            batch.create_check_constraint(op.f(f"ck_{table}_{short}"), rule)


def widen() -> None:
    """Tell old tables what forms, devices and tills are."""
    with anew("pass") as batch:
        batch.add_column(sa.Column("form", sa.String(length=6), server_default="bearer", nullable=False))
        batch.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("rebinds", sa.Integer(), server_default="0", nullable=False))
        batch.create_foreign_key(
            "fk_pass_device_of_holder", "device_key", ["device_id", "account_id"], ["id", "account_id"]
        )
    with anew("purchase") as batch:
        batch.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_purchase_device_of_buyer", "device_key", ["device_id", "account_id"], ["id", "account_id"]
        )
    with anew("redemption") as batch:
        batch.add_column(sa.Column("till_id", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("claim_id", sa.String(length=36), nullable=True))
        batch.add_column(sa.Column("mode", sa.String(length=7), server_default="online", nullable=False))
        batch.add_column(sa.Column("gen", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("step", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("code", sa.String(length=600), nullable=True))
        batch.add_column(sa.Column("mark", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("made_at", o2o.kernel.db.Instant(), nullable=True))
        batch.create_foreign_key("fk_redemption_till_here", "till", ["till_id", "shop_id"], ["id", "shop_id"])
        batch.create_index("ix_redemption_claim", ["claim_id"])
        batch.create_index(
            "uq_redemption_claim_live",
            ["claim_id"],
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_refund_state_known"), "refund", type_="check")
    with anew("refund") as batch:
        batch.add_column(sa.Column("mark", sa.String(length=16), nullable=True))
        batch.drop_constraint(op.f("uq_refund_pass_id"), type_="unique")
        batch.create_index(op.f("ix_refund_pass_id"), ["pass_id"])
        batch.create_index(
            "uq_refund_pass_live",
            ["pass_id"],
            unique=True,
            sqlite_where=NOT_WITHDRAWN,
            postgresql_where=NOT_WITHDRAWN,
        )
    with anew("scan") as batch:
        batch.add_column(sa.Column("till_id", sa.String(length=16), nullable=True))
        batch.create_foreign_key(op.f("fk_scan_till_id_till"), "till", ["till_id"], ["id"])


def upgrade() -> None:
    op.create_table(
        "issuer_key",
        sa.Column("kid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.String(length=64), nullable=False),
        sa.Column("y", sa.String(length=64), nullable=False),
        sa.Column("published_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("signs_from", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("withdrawn_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_why IS NULL)",
            name=op.f("ck_issuer_key_withdrawal_has_reason"),
        ),
        sa.CheckConstraint("kid BETWEEN 1 AND 255", name=op.f("ck_issuer_key_kid_range")),
        sa.CheckConstraint("length(x) = 64 AND length(y) = 64", name=op.f("ck_issuer_key_point_length")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_issuer_key")),
    )
    op.create_table(
        "device_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("x", sa.String(length=64), nullable=False),
        sa.Column("y", sa.String(length=64), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("length(x) = 64 AND length(y) = 64", name=op.f("ck_device_key_point_length")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_device_key_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_key")),
        sa.UniqueConstraint("account_id", "x", name=op.f("uq_device_key_account_id_x")),
    )
    with op.batch_alter_table("device_key", schema=None) as batch_op:
        batch_op.create_index("uq_device_key_holder", ["id", "account_id"], unique=True)

    op.create_table(
        "feed",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_feed_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_feed")),
    )
    op.create_table(
        "offline_rules",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("bearer", sa.Boolean(), nullable=False),
        sa.Column("most_claims", sa.Integer(), nullable=False),
        sa.Column("most_each", sa.BigInteger(), nullable=False),
        sa.Column("most_total", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "most_claims BETWEEN 0 AND 1000 AND most_each >= 0 AND most_total >= 0",
            name=op.f("ck_offline_rules_budget_range"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_offline_rules_changed_by_account")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_offline_rules_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_offline_rules")),
    )
    op.create_table(
        "tiding",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_tiding_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", "epoch", name=op.f("pk_tiding")),
    )
    with op.batch_alter_table("tiding", schema=None) as batch_op:
        batch_op.create_index("ix_tiding_subject", ["kind", "subject"], unique=False)

    op.create_table(
        "till",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("x", sa.String(length=64), nullable=False),
        sa.Column("y", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("active_by", sa.Integer(), nullable=True),
        sa.Column("active_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("synced_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("acked", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("said_head", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("app", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)", name=op.f("ck_till_revoked_at_a_time")
        ),
        sa.CheckConstraint("state IN ('waiting', 'active', 'revoked')", name=op.f("ck_till_state_known")),
        sa.CheckConstraint("length(x) = 64 AND length(y) = 64", name=op.f("ck_till_point_length")),
        sa.ForeignKeyConstraint(["active_by"], ["account.id"], name=op.f("fk_till_active_by_account")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_till_asked_by_account")),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name=op.f("fk_till_revoked_by_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
        sa.UniqueConstraint("shop_id", "x", name=op.f("uq_till_shop_id_x")),
    )
    with op.batch_alter_table("till", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_till_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("uq_till_shop", ["id", "shop_id"], unique=True)

    op.create_table(
        "till_pin",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("set_at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_till_pin_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_pin_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", "account_id", name=op.f("pk_till_pin")),
    )
    op.create_table(
        "device_login",
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id", "account_id"],
            ["device_key.id", "device_key.account_id"],
            name=op.f("fk_device_login_device_id_account_id_device_key"),
        ),
        sa.ForeignKeyConstraint(
            ["public_id"],
            ["login.public_id"],
            name=op.f("fk_device_login_public_id_login"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_device_login")),
    )
    op.create_table(
        "pass_form",
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("gen", sa.Integer(), nullable=False),
        sa.Column("kid", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=6), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=7), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("form IN ('bearer', 'bound', 'paper')", name=op.f("ck_pass_form_form_known")),
        sa.CheckConstraint(
            "why IN ('issue', 'bind', 'print', 'reissue')", name=op.f("ck_pass_form_why_known")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device_key.id"], name=op.f("fk_pass_form_device_id_device_key")
        ),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_pass_form_pass_id_pass")),
        sa.PrimaryKeyConstraint("pass_id", "gen", "kid", name=op.f("pk_pass_form")),
    )
    op.create_table(
        "till_entry",
        sa.Column("claim_id", sa.String(length=36), nullable=False),
        sa.Column("till_id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=6), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("received_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("act IN ('redeem', 'annul', 'refuse')", name=op.f("ck_till_entry_act_known")),
        sa.CheckConstraint("status IN ('stored', 'rejected')", name=op.f("ck_till_entry_status_known")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_till_entry_pass_id_pass")),
        sa.ForeignKeyConstraint(["staff_id"], ["account.id"], name=op.f("fk_till_entry_staff_id_account")),
        sa.ForeignKeyConstraint(
            ["till_id", "shop_id"], ["till.id", "till.shop_id"], name="fk_till_entry_till_here"
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_till_entry")),
        sa.UniqueConstraint("till_id", "seq", name=op.f("uq_till_entry_till_id_seq")),
    )
    with op.batch_alter_table("till_entry", schema=None) as batch_op:
        batch_op.create_index("ix_till_entry_pass", ["pass_id"], unique=False)
        batch_op.create_index("ix_till_entry_shop", ["shop_id", "received_at"], unique=False)
        stray = sa.text("act = 'annul' AND pass_id IS NULL AND status = 'stored'")
        batch_op.create_index(
            "ix_till_entry_stray", ["till_id"], unique=False, sqlite_where=stray, postgresql_where=stray
        )

    op.create_table(
        "claim",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("gen", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("received_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("list_epoch", sa.Integer(), nullable=False),
        sa.Column("list_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_suspect", sa.Boolean(), nullable=False),
        sa.Column("annulled_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("standing", sa.String(length=9), nullable=False),
        sa.Column("cause", sa.String(length=21), nullable=True),
        sa.Column("against", sa.String(length=36), nullable=True),
        sa.Column("redemption_id", sa.String(length=16), nullable=True),
        sa.CheckConstraint("(kind = 'live') = (step IS NOT NULL)", name=op.f("ck_claim_live_has_step")),
        sa.CheckConstraint("kind IN ('live', 'bearer', 'typed')", name=op.f("ck_claim_kind_known")),
        sa.CheckConstraint(
            "standing IN ('won', 'lost', 'annulled', 'collapsed')", name=op.f("ck_claim_standing_known")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 20", name=op.f("ck_claim_quantity_range")),
        sa.ForeignKeyConstraint(["id"], ["till_entry.claim_id"], name=op.f("fk_claim_id_till_entry")),
        sa.ForeignKeyConstraint(
            ["pass_id", "shop_id"], ["pass.id", "pass.shop_id"], name="fk_claim_pass_here"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name=op.f("fk_claim_redemption_id_redemption")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["account.id"], name=op.f("fk_claim_staff_id_account")),
        sa.ForeignKeyConstraint(
            ["till_id", "shop_id"], ["till.id", "till.shop_id"], name="fk_claim_till_here"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_pass", ["pass_id"], unique=False)
        batch_op.create_index("ix_claim_shop", ["shop_id", "at"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("claim_id", sa.String(length=36), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("against", sa.String(length=36), nullable=True),
        sa.Column("cause", sa.String(length=21), nullable=False),
        sa.Column("bears", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("opened_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("settled_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("seen_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "bears IN ('shop', 'holder', 'platform', 'nobody', 'review')",
            name=op.f("ck_conflict_bears_known"),
        ),
        sa.CheckConstraint(
            "cause IN ('one_showing_two_tills', 'presented_twice', 'two_phones', 'copy_possible', 'stale_proof',"
            " 'after_refund', 'late_claim')",
            name=op.f("ck_conflict_cause_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'settled', 'gone')", name=op.f("ck_conflict_state_known")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_conflict_claim_id_claim")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_conflict_decided_by_account")),
        sa.ForeignKeyConstraint(
            ["pass_id", "shop_id"], ["pass.id", "pass.shop_id"], name="fk_conflict_pass_here"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_conflict_claim_id")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_pass", ["pass_id"], unique=False)
        batch_op.create_index("ix_conflict_shop", ["shop_id", "state", "opened_at"], unique=False)

    op.create_table(
        "cover",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conflict_id", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cover_amount_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_cover_account_id_account")),
        sa.ForeignKeyConstraint(["conflict_id"], ["conflict.id"], name=op.f("fk_cover_conflict_id_conflict")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_cover")),
        sa.UniqueConstraint("conflict_id", name=op.f("uq_cover_conflict_id")),
    )
    op.create_table(
        "strike",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conflict_id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("said", sa.String(length=1000), nullable=True),
        sa.Column("said_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('standing', 'disputed', 'upheld', 'lifted')", name=op.f("ck_strike_state_known")
        ),
        sa.CheckConstraint("(said IS NULL) = (said_at IS NULL)", name=op.f("ck_strike_dispute_has_words")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_strike_account_id_account")),
        sa.ForeignKeyConstraint(
            ["conflict_id"], ["conflict.id"], name=op.f("fk_strike_conflict_id_conflict")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_strike_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike")),
        sa.UniqueConstraint("conflict_id", name=op.f("uq_strike_conflict_id")),
    )
    with op.batch_alter_table("strike", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_strike_account_id"), ["account_id"], unique=False)

    widen()
    # Every pass there is has the one form that step 1 knew.
    op.execute(
        "INSERT INTO pass_form (pass_id, gen, kid, form, why, at)"
        " SELECT id, gen, kid, 'bearer', 'issue', issued_at FROM pass"
    )

"""Lay the ground: every table of the first step."""

import sqlalchemy as sa
from alembic import op

import o2o.kernel.db
from o2o.ledger.triggers import create_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opaque", sa.String(length=16), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("erased_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint("length(opaque) = 16", name=op.f("ck_account_opaque_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("handle", name=op.f("uq_account_handle")),
        sa.UniqueConstraint("opaque", name=op.f("uq_account_opaque")),
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_name"), ["name"], unique=False)

    op.create_table(
        "feature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("osm_id", sa.String(length=30), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature")),
    )
    with op.batch_alter_table("feature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feature_osm_id"), ["osm_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("until", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'committed', 'released')", name=op.f("ck_hold_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("key", name=op.f("uq_hold_key")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_due", ["state", "until"], unique=False)

    op.create_table(
        "intent",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("provider_ref", sa.String(length=80), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pay_url", sa.String(length=300), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("captured_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'captured', 'failed')", name=op.f("ck_intent_state_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_intent_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
        sa.UniqueConstraint("provider_ref", name=op.f("uq_intent_provider_ref")),
    )
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intent_subject"), ["subject"], unique=False)

    op.create_table(
        "limit_hit",
        sa.Column("bucket", sa.String(length=32), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window", name=op.f("pk_limit_hit")),
    )
    with op.batch_alter_table("limit_hit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limit_hit_ends"), ["ends"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("provider_ref", sa.String(length=80), nullable=False),
        sa.Column("received_at", o2o.kernel.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("event_id", name=op.f("uq_notice_event_id")),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.CheckConstraint("committed + held <= quantity", name=op.f("ck_pool_within_quantity")),
        sa.CheckConstraint("committed >= 0", name=op.f("ck_pool_committed_positive")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_pool_held_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("key", name=op.f("uq_pool_key")),
    )
    op.create_table(
        "posted",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_posted")),
    )
    op.create_table(
        "sandbox_payment",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("return_url", sa.String(length=300), nullable=False),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_sandbox_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_sandbox_payment_key")),
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("osm_id", sa.String(length=30), nullable=True),
        sa.Column("osm_digest", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=True),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("brand", sa.String(length=120), nullable=True),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lng", sa.Double(), nullable=False),
        sa.Column("zkey", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=240), nullable=True),
        sa.Column("phone", sa.String(length=80), nullable=True),
        sa.Column("website", sa.String(length=300), nullable=True),
        sa.Column("hours", sa.String(length=400), nullable=True),
        sa.Column("wheelchair", sa.String(length=10), nullable=True),
        sa.Column("about", sa.String(length=1000), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("open_from", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("open_to", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("updated_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint("status IN ('unclaimed', 'claimed', 'gone')", name=op.f("ck_shop_status_known")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name=op.f("ck_shop_on_earth")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("osm_id", name=op.f("uq_shop_osm_id")),
    )
    with op.batch_alter_table("shop", schema=None) as batch_op:
        batch_op.create_index(
            "ix_shop_category_near",
            ["category", "zkey", "lat", "lng", "open_from", "open_to", "status", "live"],
            unique=False,
        )
        batch_op.create_index(
            "ix_shop_live_near",
            ["live", "zkey", "lat", "lng", "open_from", "open_to", "status", "category"],
            unique=False,
        )
        batch_op.create_index(
            "ix_shop_near",
            ["zkey", "lat", "lng", "open_from", "open_to", "status", "live", "category"],
            unique=False,
        )
        batch_op.create_index("ix_shop_open_to", ["open_to"], unique=False)

    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lng", sa.Double(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("has_osm", sa.Boolean(), nullable=False),
        sa.Column("map_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_town_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
    )
    op.create_table(
        "book",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_book_shop_id_shop")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_book")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_book_shop_id")),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_challenge_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("fact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reaction", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["fact_id"], ["fact.id"], name=op.f("fk_delivery_fact_id_fact")),
        sa.PrimaryKeyConstraint("fact_id", "reaction", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_due", ["state", "due"], unique=False)

    op.create_table(
        "feature_cell",
        sa.Column("zoom", sa.Integer(), nullable=False),
        sa.Column("cell", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feature_id"],
            ["feature.id"],
            name=op.f("fk_feature_cell_feature_id_feature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("zoom", "cell", "feature_id", name=op.f("pk_feature_cell")),
    )
    with op.batch_alter_table("feature_cell", schema=None) as batch_op:
        batch_op.create_index("ix_feature_cell_feature", ["feature_id"], unique=False)

    op.create_table(
        "hold_part",
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_hold_part_quantity_positive")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_hold_part_hold_id_hold")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_hold_part_pool_id_pool")),
        sa.PrimaryKeyConstraint("hold_id", "pool_id", name=op.f("pk_hold_part")),
    )
    with op.batch_alter_table("hold_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_part_pool_id"), ["pool_id"], unique=False)

    op.create_table(
        "invite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("expires_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("used_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_invite_shop_id_shop")),
        sa.ForeignKeyConstraint(["used_by"], ["account.id"], name=op.f("fk_invite_used_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("digest", name=op.f("uq_invite_digest")),
    )
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invite_shop_id"), ["shop_id"], unique=False)

    op.create_table(
        "login",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("seen_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("fresh_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("expires_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("ended_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("shop_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_account_id_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login")),
        sa.UniqueConstraint("public_id", name=op.f("uq_login_public_id")),
    )
    with op.batch_alter_table("login", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_account_id"), ["account_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("read_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_inbox", ["account_id", "at"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("state IN ('on_sale', 'paused', 'ended')", name=op.f("ck_offer_state_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_offer_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("ix_offer_shop_state", ["shop_id", "state"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("transports", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("last_used_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_account_id"), ["account_id"], unique=False)

    op.create_table(
        "payback",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("intent_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("provider_ref", sa.String(length=80), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("done_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('created', 'sent', 'done')", name=op.f("ck_payback_state_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payback_amount_positive")),
        sa.ForeignKeyConstraint(["intent_id"], ["intent.id"], name=op.f("fk_payback_intent_id_intent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payback")),
        sa.UniqueConstraint("key", name=op.f("uq_payback_key")),
    )
    with op.batch_alter_table("payback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payback_intent_id"), ["intent_id"], unique=False)
        batch_op.create_index("ix_payback_state", ["state"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_code_digest")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "recovery_key",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("last_used_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_key_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_recovery_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_key_digest")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('staff', 'owner')", name=op.f("ck_role_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_role_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_role_live",
            ["shop_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "sandbox_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("due", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["sandbox_payment.ref"], name=op.f("fk_sandbox_call_ref_sandbox_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_call")),
    )
    with op.batch_alter_table("sandbox_call", schema=None) as batch_op:
        batch_op.create_index("ix_sandbox_call_due", ["sent_at", "due"], unique=False)

    op.create_table(
        "sandbox_refund",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["sandbox_payment.ref"], name=op.f("fk_sandbox_refund_ref_sandbox_payment")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sandbox_refund")),
    )
    op.create_table(
        "shop_term",
        sa.Column(
            "term",
            sa.String(length=40, collation="C").with_variant(sa.String(length=40), "sqlite"),
            nullable=False,
        ),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_term_shop_id_shop")),
        sa.PrimaryKeyConstraint("term", "shop_id", name=op.f("pk_shop_term")),
    )
    with op.batch_alter_table("shop_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shop_term_shop_id"), ["shop_id"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("used_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_link_account_id_account")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_link")),
    )
    op.create_table(
        "balance",
        sa.Column("book", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book"], ["book.name"], name=op.f("fk_balance_book_book")),
        sa.PrimaryKeyConstraint("book", "account", "currency", name=op.f("pk_balance")),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("book", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["book"], ["book.name"], name=op.f("fk_posting_book_book")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("book", "seq", name=op.f("uq_posting_book_seq")),
        sa.UniqueConstraint("key", name=op.f("uq_posting_key")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posting_subject"), ["subject"], unique=False)

    op.create_table(
        "seal",
        sa.Column("book", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["book"], ["book.name"], name=op.f("fk_seal_book_book")),
        sa.PrimaryKeyConstraint("book", "day", name=op.f("pk_seal")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(length=500), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("parts_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.Column("per_person", sa.Integer(), nullable=True),
        sa.Column("total_cap", sa.Integer(), nullable=True),
        sa.Column("day_cap", sa.Integer(), nullable=True),
        sa.Column("refund_before_use", sa.Boolean(), nullable=False),
        sa.Column("refund_at_expiry", sa.Boolean(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(valid_days IS NULL) <> (valid_until IS NULL)", name=op.f("ck_terms_one_validity")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_terms_price_positive")),
        sa.CheckConstraint("uses BETWEEN 1 AND 20", name=op.f("ck_terms_uses_range")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_terms_weekdays_some")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_terms_offer_id_offer")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_terms_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("offer_id", "version", name=op.f("uq_terms_offer_id_version")),
    )
    op.create_table(
        "leg",
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_leg_amount_moves")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_leg_posting_id_posting")),
        sa.PrimaryKeyConstraint("posting_id", "account", name=op.f("pk_leg")),
    )
    op.create_table(
        "pass",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("not_before", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("expires", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("kid", sa.Integer(), nullable=False),
        sa.Column("gen", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("short_code", sa.String(length=12), nullable=False),
        sa.Column("issued_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("changed_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('valid', 'used', 'expired', 'refunding', 'refunded', 'revoked')",
            name=op.f("ck_pass_state_known"),
        ),
        sa.CheckConstraint("spent >= 0 AND spent <= paid", name=op.f("ck_pass_spent_range")),
        sa.CheckConstraint("uses_left >= 0 AND uses_left <= uses", name=op.f("ck_pass_uses_left_range")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pass_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_pass_shop_id_shop")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_pass_terms_id_terms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass")),
        sa.UniqueConstraint("short_code", name=op.f("uq_pass_short_code")),
    )
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.create_index("ix_pass_expiry", ["state", "expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_pass_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("ix_pass_wallet", ["account_id", "state"], unique=False)

    op.create_table(
        "purchase",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("hold_key", sa.String(length=100), nullable=False),
        sa.Column("hold_until", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("intent_id", sa.String(length=16), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("paid_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'paying', 'paid', 'expired', 'cancelled', 'returned')",
            name=op.f("ck_purchase_state_known"),
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 20", name=op.f("ck_purchase_quantity_range")),
        sa.CheckConstraint("total = unit_price * quantity", name=op.f("ck_purchase_total_adds_up")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_purchase_account_id_account")),
        sa.ForeignKeyConstraint(["intent_id"], ["intent.id"], name=op.f("fk_purchase_intent_id_intent")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_purchase_shop_id_shop")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_purchase_terms_id_terms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_purchase_intent_id")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_account", ["account_id", "created_at"], unique=False)
        batch_op.create_index("ix_purchase_due", ["state", "hold_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_shop_id"), ["shop_id"], unique=False)

    op.create_table(
        "purchase_pass",
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase.id"], name=op.f("fk_purchase_pass_order_id_purchase")
        ),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_purchase_pass_pass_id_pass")),
        sa.PrimaryKeyConstraint("pass_id", name=op.f("pk_purchase_pass")),
    )
    with op.batch_alter_table("purchase_pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_pass_order_id"), ["order_id"], unique=False)

    op.create_table(
        "redemption",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("final_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("annulled_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("annulled_by", sa.Integer(), nullable=True),
        sa.Column("annul_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(annulled_at IS NULL) = (annul_reason IS NULL)", name=op.f("ck_redemption_annul_has_reason")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 20", name=op.f("ck_redemption_quantity_range")),
        sa.ForeignKeyConstraint(
            ["annulled_by"], ["account.id"], name=op.f("fk_redemption_annulled_by_account")
        ),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_redemption_pass_id_pass")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_redemption_shop_id_shop")),
        sa.ForeignKeyConstraint(["staff_id"], ["account.id"], name=op.f("fk_redemption_staff_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("pass_id", "number", name=op.f("uq_redemption_pass_id_number")),
        sa.UniqueConstraint("shop_id", "nonce", name=op.f("uq_redemption_shop_id_nonce")),
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index("ix_redemption_final", ["final_at", "at"], unique=False)
        batch_op.create_index("ix_redemption_shop_at", ["shop_id", "at"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.String(length=16), nullable=False),
        sa.Column("payback_id", sa.String(length=16), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("paid_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint("cause IN ('guest', 'expiry')", name=op.f("ck_refund_cause_known")),
        sa.CheckConstraint("state IN ('requested', 'paid')", name=op.f("ck_refund_state_known")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["purchase.id"], name=op.f("fk_refund_order_id_purchase")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_refund_pass_id_pass")),
        sa.ForeignKeyConstraint(["payback_id"], ["payback.id"], name=op.f("fk_refund_payback_id_payback")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("pass_id", name=op.f("uq_refund_pass_id")),
        sa.UniqueConstraint("payback_id", name=op.f("uq_refund_payback_id")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_refund_state", ["state"], unique=False)

    op.create_table(
        "scan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("pass_id", sa.String(length=16), nullable=True),
        sa.Column("redemption_id", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_scan_pass_id_pass")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name=op.f("fk_scan_redemption_id_redemption")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_scan_shop_id_shop")),
        sa.ForeignKeyConstraint(["staff_id"], ["account.id"], name=op.f("fk_scan_staff_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_shop_at", ["shop_id", "at"], unique=False)

    # What was posted stays as it was.
    create_triggers(op.get_bind())

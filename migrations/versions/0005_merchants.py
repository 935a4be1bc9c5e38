"""Let merchants in: claims and checklists, sanctions, menus, pictures, guests, acts; roles and states grow."""

import sqlalchemy as sa
from alembic import op

import o2o.kernel.db
from o2o.kernel.final import make_final

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# The first check of each table is the one that grows; those that a database lacks are added.
CHECKS = {
    "shop": {
        "status_known": "status IN ('proposed', 'unclaimed', 'claimed', 'delisted', 'gone')",
        "on_earth": "lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180",
        "sanction_known": "sanction IN ('limited', 'suspended')",
    },
    "role": {"kind_known": "kind IN ('claimant', 'staff', 'manager', 'owner')"},
    "offer": {"state_known": "state IN ('draft', 'on_sale', 'paused', 'ended')"},
    "refund": {
        "cause_known": "cause IN ('guest', 'expiry', 'platform')",
        "state_known": "state IN ('requested', 'paid', 'withdrawn')",
        "amount_positive": "amount >= 0",
    },
}


def grow(table: str, *columns: sa.Column[object]) -> None:
    """Add columns and widen the first check of a table; on SQLite the table is made anew, its other checks kept."""
    checks = CHECKS[table]
    known = {one["name"] for one in sa.inspect(op.get_bind()).get_check_constraints(table)}
    first = next(iter(checks))
    fresh = [first] + [short for short in checks if f"ck_{table}_{short}" not in known]
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
        batch.drop_constraint(op.f(f"ck_{table}_{first}"), type_="check")
        for short in fresh:
            batch.create_check_constraint(op.f(f"ck_{table}_{short}"), checks[short])


def open_shops() -> None:
    """Widen shops, roles and offers; who has a shop already was let in before there were claims."""
    grow(
        "shop",
        sa.Column("sells_until", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("sanction", sa.String(length=10), nullable=True),
        sa.Column("closes_at", o2o.kernel.db.Instant(), nullable=True),
    )
    grow("role", sa.Column("prepared", sa.JSON(), nullable=True))
    grow("offer")
    grow("refund")
    op.execute(
        "INSERT INTO shop_claim (shop_id, account_id, state, way, created_at, moved_at, reason)"
        " SELECT shop.id, (SELECT min(account_id) FROM role WHERE role.shop_id = shop.id AND role.kind = 'owner'"
        " AND role.ended_at IS NULL), 'approved', 'before', shop.updated_at, shop.updated_at, ''"
        " FROM shop WHERE shop.status = 'claimed'"
    )


def upgrade() -> None:
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("help_zh", sa.String(length=300), nullable=False),
        sa.Column("help_en", sa.String(length=300), nullable=False),
        sa.Column("asks_text", sa.Boolean(), nullable=False),
        sa.Column("asks_photo", sa.Boolean(), nullable=False),
        sa.Column("asks_expiry", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('computed', 'attested', 'verified')", name=op.f("ck_requirement_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("key", name=op.f("uq_requirement_key")),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_act_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_act_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index("ix_act_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_act_shop", ["shop_id", "id"], unique=False)
        batch_op.create_index("ix_act_verb", ["verb", "id"], unique=False)

    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("closes_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("closed_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("taken_back_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_closing_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_closing_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closing_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_closing_live",
            ["shop_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND taken_back_at IS NULL"),
        )

    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("first_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("last_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("agreed_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_guest_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_guest_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
        sa.UniqueConstraint("key", name=op.f("uq_guest_key")),
        sa.UniqueConstraint("shop_id", "account_id", name=op.f("uq_guest_shop_id_account_id")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_guest_shop_last", ["shop_id", "last_at", "id"], unique=False)

    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_look_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_look_shop_id_shop")),
        sa.ForeignKeyConstraint(["staff_id"], ["account.id"], name=op.f("fk_look_staff_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index("ix_look_account", ["account_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_look_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "menu",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_menu_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_menu")),
    )
    op.create_table(
        "menu_import",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mode", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("made_version", sa.Integer(), nullable=True),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("applied_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("undone_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint("mode IN ('add', 'replace')", name=op.f("ck_menu_import_mode_known")),
        sa.CheckConstraint(
            "state IN ('previewed', 'applied', 'undone', 'dropped')", name=op.f("ck_menu_import_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_menu_import_account_id_account")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_menu_import_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_import")),
    )
    with op.batch_alter_table("menu_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_menu_import_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_menu_import_shop", ["shop_id", "created_at"], unique=False)

    op.create_table(
        "menu_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_menu_line_price_positive")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_menu_line_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_line")),
    )
    with op.batch_alter_table("menu_line", schema=None) as batch_op:
        batch_op.create_index("ix_menu_line_shop", ["shop_id", "position"], unique=False)

    op.create_table(
        "merchant_terms",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("due_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("published_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk_merchant_terms_published_by_account")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_merchant_terms")),
    )
    with op.batch_alter_table("merchant_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merchant_terms_published_by"), ["published_by"], unique=False)

    op.create_table(
        "payout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(length=2000), nullable=False),
        sa.Column("tail", sa.String(length=4), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("ended_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payout_account_id_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_payout_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_payout_live",
            ["shop_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.String(length=1000), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("ends_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("appeal_until", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("appealed_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("appealed_by", sa.Integer(), nullable=True),
        sa.Column("appeal", sa.String(length=1000), nullable=True),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("settled_at", o2o.kernel.db.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('in_force', 'appealed', 'upheld', 'lifted', 'over')",
            name=op.f("ck_sanction_state_known"),
        ),
        sa.CheckConstraint(
            "step IN ('warn', 'limit', 'suspend', 'delist')", name=op.f("ck_sanction_step_known")
        ),
        sa.CheckConstraint(
            "(appealed_at IS NULL) = (appeal IS NULL)", name=op.f("ck_sanction_appeal_has_words")
        ),
        sa.ForeignKeyConstraint(
            ["appealed_by"], ["account.id"], name=op.f("fk_sanction_appealed_by_account")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_sanction_created_by_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_sanction_decided_by_account")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sanction_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    with op.batch_alter_table("sanction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sanction_appealed_by"), ["appealed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_sanction_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_sanction_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_sanction_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index("ix_sanction_state", ["state", "appeal_until"], unique=False)
        batch_op.create_index(
            "uq_sanction_step",
            ["shop_id", "step"],
            unique=True,
            sqlite_where=sa.text("state IN ('in_force', 'appealed', 'upheld')"),
            postgresql_where=sa.text("state IN ('in_force', 'appealed', 'upheld')"),
        )

    op.create_table(
        "shop_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("moved_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("submitted_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'invited', 'onboarding', 'ready_for_review', 'rejected', 'approved', 'suspended', 'withdrawn', 'closed')",
            name=op.f("ck_shop_claim_state_known"),
        ),
        sa.CheckConstraint(
            "way IN ('claim', 'invite', 'given', 'before')", name=op.f("ck_shop_claim_way_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_shop_claim_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_shop_claim_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_claim_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_claim")),
    )
    with op.batch_alter_table("shop_claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_state", ["state", "submitted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shop_claim_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shop_claim_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(
            "uq_claim_holding",
            ["shop_id"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('invited', 'onboarding', 'ready_for_review', 'approved', 'suspended')"
            ),
            postgresql_where=sa.text(
                "state IN ('invited', 'onboarding', 'ready_for_review', 'approved', 'suspended')"
            ),
        )
        batch_op.create_index(
            "uq_claim_person",
            ["shop_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('withdrawn', 'closed')"),
            postgresql_where=sa.text("state NOT IN ('withdrawn', 'closed')"),
        )

    op.create_table(
        "shop_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_shop_group_created_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_group")),
    )
    with op.batch_alter_table("shop_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shop_group_created_by"), ["created_by"], unique=False)

    op.create_table(
        "special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(from_minute IS NULL) = (to_minute IS NULL)", name=op.f("ck_special_day_both_ends")
        ),
        sa.CheckConstraint(
            "from_minute >= 0 AND from_minute < to_minute AND to_minute <= 2880",
            name=op.f("ck_special_day_in_order"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_special_day_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_day")),
        sa.UniqueConstraint("shop_id", "day", name=op.f("uq_special_day_shop_id_day")),
    )
    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("ended_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["shop_group.id"], name=op.f("fk_branch_group_id_shop_group")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_branch_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
    )
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.create_index("ix_branch_group", ["group_id"], unique=False)
        batch_op.create_index(
            "uq_branch_live",
            ["shop_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "guest_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["guest_id"], ["guest.id"], name=op.f("fk_guest_note_guest_id_guest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_note")),
    )
    with op.batch_alter_table("guest_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_note_guest_id"), ["guest_id"], unique=False)

    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.String(length=16), nullable=False),
        sa.Column("caption", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_picture_photo_id_photo")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_picture_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_picture_photo_id")),
    )
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.create_index("ix_picture_shop", ["shop_id", "position"], unique=False)

    op.create_table(
        "shared_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("created_at", o2o.kernel.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["shop_group.id"], name=op.f("fk_shared_offer_group_id_shop_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_offer")),
    )
    with op.batch_alter_table("shared_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_offer_group_id"), ["group_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("photo_id", sa.String(length=16), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("terms_version", sa.Integer(), nullable=True),
        sa.Column("at", o2o.kernel.db.Instant(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", o2o.kernel.db.Instant(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "decision IN ('accepted', 'refused', 'waived')", name=op.f("ck_submission_decision_known")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_submission_decision_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_submission_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["shop_claim.id"], name=op.f("fk_submission_claim_id_shop_claim")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_submission_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_submission_photo_id_photo")),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_submission_requirement_id_requirement")
        ),
        sa.ForeignKeyConstraint(
            ["terms_version"],
            ["merchant_terms.version"],
            name=op.f("fk_submission_terms_version_merchant_terms"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_submission_photo_id")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_submission_claim", ["claim_id", "requirement_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_requirement_id"), ["requirement_id"], unique=False)

    op.create_table(
        "offer_plan",
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("fixed", sa.BigInteger(), nullable=False),
        sa.Column("regulars", sa.Integer(), nullable=False),
        sa.Column("loss_seen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("cost >= 0 AND fixed >= 0", name=op.f("ck_offer_plan_costs_positive")),
        sa.CheckConstraint("regulars BETWEEN 0 AND 100", name=op.f("ck_offer_plan_regulars_range")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_plan_offer_id_offer")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_offer_plan_terms_id_terms")),
        sa.PrimaryKeyConstraint("terms_id", name=op.f("pk_offer_plan")),
    )
    with op.batch_alter_table("offer_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_plan_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "shared_part",
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("shared_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("left_at", o2o.kernel.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_shared_part_offer_id_offer")),
        sa.ForeignKeyConstraint(
            ["shared_id"], ["shared_offer.id"], name=op.f("fk_shared_part_shared_id_shared_offer")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shared_part_shop_id_shop")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_shared_part")),
    )
    with op.batch_alter_table("shared_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_part_shared_id"), ["shared_id"], unique=False)

    open_shops()
    make_final(op.get_bind(), sa.table("act"))

"""Open the vocabulary: what shops, brands and dishes are called, and how that can be typed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
        sa.UniqueConstraint("text", name=op.f("uq_phrase_text")),
    )
    op.create_table(
        "phrase_use",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("phrase_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["phrase_id"], ["phrase.id"], name=op.f("fk_phrase_use_phrase_id_phrase")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_phrase_use_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", "phrase_id", "kind", name=op.f("pk_phrase_use")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_phrase_use_phrase", "phrase_use", ["phrase_id", "kind", "shop_id"])
    op.create_table(
        "phrase_key",
        sa.Column(
            "key",
            sa.String(length=40, collation="C").with_variant(sa.String(length=40), "sqlite"),
            nullable=False,
        ),
        sa.Column("phrase_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["phrase_id"], ["phrase.id"], name=op.f("fk_phrase_key_phrase_id_phrase"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "phrase_id", "start", name=op.f("pk_phrase_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_phrase_key_phrase", "phrase_key", ["phrase_id"])
    # The index moved into a room of its own; what waits for it goes there.
    op.execute(
        "UPDATE delivery SET reaction = 'vocabulary.reactions.index_again'"
        " WHERE reaction = 'discovery.reactions.index_again' AND state <> 'done'"
    )


def downgrade() -> None:
    for table in ("phrase_key", "phrase_use", "phrase"):
        op.drop_table(table)

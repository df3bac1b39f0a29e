"""The revision of a card that was answered last: a higher one of the deck has another answer."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Everything answered so far was the first revision."""
    op.add_column("memory", sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")))

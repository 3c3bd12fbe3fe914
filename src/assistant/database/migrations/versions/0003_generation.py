"""What a language model wrote for an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("answers", sa.Column("generation", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("answers", "generation")  # not in a batch: SQLite would drop the table, and what refers to its rows

"""Which passages the kept answers cite."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; the answers that are kept already are read once."""
    table = op.create_table(
        "citations",
        sa.Column(
            "answer_id",
            sa.String(64),
            sa.ForeignKey("answers.id", ondelete="CASCADE"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("passage_id", sa.String(200), primary_key=True, nullable=False),
    )
    op.create_index("ix_citations_passage_id", "citations", ["passage_id"])
    answers = sa.table("answers", sa.column("id"), sa.column("answer"))
    for answer_id, answer in op.get_bind().execute(sa.select(answers.c.id, answers.c.answer)):
        kept = json.loads(answer) if isinstance(answer, str) else answer
        cited = {citation["passage_id"] for citation in kept.get("citations", [])}
        if cited:
            op.bulk_insert(table, [{"answer_id": answer_id, "passage_id": passage} for passage in sorted(cited)])


def downgrade() -> None:
    """Go back."""
    op.drop_table("citations")

"""answers that helped, and words that are not kept for ever"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('answer_days',
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('aspect', sa.String(length=16), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('helped', sa.Integer(), nullable=False),
    sa.Column('unhelpful', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('item', 'aspect', 'day', name=op.f('pk_answer_days'))
    )
    with op.batch_alter_table('answer_days', schema=None) as batch_op:
        batch_op.create_index('ix_answer_days_day', ['day'], unique=False)

    with op.batch_alter_table('followers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('forgotten_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('gaps', schema=None) as batch_op:
        batch_op.add_column(sa.Column('follower_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_gaps_follower_id'), 'followers', ['follower_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_gaps_follower_id'), ['follower_id'], unique=False)

    with op.batch_alter_table('hotline_calls', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_hotline_calls_cleared_at', ['cleared_at', 'ended_at'], unique=False)

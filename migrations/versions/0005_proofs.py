"""proofs"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('proofs',
    sa.Column('id', big, nullable=False),
    sa.Column('follower_id', big, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('resident_id', big, nullable=True),
    sa.Column('relation', sa.String(length=8), nullable=False),
    sa.Column('guardian', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('code_index', sa.LargeBinary(length=32), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('code', sa.LargeBinary(), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=True),
    sa.Column('leased_by', sa.String(length=64), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['follower_id'], ['followers.id'], name=op.f('fk_proofs_follower_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proofs'))
    )
    with op.batch_alter_table('proofs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proofs_code_index'), ['code_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_proofs_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_proofs_follower_id'), ['follower_id'], unique=False)
    with op.batch_alter_table('bindings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('relation', sa.String(length=8), server_default='self', nullable=False))
        batch_op.add_column(sa.Column('guardian', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=12), server_default='case', nullable=False))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('wait_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('resident_id', big, nullable=True))
        batch_op.add_column(sa.Column('told_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_attempts_kind', ['kind', 'changed_at'], unique=False)

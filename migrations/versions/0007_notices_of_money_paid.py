"""notices of money paid"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('announcements',
    sa.Column('batch_id', _BIG, nullable=False),
    sa.Column('reached_follower_id', _BIG, nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_announcements_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', name=op.f('pk_announcements'))
    )
    op.create_table('paid_notices',
    sa.Column('follower_id', _BIG, nullable=False),
    sa.Column('payment_hash', sa.LargeBinary(length=16), nullable=False),
    sa.Column('batch_id', _BIG, nullable=False),
    sa.Column('delivery_id', _BIG, nullable=False),
    sa.Column('stage', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_paid_notices_batch_id')),
    sa.ForeignKeyConstraint(['follower_id'], ['followers.id'], name=op.f('fk_paid_notices_follower_id')),
    sa.PrimaryKeyConstraint('follower_id', 'payment_hash', name=op.f('pk_paid_notices'))
    )
    with op.batch_alter_table('paid_notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paid_notices_batch_id'), ['batch_id'], unique=False)

    op.create_table('card_pictures',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('follower_id', _BIG, nullable=False),
    sa.Column('resident_id', _BIG, nullable=False),
    sa.Column('year', sa.SmallInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['follower_id'], ['followers.id'], name=op.f('fk_card_pictures_follower_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_card_pictures_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_pictures'))
    )
    with op.batch_alter_table('card_pictures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_pictures_next_at'), ['next_at'], unique=False)
        batch_op.create_index('ix_card_pictures_whose', ['follower_id', 'resident_id', 'year'], unique=True)
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.add_column(sa.Column('media_id', sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column('extra', sa.Boolean(), server_default=sa.text('false'), nullable=False))

"""publicity"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('follower_places',
    sa.Column('follower_id', _BIG, nullable=False),
    sa.Column('town', sa.String(length=32), nullable=False),
    sa.Column('village', sa.String(length=32), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['follower_id'], ['followers.id'], name=op.f('fk_follower_places_follower_id')),
    sa.PrimaryKeyConstraint('follower_id', name=op.f('pk_follower_places'))
    )
    op.create_table('item_exposures',
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('exposure', sa.String(length=8), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['staff.id'], name=op.f('fk_item_exposures_changed_by_id')),
    sa.PrimaryKeyConstraint('item', name=op.f('pk_item_exposures'))
    )
    op.create_table('publications',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('year', sa.SmallInteger(), nullable=False),
    sa.Column('period', sa.String(length=64), nullable=False),
    sa.Column('town', sa.String(length=32), nullable=False),
    sa.Column('village', sa.String(length=32), nullable=False),
    sa.Column('exposure', sa.String(length=8), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('total_fen', _BIG, nullable=False),
    sa.Column('lines', sa.LargeBinary(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', _BIG, nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['published_by_id'], ['staff.id'], name=op.f('fk_publications_published_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publications')),
    sa.UniqueConstraint('number', name=op.f('uq_publications_number'))
    )
    with op.batch_alter_table('publications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publications_ends_on'), ['ends_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_publications_item'), ['item'], unique=False)
        batch_op.create_index('ix_publications_place', ['town', 'village', 'ends_on'], unique=False)

    op.create_table('publication_batches',
    sa.Column('publication_id', _BIG, nullable=False),
    sa.Column('batch_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_publication_batches_batch_id')),
    sa.ForeignKeyConstraint(['publication_id'], ['publications.id'], name=op.f('fk_publication_batches_publication_id')),
    sa.PrimaryKeyConstraint('publication_id', 'batch_id', name=op.f('pk_publication_batches'))
    )
    with op.batch_alter_table('publication_batches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publication_batches_batch_id'), ['batch_id'], unique=False)

    op.create_table('village_codes',
    sa.Column('scene', sa.String(length=16), nullable=False),
    sa.Column('town', sa.String(length=32), nullable=False),
    sa.Column('village', sa.String(length=32), nullable=False),
    sa.Column('url', sa.String(length=255), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('scene', name=op.f('pk_village_codes'))
    )
    with op.batch_alter_table('village_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_village_codes_town'), ['town'], unique=False)

"""the hotline's desk"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('hotline_calls',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('open_for', _BIG, nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('looked_at', sa.LargeBinary(), nullable=True),
    sa.Column('sent', sa.LargeBinary(), nullable=True),
    sa.Column('outcome', sa.String(length=12), nullable=True),
    sa.Column('outside_source', sa.String(length=8), nullable=True),
    sa.Column('outside_number', sa.String(length=32), nullable=True),
    sa.Column('resident_id', _BIG, nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_hotline_calls_resident_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_hotline_calls_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hotline_calls')),
    sa.UniqueConstraint('open_for', name=op.f('uq_hotline_calls_open_for')),
    sa.UniqueConstraint('outside_source', 'outside_number', name=op.f('uq_hotline_calls_outside_source'))
    )
    with op.batch_alter_table('hotline_calls', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hotline_calls_begun_at'), ['begun_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_hotline_calls_outside_number'), ['outside_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_hotline_calls_resident_id'), ['resident_id'], unique=False)
        batch_op.create_index('ix_hotline_calls_staff_id', ['staff_id', 'begun_at'], unique=False)

    op.create_table('call_cases',
    sa.Column('call_id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['hotline_calls.id'], name=op.f('fk_call_cases_call_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_call_cases_case_id')),
    sa.PrimaryKeyConstraint('call_id', 'case_id', name=op.f('pk_call_cases'))
    )
    with op.batch_alter_table('call_cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_cases_case_id'), ['case_id'], unique=False)

    op.create_table('case_texts',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_by', sa.String(length=64), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_texts_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_texts')),
    sa.UniqueConstraint('case_id', name=op.f('uq_case_texts_case_id'))
    )
    with op.batch_alter_table('case_texts', schema=None) as batch_op:
        batch_op.create_index('ix_case_texts_due', ['status', 'next_at'], unique=False)

    op.create_table('desk_articles',
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('aspect', sa.String(length=16), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pinned_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_desk_articles_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'item', 'aspect', name=op.f('pk_desk_articles'))
    )

"""households, payments that came back, and findings"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('findings',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.Column('town', sa.String(length=32), nullable=True),
    sa.Column('item', sa.String(length=32), nullable=True),
    sa.Column('year', sa.SmallInteger(), nullable=True),
    sa.Column('evidence', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verdict', sa.String(length=8), nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_findings')),
    sa.UniqueConstraint('key', name=op.f('uq_findings_key'))
    )
    with op.batch_alter_table('findings', schema=None) as batch_op:
        batch_op.create_index('ix_findings_kind', ['kind', 'status'], unique=False)
        batch_op.create_index('ix_findings_status', ['status', 'severity', 'id'], unique=False)

    op.create_table('checked_batches',
    sa.Column('batch_id', _BIG, nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_checked_batches_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', name=op.f('pk_checked_batches'))
    )
    op.create_table('finding_persons',
    sa.Column('finding_id', _BIG, nullable=False),
    sa.Column('resident_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_finding_persons_finding_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_finding_persons_resident_id')),
    sa.PrimaryKeyConstraint('finding_id', 'resident_id', name=op.f('pk_finding_persons'))
    )
    with op.batch_alter_table('finding_persons', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_finding_persons_resident_id'), ['resident_id'], unique=False)

    op.create_table('registers',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('imported_by', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('live_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('batch_id', _BIG, nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_registers_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registers'))
    )
    with op.batch_alter_table('registers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registers_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('ix_registers_kind', ['kind', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_registers_sha256'), ['sha256'], unique=False)

    op.create_table('deaths',
    sa.Column('resident_id', _BIG, nullable=False),
    sa.Column('register_id', _BIG, nullable=False),
    sa.Column('died_on', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['register_id'], ['registers.id'], name=op.f('fk_deaths_register_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_deaths_resident_id')),
    sa.PrimaryKeyConstraint('resident_id', 'register_id', name=op.f('pk_deaths'))
    )
    with op.batch_alter_table('deaths', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deaths_register_id'), ['register_id'], unique=False)

    op.create_table('members',
    sa.Column('resident_id', _BIG, nullable=False),
    sa.Column('register_id', _BIG, nullable=False),
    sa.Column('head_id', _BIG, nullable=False),
    sa.Column('relation', sa.String(length=16), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['head_id'], ['residents.id'], name=op.f('fk_members_head_id')),
    sa.ForeignKeyConstraint(['register_id'], ['registers.id'], name=op.f('fk_members_register_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_members_resident_id')),
    sa.PrimaryKeyConstraint('resident_id', 'register_id', name=op.f('pk_members'))
    )
    with op.batch_alter_table('members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_members_head_id'), ['head_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_members_register_id'), ['register_id'], unique=False)

    op.create_table('returned_payments',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('resident_id', _BIG, nullable=False),
    sa.Column('payment_id', _BIG, nullable=False),
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('year', sa.SmallInteger(), nullable=False),
    sa.Column('period', sa.String(length=64), nullable=False),
    sa.Column('amount_fen', _BIG, nullable=False),
    sa.Column('town', sa.String(length=32), nullable=True),
    sa.Column('failed_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=128), nullable=True),
    sa.Column('status', sa.String(length=8), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('new_account', sa.LargeBinary(), nullable=True),
    sa.Column('new_bank', sa.String(length=64), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=64), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_returned_payments_payment_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_returned_payments_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returned_payments')),
    sa.UniqueConstraint('resident_id', 'item', 'year', 'period', name=op.f('uq_returned_payments_resident_id'))
    )
    with op.batch_alter_table('returned_payments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_returned_payments_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index('ix_returned_payments_town', ['town', 'status'], unique=False)

    op.create_table('unclaimed_returns',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('register_id', _BIG, nullable=False),
    sa.Column('facts', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['register_id'], ['registers.id'], name=op.f('fk_unclaimed_returns_register_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unclaimed_returns'))
    )
    with op.batch_alter_table('unclaimed_returns', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unclaimed_returns_register_id'), ['register_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_unclaimed_returns_status'), ['status'], unique=False)

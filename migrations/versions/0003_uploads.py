"""uploads, and what an import leaves to decide"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('detail_changes',
    sa.Column('batch_id', _BIG, nullable=False),
    sa.Column('resident_id', _BIG, nullable=False),
    sa.Column('applied', sa.Boolean(), nullable=False),
    sa.Column('details', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_detail_changes_batch_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_detail_changes_resident_id')),
    sa.PrimaryKeyConstraint('batch_id', 'resident_id', name=op.f('pk_detail_changes'))
    )
    with op.batch_alter_table('detail_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_detail_changes_applied'), ['applied'], unique=False)
        batch_op.create_index(batch_op.f('ix_detail_changes_resident_id'), ['resident_id'], unique=False)

    op.create_table('uploads',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('confirmed_by_id', _BIG, nullable=True),
    sa.Column('file_name', sa.LargeBinary(), nullable=False),
    sa.Column('size', _BIG, nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('answers', sa.LargeBinary(), nullable=True),
    sa.Column('findings', sa.LargeBinary(), nullable=True),
    sa.Column('said', sa.LargeBinary(), nullable=True),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('rows_expected', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('batch_id', _BIG, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_by', sa.String(length=64), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_uploads_batch_id')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['staff.id'], name=op.f('fk_uploads_confirmed_by_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_uploads_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads'))
    )
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_uploads_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_uploads_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index('ix_uploads_status', ['status', 'changed_at'], unique=False)

    op.create_table('vanished',
    sa.Column('batch_id', _BIG, nullable=False),
    sa.Column('payment_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_vanished_batch_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_vanished_payment_id')),
    sa.PrimaryKeyConstraint('batch_id', 'payment_id', name=op.f('pk_vanished'))
    )
    with op.batch_alter_table('vanished', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vanished_payment_id'), ['payment_id'], unique=False)

    op.create_table('upload_parts',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('upload_id', _BIG, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_upload_parts_upload_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_parts'))
    )
    with op.batch_alter_table('upload_parts', schema=None) as batch_op:
        batch_op.create_index('ix_upload_parts_upload_id', ['upload_id', 'kind', 'number'], unique=True)

    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.add_column(sa.Column('new', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('changed', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('unchanged', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('vanished', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('follows', _BIG, nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_by', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('reason', sa.LargeBinary(), nullable=True))
        batch_op.create_index(batch_op.f('ix_batches_follows'), ['follows'], unique=False)

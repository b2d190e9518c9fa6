"""duty phone"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('departments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('duty_phone', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('duty_since', sa.DateTime(timezone=True), nullable=True))

    op.create_table('duty_texts',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('why', sa.String(length=8), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_by', sa.String(length=64), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_duty_texts_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_duty_texts_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_texts')),
    sa.UniqueConstraint('case_id', 'department_id', 'why', name=op.f('uq_duty_texts_case_id'))
    )
    with op.batch_alter_table('duty_texts', schema=None) as batch_op:
        batch_op.create_index('ix_duty_texts_due', ['status', 'next_at'], unique=False)

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index('ix_cases_village', ['town', 'village', 'status', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_cases_assigned_at', ['assigned_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_assigned_at')
        batch_op.drop_index('ix_cases_village')

    op.drop_table('duty_texts')
    with op.batch_alter_table('departments', schema=None) as batch_op:
        batch_op.drop_column('duty_since')
        batch_op.drop_column('duty_phone')

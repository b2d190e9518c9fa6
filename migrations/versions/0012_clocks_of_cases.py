"""clocks of cases"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('counts_from', _TIME, nullable=True))
        batch_op.add_column(sa.Column('stopped', sa.String(length=12), nullable=True))
        batch_op.create_index('ix_cases_due', ['status', 'due_at'], unique=False)
    op.create_table('clock_steps',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('what', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('since', sa.Date(), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('due_before', _TIME, nullable=True),
    sa.Column('decided_by_id', _BIG, nullable=True),
    sa.Column('decided_at', _TIME, nullable=True),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_clock_steps_case_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['staff.id'], name=op.f('fk_clock_steps_decided_by_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_clock_steps_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_steps'))
    )
    with op.batch_alter_table('clock_steps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clock_steps_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_clock_steps_state'), ['state'], unique=False)
    op.create_table('case_answers',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('result', sa.String(length=16), nullable=False),
    sa.Column('said', sa.LargeBinary(), nullable=False),
    sa.Column('basis', sa.LargeBinary(), nullable=False),
    sa.Column('next_step', sa.LargeBinary(), nullable=False),
    sa.Column('no_basis', sa.Boolean(), nullable=False),
    sa.Column('saved_at', _TIME, nullable=False),
    sa.Column('approver_id', _BIG, nullable=True),
    sa.Column('decided_at', _TIME, nullable=True),
    sa.Column('returned_why', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['approver_id'], ['staff.id'], name=op.f('fk_case_answers_approver_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_answers_case_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_answers_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_answers'))
    )
    with op.batch_alter_table('case_answers', schema=None) as batch_op:
        batch_op.create_index('ix_case_answers_case_id', ['case_id', 'staff_id'], unique=False)
        batch_op.create_index('ix_case_answers_state', ['state'], unique=False)
    op.create_table('canned_answers',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=True),
    sa.Column('item', sa.String(length=32), nullable=True),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_at', _TIME, nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_canned_answers_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_answers'))
    )
    with op.batch_alter_table('canned_answers', schema=None) as batch_op:
        batch_op.create_index('ix_canned_answers_department_id', ['department_id', 'active'], unique=False)
    op.create_table('case_notices',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('serial', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_at', _TIME, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('addressee', sa.LargeBinary(), nullable=False),
    sa.Column('paragraphs', sa.LargeBinary(), nullable=False),
    sa.Column('voided_at', _TIME, nullable=True),
    sa.Column('voided_why', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_notices_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_case_notices_department_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_notices_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_notices')),
    sa.UniqueConstraint('department_id', 'year', 'serial', name=op.f('uq_case_notices_department_id'))
    )
    with op.batch_alter_table('case_notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_notices_case_id'), ['case_id'], unique=False)
    op.create_table('case_reminders',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('clock', sa.String(length=8), nullable=False),
    sa.Column('point', sa.String(length=8), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('seen_at', _TIME, nullable=True),
    sa.Column('seen_by_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_reminders_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_case_reminders_department_id')),
    sa.ForeignKeyConstraint(['seen_by_id'], ['staff.id'], name=op.f('fk_case_reminders_seen_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_reminders')),
    sa.UniqueConstraint('case_id', 'clock', 'point', 'due_on', name=op.f('uq_case_reminders_case_id'))
    )
    with op.batch_alter_table('case_reminders', schema=None) as batch_op:
        batch_op.create_index('ix_case_reminders_desk', ['department_id', 'seen_at'], unique=False)

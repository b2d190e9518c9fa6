"""handling of cases"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('village', sa.String(length=32), nullable=True))

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('triage', sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column('triage_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('suggestions', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('returns', sa.SmallInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('village_barred', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('watched_by_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_cases_watched_by_id'), 'departments', ['watched_by_id'], ['id'])
        batch_op.drop_index('ix_cases_queue')
        batch_op.create_index('ix_cases_queue', ['department_id', 'status', 'due_at', 'urgent', 'id'], unique=False)
        batch_op.create_index('ix_cases_status', ['status', 'due_at', 'urgent', 'id'], unique=False)
        batch_op.create_index('ix_cases_triage', ['triage', 'triage_since'], unique=False)

    op.create_table('case_staff_bars',
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_staff_bars_case_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_staff_bars_staff_id')),
    sa.PrimaryKeyConstraint('case_id', 'staff_id', name=op.f('pk_case_staff_bars'))
    )
    with op.batch_alter_table('case_staff_bars', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_staff_bars_staff_id'), ['staff_id'], unique=False)

    op.create_table('case_handovers',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('from_department_id', _BIG, nullable=False),
    sa.Column('to_department_id', _BIG, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['staff.id'], name=op.f('fk_case_handovers_answered_by_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['staff.id'], name=op.f('fk_case_handovers_asked_by_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_handovers_case_id')),
    sa.ForeignKeyConstraint(['from_department_id'], ['departments.id'], name=op.f('fk_case_handovers_from_department_id')),
    sa.ForeignKeyConstraint(['to_department_id'], ['departments.id'], name=op.f('fk_case_handovers_to_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_handovers'))
    )
    with op.batch_alter_table('case_handovers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_handovers_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_case_handovers_state', ['state', 'asked_at'], unique=False)
        batch_op.create_index('ix_case_handovers_to', ['to_department_id', 'state', 'case_id'], unique=False)

    op.create_table('case_copies',
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('with_attachments', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_copies_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_case_copies_department_id')),
    sa.PrimaryKeyConstraint('case_id', 'department_id', name=op.f('pk_case_copies'))
    )
    op.create_table('case_helps',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('wanted', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('part', sa.LargeBinary(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_by_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['staff.id'], name=op.f('fk_case_helps_asked_by_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_helps_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_case_helps_department_id')),
    sa.ForeignKeyConstraint(['given_by_id'], ['staff.id'], name=op.f('fk_case_helps_given_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_helps'))
    )
    with op.batch_alter_table('case_helps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_helps_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_case_helps_department_id', ['department_id', 'open', 'case_id'], unique=False)

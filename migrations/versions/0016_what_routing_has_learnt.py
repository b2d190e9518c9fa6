"""what routing has learnt"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('routing_examples',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('how', sa.String(length=12), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('item', sa.String(length=32), nullable=True),
    sa.Column('problem', sa.String(length=64), nullable=False),
    sa.Column('town', sa.String(length=32), nullable=True),
    sa.Column('first', sa.String(length=64), nullable=False),
    sa.Column('from_department_id', _BIG, nullable=False),
    sa.Column('to_department_id', _BIG, nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('gathered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_routing_examples_case_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['from_department_id'], ['departments.id'], name=op.f('fk_routing_examples_from_department_id')),
    sa.ForeignKeyConstraint(['to_department_id'], ['departments.id'], name=op.f('fk_routing_examples_to_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing_examples')),
    sa.UniqueConstraint('case_id', name=op.f('uq_routing_examples_case_id'))
    )
    op.create_table('routing_changes',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('measured_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('figures', sa.LargeBinary(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', _BIG, nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_id', _BIG, nullable=True),
    sa.Column('end_reason', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by_id'], ['staff.id'], name=op.f('fk_routing_changes_decided_by_id')),
    sa.ForeignKeyConstraint(['ended_by_id'], ['staff.id'], name=op.f('fk_routing_changes_ended_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing_changes'))
    )
    with op.batch_alter_table('routing_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_routing_changes_status'), ['status'], unique=False)

    op.create_table('routing_change_examples',
    sa.Column('change_id', _BIG, nullable=False),
    sa.Column('example_id', _BIG, nullable=False),
    sa.Column('struck_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('struck_by_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['change_id'], ['routing_changes.id'], name=op.f('fk_routing_change_examples_change_id')),
    sa.ForeignKeyConstraint(['example_id'], ['routing_examples.id'], name=op.f('fk_routing_change_examples_example_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['struck_by_id'], ['staff.id'], name=op.f('fk_routing_change_examples_struck_by_id')),
    sa.PrimaryKeyConstraint('change_id', 'example_id', name=op.f('pk_routing_change_examples'))
    )
    with op.batch_alter_table('routing_change_examples', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_routing_change_examples_example_id'), ['example_id'], unique=False)

"""visits and similar cases"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('visits',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('event_id', _BIG, nullable=False),
    sa.Column('follower_id', _BIG, nullable=True),
    sa.Column('replied_by_id', _BIG, nullable=True),
    sa.Column('round', sa.SmallInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.Column('resolved', sa.Boolean(), nullable=True),
    sa.Column('satisfied', sa.Boolean(), nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_by_id', _BIG, nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewer_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['staff.id'], name=op.f('fk_visits_asked_by_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_visits_case_id')),
    sa.ForeignKeyConstraint(['event_id'], ['case_events.id'], name=op.f('fk_visits_event_id')),
    sa.ForeignKeyConstraint(['follower_id'], ['followers.id'], name=op.f('fk_visits_follower_id')),
    sa.ForeignKeyConstraint(['replied_by_id'], ['staff.id'], name=op.f('fk_visits_replied_by_id')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['staff.id'], name=op.f('fk_visits_reviewer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits')),
    sa.UniqueConstraint('event_id', name=op.f('uq_visits_event_id'))
    )
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visits_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_visits_asked_at', ['asked_at'], unique=False)
        batch_op.create_index('ix_visits_follower_id', ['follower_id', 'answered_at'], unique=False)

    op.create_table('merged_cases',
    sa.Column('case_id', _BIG, nullable=False),
    sa.Column('lead_id', _BIG, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_merged_cases_case_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['cases.id'], name=op.f('fk_merged_cases_lead_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_merged_cases_staff_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_merged_cases'))
    )
    with op.batch_alter_table('merged_cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merged_cases_lead_id'), ['lead_id'], unique=False)

    op.create_table('hot_topics',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('town', sa.String(length=32), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('noticed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_by_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['seen_by_id'], ['staff.id'], name=op.f('fk_hot_topics_seen_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hot_topics'))
    )
    with op.batch_alter_table('hot_topics', schema=None) as batch_op:
        batch_op.create_index('ix_hot_topics_topic', ['item', 'town', 'since'], unique=False)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index('ix_cases_item', ['item', 'town', 'filed_at'], unique=False)

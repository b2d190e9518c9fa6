"""gaps in groups"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('gap_groups',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('question', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('item', sa.String(length=32), nullable=True),
    sa.Column('aspect', sa.String(length=16), nullable=True),
    sa.Column('said', sa.String(length=16), nullable=False),
    sa.Column('department_id', _BIG, nullable=True),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=12), nullable=True),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('closed_by_id', _BIG, nullable=True),
    sa.Column('draft_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['closed_by_id'], ['staff.id'], name=op.f('fk_gap_groups_closed_by_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_gap_groups_department_id')),
    sa.ForeignKeyConstraint(['draft_id'], ['article_versions.id'], name=op.f('fk_gap_groups_draft_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap_groups'))
    )
    with op.batch_alter_table('gap_groups', schema=None) as batch_op:
        batch_op.create_index('ix_gap_groups_department_id', ['department_id', 'closed_at'], unique=False)
        batch_op.create_index('ix_gap_groups_open', ['closed_at', 'asked'], unique=False)

    # The words were readable in the table until now: the old rows are written again, sealed.
    connection = op.get_bind()
    noted = connection.execute(sa.text('SELECT question, asked_at, source FROM gaps WHERE closed_at IS NULL ORDER BY id')).all()
    op.drop_table('gaps')
    op.create_table('gaps',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('question', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('item', sa.String(length=32), nullable=True),
    sa.Column('aspect', sa.String(length=16), nullable=True),
    sa.Column('said', sa.String(length=16), nullable=False),
    sa.Column('group_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['gap_groups.id'], name=op.f('fk_gaps_group_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gaps'))
    )
    with op.batch_alter_table('gaps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gaps_asked_at'), ['asked_at'], unique=False)
        batch_op.create_index('ix_gaps_group_id', ['group_id', 'id'], unique=False)
    for question, asked_at, source in noted:
        connection.execute(
            sa.text("INSERT INTO gaps (question, asked_at, source, kind, said) VALUES (:question, :asked_at, :source, 'unanswered', '')"),
            {'question': connection.dialect.keyring.encrypt(question.encode(), b'gaps.question'), 'asked_at': asked_at, 'source': source},
        )

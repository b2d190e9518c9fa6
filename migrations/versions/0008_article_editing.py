"""article editing"""

import re
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('article_events',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('version_id', _BIG, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', _BIG, nullable=True),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_article_events_staff_id')),
    sa.ForeignKeyConstraint(['version_id'], ['article_versions.id'], name=op.f('fk_article_events_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_events'))
    )
    with op.batch_alter_table('article_events', schema=None) as batch_op:
        batch_op.create_index('ix_article_events_version_id', ['version_id', 'id'], unique=False)

    # Until now one person could write and publish: who it was stands in the audit log.
    op.execute('UPDATE article_versions SET published_by = NULL WHERE published_by = written_by')
    with op.batch_alter_table('article_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('base_id', _BIG, nullable=True))
        batch_op.add_column(sa.Column('valid_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('valid_to', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('check_by', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('confirmed_by', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_article_versions_base_id'), 'article_versions', ['base_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_article_versions_confirmed_by'), 'staff', ['confirmed_by'], ['id'])
        batch_op.create_check_constraint('ck_article_versions_two_persons', 'written_by <> published_by')

    # An article that is in use is looked at again a year after it was checked.
    connection = op.get_bind()
    for key, content in connection.execute(sa.text("SELECT id, content FROM article_versions WHERE status = 'published'")).all():
        found = re.search(r"^checked: (\d{4}-\d\d-\d\d)$", content, re.M)
        if found:
            day = date.fromisoformat(found[1]) + timedelta(days=365)
            connection.execute(
                sa.text('UPDATE article_versions SET check_by = :day WHERE id = :id').bindparams(sa.bindparam('day', type_=sa.Date())),
                {'day': day, 'id': key},
            )

"""names of files, which may name a person, are encrypted"""

import sqlalchemy as sa
from alembic import op

from models.base import EncryptedText

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_TABLES = ('batches', 'registers', 'work_orders')


def upgrade() -> None:
    for name in _TABLES:
        op.add_column(name, sa.Column('file_name_sealed', sa.LargeBinary(), nullable=True))
        _seal(name)
        # Plain statements: payments refer to batches, and SQLite's batch mode would make that table anew.
        op.execute(f'ALTER TABLE {name} DROP COLUMN file_name')
        op.execute(f'ALTER TABLE {name} RENAME COLUMN file_name_sealed TO file_name')


def _seal(name: str) -> None:
    connection = op.get_bind()
    table = sa.table(
        name, sa.column('id'), sa.column('file_name', sa.String()),
        sa.column('file_name_sealed', EncryptedText(f'{name}.file_name')),
    )
    for number, file_name in connection.execute(sa.select(table.c.id, table.c.file_name)).all():
        connection.execute(table.update().where(table.c.id == number).values(file_name_sealed=file_name))

"""safety of staff accounts: the audit log's marks and seals, second factors, work orders, owners of items"""

import hashlib
import hmac
import json
import os

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('created_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('totp_pending', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('totp_last_step', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('handler_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_cases_handler_id'), 'staff', ['handler_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_cases_handler_id'), ['handler_id'], unique=False)

    op.create_table('recovery_codes',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('staff_id', _BIG, nullable=False),
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_recovery_codes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes'))
    )
    with op.batch_alter_table('recovery_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_codes_staff_id'), ['staff_id'], unique=False)

    op.create_table('item_owners',
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('department_id', _BIG, nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['staff.id'], name=op.f('fk_item_owners_changed_by_id')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_item_owners_department_id')),
    sa.PrimaryKeyConstraint('item', name=op.f('pk_item_owners'))
    )

    op.create_table('work_orders',
    sa.Column('id', _BIG, nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('case_id', _BIG, nullable=True),
    sa.Column('perhaps_case_id', _BIG, nullable=True),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_by', sa.String(length=64), nullable=False),
    sa.Column('handed_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handed_back_by', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_work_orders_case_id')),
    sa.ForeignKeyConstraint(['perhaps_case_id'], ['cases.id'], name=op.f('fk_work_orders_perhaps_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_orders')),
    sa.UniqueConstraint('number', name=op.f('uq_work_orders_number'))
    )
    with op.batch_alter_table('work_orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_work_orders_case_id'), ['case_id'], unique=False)

    op.create_table('audit_keys',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('position', _BIG, nullable=False),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=False),
    sa.Column('proof', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_keys'))
    )
    op.create_table('audit_seals',
    sa.Column('position', _BIG, autoincrement=False, nullable=False),
    sa.Column('audit_id', _BIG, nullable=False),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['audit_id'], ['audit.id'], name=op.f('fk_audit_seals_audit_id')),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_audit_seals')),
    sa.UniqueConstraint('audit_id', name=op.f('uq_audit_seals_audit_id'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mark', sa.LargeBinary(length=32), nullable=True))
    _begin_the_chain(op.get_bind())
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.alter_column('mark', existing_type=sa.LargeBinary(length=32), nullable=False)


# ---------------------------------------------------------------- as models/audit.py and models/audit_chain.py had it

_AT_ONCE = 1000
_keys = sa.table('audit_keys', *map(sa.column, ('id', 'key', 'position', 'seal', 'proof')))
_audit = sa.table(
    'audit', sa.column('id'), sa.column('at', sa.DateTime(timezone=True)),
    *map(sa.column, ('staff_id', 'actor', 'action', 'subject', 'resident_id', 'detail', 'mark')),
)  # fmt: skip


def _begin_the_chain(connection: sa.Connection) -> None:
    """A key of its own for the log; what stands in the log already gets its mark. The first sealing puts it in order."""
    keyring, key, start = connection.dialect.keyring, os.urandom(32), bytes(32)
    connection.execute(
        _keys.insert().values(
            id=1, key=keyring.encrypt(key, b'audit_keys.key'), position=0, seal=start,
            proof=hmac.digest(key, b'head' + (0).to_bytes(8, 'big') + start, 'sha256'),
        )
    )  # fmt: skip
    change = _audit.update().where(_audit.c.id == sa.bindparam('of')).values(mark=sa.bindparam('new', type_=sa.LargeBinary()))
    after = 0
    while rows := connection.execute(_audit.select().where(_audit.c.id > after).order_by(_audit.c.id).limit(_AT_ONCE)).all():
        connection.execute(change, [{'of': row.id, 'new': _mark(keyring, key, row)} for row in rows])
        after = rows[-1].id


def _mark(keyring: object, key: bytes, row: sa.Row) -> bytes:
    at = row.at.replace(tzinfo=None) if row.at.tzinfo is None else (row.at - row.at.utcoffset()).replace(tzinfo=None)
    detail = None if row.detail is None else json.loads(keyring.decrypt(bytes(row.detail), b'audit.detail'))
    said = [at.isoformat(timespec='microseconds'), row.staff_id, row.actor, row.action, row.subject, row.resident_id, detail]
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(',', ':')).encode()
    nonce = os.urandom(8)
    return nonce + hmac.new(key, nonce + written, hashlib.sha256).digest()[:24]

"""The tables, all of them imported, and the way to the newest schema."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

import models.agreement
import models.answer_day
import models.article
import models.attachment
import models.audit
import models.audit_chain
import models.bank_return
import models.call
import models.canned
import models.card_picture
import models.case
import models.case_answer
import models.case_bar
import models.case_event
import models.case_text
import models.clock_step
import models.delivery
import models.desk_article
import models.duty_text
import models.finding
import models.follower
import models.gap
import models.handover
import models.household
import models.item_owner
import models.notice
import models.paid_notice
import models.payment
import models.platform
import models.proof
import models.publicity
import models.reminder
import models.resident
import models.routing_examples
import models.similar
import models.slip
import models.staff
import models.ticket
import models.totp
import models.upload
import models.village
import models.visit
import models.work_order  # noqa: F401  (each import above registers its tables)
from models.db import Database

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"
_LOCK = 0x4D424B  # one migration at a time on PostgreSQL


def upgrade(database: Database) -> None:
    """Bring the database to the newest schema; processes that start together wait for one another."""
    if database.is_sqlite:
        Path(str(database.url.database)).touch(mode=0o600, exist_ok=True)  # for its owner's eyes alone
    if is_current(database):
        return
    with database.pen(60):
        connection = database.engine.connect().execution_options(writes=True)
        with connection, connection.begin():
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            migrate(connection)


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest schema."""
    with database.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [newest()]


def newest() -> str:
    """The name of the newest revision: the number with which its file begins."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a revision, in the transaction of this connection."""
    # Loaded only where there is something to do: a web process lives on without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)

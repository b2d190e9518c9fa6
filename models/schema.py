"""The tables, all of them imported, and the way to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

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
            command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest schema."""
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def newest() -> str | None:
    """The name of the newest revision."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

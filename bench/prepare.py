"""The data a run needs: departments and articles, some thousand residents with payments, and followers."""

from __future__ import annotations

import itertools
import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bench.talks import FOLLOWERS
from commands.demo_data import generate, load, write_csv
from models import schema
from models.base import now
from models.crypto import Keyring, keys_of
from models.db import Database
from models.follower import Follower
from models.payment import Payment
from models.resident import Binding
from models.start import fill_empty

RESIDENTS, IMPORTED = 3_000, 30_000
_SEED, _OTHER_SEED = 1, 2


def fill(config: Path) -> None:
    """Fill the new database that the configuration names."""
    database = open_database(config)
    try:
        schema.upgrade(database)
        fill_empty(database)
        load(database, _today(), count=RESIDENTS, seed=_SEED)
        database.write(_followers)
        if not database.is_sqlite:
            with database.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    finally:
        database.dispose()


def _followers(session: Session) -> None:
    for kind in ("ask", "bound"):
        session.execute(insert(Follower), [{"openid": f"{kind}-{n}", "last_seen_at": now()} for n in range(FOLLOWERS)])
    with_payments = select(Payment.resident_id).where(Payment.year == _today().year).distinct().limit(FOLLOWERS)
    residents = itertools.cycle(session.scalars(with_payments).all())
    bound = session.scalars(select(Follower.id).where(Follower.openid.like("bound-%"))).all()
    session.execute(
        insert(Binding),
        [{"follower_id": follower, "resident_id": next(residents), "proof": "name+card_tail"} for follower in bound],
    )


def payment_file(path: Path) -> Path:
    """A bureau's file with 30,000 rows, none of which the database has."""
    rows = generate(IMPORTED, _OTHER_SEED, _today())
    write_csv(itertools.islice(rows, IMPORTED), path)
    return path


def open_database(config: Path) -> Database:
    """The database of a configuration, with its keys."""
    settings = tomllib.loads(config.read_text(encoding="utf-8"))
    secrets = settings["secrets"]
    return Database(settings["database"]["url"], Keyring(keys_of(secrets["encryption"]), keys_of(secrets["index"])))


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()

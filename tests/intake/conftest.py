"""The people whom the registers speak of."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from models.db import Database
from tests.factories import GUAN, SUN, live_batch, payment, resident


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """关玉梅 and 孙学生 with 高龄津贴 of the third quarter, hers paid, his waiting."""

    def work(session: Session) -> dict[str, int]:
        guan, sun = resident(session, GUAN, phone="15400000001"), resident(session, SUN)
        batch = live_batch(session)
        payment(session, batch, guan)
        payment(session, batch, sun, stage="待发放", paid_date=None, amount_fen=20000)
        return {"guan": guan.id, "sun": sun.id}

    return database.write(work)

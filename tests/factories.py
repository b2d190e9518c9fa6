"""The small cast of the tests, and plain functions that put them into a database.

    关玉梅   an old resident of 万昌镇, gets 高龄津贴 and 地补
    孙学生   her neighbour, a stranger to her data
    lin      a clerk of 民政局;  wang  a clerk of 农业农村局
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from models.crypto import Keyring
from models.payment import LIVE, Batch, Payment
from models.resident import Resident

KEYRING = Keyring(encryption={"k1": bytes(range(32))}, index={"k1": bytes(range(32, 64))})

GUAN = {"name": "关玉梅", "id_number": "22022119340412936X", "account": "6299990102491369086"}
SUN = {"name": "孙学生", "id_number": "220221195807209531", "account": "6299990361301610416"}


def resident(session: Session, person: dict[str, str], **more: object) -> Resident:
    """One of the cast, as an import would have stored the person."""
    row = Resident(
        id_index=KEYRING.blind_index(person["id_number"], "id_number"),
        account_index=KEYRING.blind_index(person["account"], "account"),
        index_key=KEYRING.newest_index, town="万昌镇", village="西将军村", bank="吉林农信", **person, **more,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def live_batch(session: Session, **more: object) -> Batch:
    """A batch that residents see."""
    fields = {"data_as_of": date(2026, 11, 20), "items": [["高龄津贴", 2026], ["耕地地力保护补贴", 2026]]}
    batch = Batch(file_name="payments.csv", sha256="0" * 64, status=LIVE, imported_by="test", **(fields | more))
    session.add(batch)
    session.flush()
    return batch


def payment(session: Session, batch: Batch, person: Resident, **more: object) -> Payment:
    """300 yuan of 高龄津贴, paid; change what the test is about."""
    fields: dict[str, object] = {
        "item": "高龄津贴", "year": 2026, "period": "2026年第3季度", "quantity": 300, "unit": "月",
        "standard_fen": 10000, "amount_fen": 30000, "stage": "已发放", "stage_date": date(2026, 10, 12),
        "paid_date": date(2026, 10, 12), "bank": person.bank, "account": person.account, "content_hash": bytes(16),
    }  # fmt: skip
    row = Payment(batch_id=batch.id, resident_id=person.id, **(fields | more))
    session.add(row)
    session.flush()
    return row

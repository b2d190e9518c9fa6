"""What an import leaves in the database: once, corrected, visible in one flip, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from intake import store
from intake.reading import FileRefused
from intake.staging import Stager
from intake.store import Outcome, import_file
from models.audit import AuditEntry
from models.db import Database
from models.payment import LIVE, WITHDRAWN, Batch, Payment
from models.resident import Resident
from tests.intake.tables import COLUMNS, GUAN, SUN, TODAY, csv_bytes, csv_file, row, table, written

MONTHS = [row(批次=f"2026年{month:02d}月") for month in range(1, 7)]


def load(database: Database, file: Path, given: Mapping[str, str] | None = None) -> Outcome:
    return import_file(database, file, today=TODAY, given=given or {}, by="test", progress=lambda rows: None)


def seen(database: Database, person: Mapping[str, str]) -> list[Payment]:
    """What the person is shown."""
    with database.read() as session:
        resident = Resident.by_id_number(session, person["身份证号"])
        return Payment.of(session, resident.id) if resident else []


def count(database: Database, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_a_file_becomes_payments_of_residents(database: Database, tmp_path: Path) -> None:
    outcome = load(database, csv_file(tmp_path, row(), row(SUN, 发放日期="", 状态="发放失败", 失败原因="账户已销户")))
    assert (outcome.new, outcome.changed, outcome.unchanged) == (2, 0, 0)
    (hers,), (his,) = seen(database, GUAN), seen(database, SUN)
    assert (hers.item, hers.year, hers.period, hers.quantity, hers.standard_fen, hers.amount_fen) == (
        "耕地地力保护补贴", 2026, "2026年第1批", 1311, 8247, 108118,
    )  # fmt: skip
    assert (hers.account, hers.bank, his.fail_reason, his.paid_date) == (GUAN["社保卡账号"], "吉林农信", "账户已销户", None)
    with database.read() as session:
        resident = Resident.by_id_number(session, GUAN["身份证号"])
        assert resident is not None
        assert resident.proves(name="关玉梅", card_tail="9086")
        assert (resident.town, resident.village, resident.phone) == ("万昌镇", "西将军村", GUAN["手机号"])
        batch = session.scalars(select(Batch).where(Batch.status == LIVE)).one()
        assert (batch.accepted, batch.refused, batch.data_as_of) == (2, 0, hers.stage_date)
        assert batch.items == [["耕地地力保护补贴", 2026]]


def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    file = csv_file(tmp_path, *MONTHS, row(SUN))
    load(database, file)
    before = count(database, Batch, Payment, Resident)
    again = load(database, file)
    assert (again.new, again.changed, again.unchanged, again.batch_id) == (0, 0, 7, None)
    assert again.report.accepted == 7
    assert again.imported_before is not None
    assert count(database, Batch, Payment, Resident) == before


def test_the_same_rows_in_another_file_change_nothing_either(database: Database, tmp_path: Path) -> None:
    load(database, csv_file(tmp_path, *MONTHS))
    again = load(database, written(tmp_path, csv_bytes(table(*MONTHS[::-1]), "gb18030"), "b.csv"))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 6)
    assert again.imported_before is None


def test_a_corrected_file_updates_the_rows_it_corrects_and_says_which(database: Database, tmp_path: Path) -> None:
    load(database, csv_file(tmp_path, *MONTHS))
    corrected = [MONTHS[0], {**MONTHS[1], "数量": "10", "金额": "824.70"}, *MONTHS[2:], row(批次="2026年07月")]
    outcome = load(database, csv_file(tmp_path, *corrected))
    assert (outcome.new, outcome.changed, outcome.unchanged) == (1, 1, 5)
    assert outcome.changed_rows == [(0, 3)]
    amounts = {payment.period: payment.amount_fen for payment in seen(database, GUAN)}
    assert len(amounts) == 7
    assert (amounts["2026年01月"], amounts["2026年02月"]) == (108118, 82470)


def test_an_old_file_does_not_undo_a_correction(database: Database, tmp_path: Path) -> None:
    old = written(tmp_path, csv_bytes(table(row())), "old.csv")
    load(database, old)
    load(database, csv_file(tmp_path, row(数量="10", 金额="824.70")))
    assert load(database, old).changed == 0
    assert seen(database, GUAN)[0].amount_fen == 82470


def test_a_withdrawn_file_can_be_imported_again(database: Database, tmp_path: Path) -> None:
    file = csv_file(tmp_path, row())
    load(database, file)
    database.write(lambda session: session.execute(update(Batch).values(status=WITHDRAWN)) and None)
    assert not seen(database, GUAN)
    assert load(database, file).new == 1
    assert len(seen(database, GUAN)) == 1


def test_nobody_sees_a_row_before_the_flip(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CHUNK", 2)
    looks: list[tuple[int, int]] = []
    flip = Stager.flip

    def look_first(self: Stager, *given: Any) -> None:
        looks.append((len(seen(database, GUAN)), count(database, Payment)[0]))
        flip(self, *given)

    monkeypatch.setattr(Stager, "flip", look_first)
    load(database, csv_file(tmp_path, *MONTHS))
    assert looks == [(0, 6)]
    assert len(seen(database, GUAN)) == 6


def test_a_file_that_breaks_in_the_middle_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CHUNK", 2)
    load(database, csv_file(tmp_path, row(SUN)))
    before = count(database, Batch, Payment, Resident)
    many = [row({**SUN, "社保卡账号": "6299990102491369086"}, 批次=f"2025年{m:02d}月", 年度="2025") for m in range(1, 13)]
    broken = csv_bytes(table(*MONTHS, *many)) + b'"' + b"x" * 100_000
    with pytest.raises(FileRefused, match="第20行读不了"):
        load(database, written(tmp_path, broken))
    assert count(database, Batch, Payment, Resident) == before
    with database.read() as session:
        his = Resident.by_id_number(session, SUN["身份证号"])
        assert his is not None
        assert his.account == SUN["社保卡账号"]


def test_the_latest_row_knows_a_persons_account_best(database: Database, tmp_path: Path) -> None:
    new_card = {**GUAN, "社保卡账号": "6299990361301610416", "姓名": "关玉?", "手机号": ""}
    rows = [row(new_card, 批次="2026年第2批", 状态日期="2026-08-01", 发放日期="2026-08-01"), row()]
    load(database, csv_file(tmp_path, *rows))
    with database.read() as session:
        resident = Resident.by_id_number(session, GUAN["身份证号"])
        assert resident is not None
        assert (resident.account, resident.name) == ("6299990361301610416", "关玉?")
    outcome = load(database, csv_file(tmp_path, row(批次="2025年第1批", 年度="2025", 状态日期="2025-06-24", 发放日期="2025-06-24")))
    assert outcome.residents_changed == 0, "an older row does not bring the old card back"
    load(database, csv_file(tmp_path, row({**new_card, "姓名": "关玉梅"}, 批次="2026年第3批", 状态日期="2026-09-01", 发放日期="2026-09-01")))
    with database.read() as session:
        resident = Resident.by_id_number(session, GUAN["身份证号"])
        assert resident is not None
        assert (resident.name, resident.phone) == ("关玉梅", None)
        assert resident.account_index == database.keyring.blind_index("6299990361301610416", "account")


def test_a_garbled_name_does_not_replace_a_good_one(database: Database, tmp_path: Path) -> None:
    load(database, csv_file(tmp_path, row()))
    later = row({**GUAN, "姓名": "关玉?", "手机号": ""}, 批次="2026年第2批", 状态日期="2026-08-01", 发放日期="2026-08-01")
    load(database, csv_file(tmp_path, later))
    with database.read() as session:
        resident = Resident.by_id_number(session, GUAN["身份证号"])
        assert resident is not None
        assert (resident.name, resident.phone) == ("关玉梅", GUAN["手机号"])


def test_two_imports_at_once_make_each_person_once(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK", 2)
    files = []
    for year in ("2025", "2026"):
        months = [f"{year}年{month:02d}月" for month in range(1, 7)]
        rows = [row(person, 批次=month, 年度=year) for month in months for person in (GUAN, SUN)]
        files.append(written(tmp_path, csv_bytes(table(*rows)), f"{year}.csv"))
    faults: list[BaseException] = []

    def run(file: Path) -> None:
        try:
            load(database, file)
        except BaseException as fault:  # noqa: BLE001
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert count(database, Resident, Payment) == [2, 24]
    assert len(seen(database, GUAN)) == len(seen(database, SUN)) == 12


def test_who_when_and_which_file_is_in_the_audit_log(database: Database, tmp_path: Path) -> None:
    outcome = load(database, csv_file(tmp_path, row(), row(SUN, 金额="")))
    with database.read() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.actor, entry.action, entry.subject) == ("test", "payments.import", f"batch:{outcome.batch_id}")
        assert entry.detail is not None
        assert (entry.detail["accepted"], entry.detail["refused"], len(entry.detail["sha256"])) == (1, 1, 64)


def test_what_was_said_beside_a_file_makes_it_another(database: Database, tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "年度"]
    file = csv_file(tmp_path, row(批次="第1批"), columns=columns)
    load(database, file, {"年度": "2026"})
    assert load(database, file, {"年度": "2025"}).new == 1
    assert {payment.period for payment in seen(database, GUAN)} == {"2026年第1批", "2025年第1批"}


def test_nothing_personal_lies_in_the_database_in_the_clear(sqlite_database: Database, tmp_path: Path) -> None:
    load(sqlite_database, csv_file(tmp_path, row(失败原因="", 备注="三组关玉梅家"), columns=[*COLUMNS, "备注"]))
    folder = Path(str(sqlite_database.url.database)).parent
    stored = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    for secret in (GUAN["姓名"], GUAN["身份证号"], GUAN["社保卡账号"], GUAN["手机号"], "三组"):
        assert secret.encode() not in stored

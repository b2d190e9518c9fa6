"""A file that comes again: corrected, with rows missing, by township; dropped and withdrawn with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.comparing import GoneRow
from intake.staging import clear_up
from intake.store import Outcome, check_file, import_file
from intake.withdrawing import drop, keep, undecided, withdraw
from knowledge.errors import NotThere, Refused
from models.audit import AuditEntry
from models.db import Database
from models.payment import DROPPED, LIVE, Batch, Payment
from models.resident import Resident
from tests.intake.tables import GUAN, SUN, TODAY, csv_bytes, row, table, written

LI = {"姓名": "李建国", "身份证号": "220221196503127814", "社保卡账号": "6299990361301610424", "手机号": "15488522362"}
EVERYBODY = (GUAN, SUN, LI)


def load(database: Database, folder: Path, *rows: Mapping[str, str], name: str = "a.csv") -> Outcome:
    file = written(folder, csv_bytes(table(*rows)), name)
    return import_file(database, file, today=TODAY, given={}, by="test", progress=lambda rows: None)


def look(database: Database, folder: Path, *rows: Mapping[str, str]) -> Outcome:
    file = written(folder, csv_bytes(table(*rows)), "look.csv")
    return check_file(file, today=TODAY, given={}, progress=lambda rows: None, database=database)


def shown(database: Database, person: Mapping[str, str]) -> list[tuple[str, int]]:
    """Period and amount of what counts for a person, as a reader of payments must see it."""
    with database.read() as session:
        resident = Resident.by_id_number(session, person["身份证号"])
        if resident is None:
            return []
        rows = session.scalars(
            select(Payment).join(Batch).where(Payment.resident_id == resident.id, Batch.status == LIVE)
            .order_by(Payment.batch_id.desc())
        )  # fmt: skip
        newest: dict[tuple[str, int, str], Payment] = {}
        for one in rows:
            newest.setdefault((one.item, one.year, one.period), one)
        return sorted((one.period, one.amount_fen) for one in newest.values() if one.stage != DROPPED)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def gone_of(database: Database, batch_id: int | None) -> list[GoneRow]:
    assert batch_id is not None
    with database.read() as session:
        return undecided(session, batch_id, 1, 100)[1]


# ---------------------------------------------------------------- corrected


def test_a_correction_says_what_stood_there_and_what_comes_masked(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN))
    new = {"数量": "10", "金额": "824.70", "社保卡账号": "6299990361301610424"}
    for outcome in (look(database, tmp_path, row(**new), row(SUN)), load(database, tmp_path, row(**new), row(SUN))):
        (change,) = outcome.changes
        assert (change.sheet, change.row, change.name) == (0, 2, "关*梅")
        assert dict((label, (was, comes)) for label, was, comes in change.fields) == {
            "数量": ("13.11", "10"), "金额": ("1,081.18元", "824.70元"), "社保卡账号": ("****9086", "****0424"),
        }  # fmt: skip


def test_looking_stores_nothing(database: Database, tmp_path: Path) -> None:
    outcome = look(database, tmp_path, row(), row(SUN))
    assert (outcome.new, outcome.batch_id) == (2, None)
    with database.read() as session:
        assert not session.scalars(select(Batch)).all()
        assert not session.scalars(select(Resident)).all()


def test_a_corrected_file_stands_whole_when_the_first_one_is_withdrawn(database: Database, tmp_path: Path) -> None:
    first = load(database, tmp_path, row(), row(SUN))
    load(database, tmp_path, row(), row(SUN, 数量="10", 金额="824.70"))
    database.write(lambda session: withdraw(session, first.batch_id or 0, "test", "传错了") and None)
    assert shown(database, GUAN) == [("2026年第1批", 108118)]
    assert shown(database, SUN) == [("2026年第1批", 82470)]


def test_a_new_telephone_number_alone_makes_a_file_worth_storing(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row())
    outcome = load(database, tmp_path, row({**GUAN, "手机号": "15400000001"}))
    assert (outcome.unchanged, outcome.residents_changed) == (1, 1)
    assert outcome.batch_id is not None


def test_rows_that_come_late_in_a_file_bring_the_ones_before_with_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.store.CHUNK", 1)
    first = load(database, tmp_path, row(), row(SUN))
    second = load(database, tmp_path, row(), row(SUN), row(LI))
    assert (second.new, second.unchanged) == (1, 2)
    database.write(lambda session: withdraw(session, first.batch_id or 0, "test", "传错了") and None)
    assert all(shown(database, person) for person in EVERYBODY)


# ---------------------------------------------------------------- no longer there


def test_rows_that_vanished_are_reported_and_still_shown(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN), row(LI))
    outcome = load(database, tmp_path, row(), row(SUN, 数量="10", 金额="824.70"))
    assert outcome.found.vanished == 1
    (gone,) = outcome.found.gone
    assert (gone.name, gone.town, gone.item, gone.amount_fen) == ("李*国", "万昌镇", "耕地地力保护补贴", 108118)
    assert gone_of(database, outcome.batch_id) == [gone]
    assert shown(database, LI)


def test_another_item_or_period_has_not_vanished(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN, 批次="2026年第2批"), row(LI, 补贴项目="稻谷补贴"))
    assert look(database, tmp_path, row(数量="10", 金额="824.70")).found.vanished == 0


def test_a_file_of_one_township_says_nothing_about_the_others(database: Database, tmp_path: Path) -> None:
    elsewhere = {"乡镇": "口前镇", "村": "蓝旗村"}
    load(database, tmp_path, row(), row(SUN), row(LI, **elsewhere))
    found = look(database, tmp_path, row(数量="10", 金额="824.70")).found
    assert [one.name for one in found.gone] == ["孙*生"]
    assert not found.other_towns


def test_townships_that_a_file_of_several_leaves_out_are_counted_only(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN, 乡镇="口前镇", 村="蓝旗村"), row(LI, 乡镇="金家乡", 村="卢家村"))
    found = look(database, tmp_path, row(数量="10", 金额="824.70"), row(SUN, 乡镇="口前镇", 村="蓝旗村")).found
    assert (found.vanished, dict(found.other_towns)) == (0, {"金家乡": 1})


def test_a_person_whose_row_is_refused_has_not_vanished(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN))
    outcome = look(database, tmp_path, row(数量="10", 金额="824.70"), row(SUN, 金额="没有"))
    assert (outcome.report.refused, outcome.found.vanished) == (1, 0)


def test_the_same_file_again_reports_nothing_as_vanished(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN))
    load(database, tmp_path, row(), row(LI), name="b.csv")
    again = load(database, tmp_path, row(), row(SUN))
    assert again.found.vanished == 0
    assert again.imported_by == "test"


# ---------------------------------------------------------------- dropped by a clerk


def dropped_li(database: Database, folder: Path) -> tuple[Outcome, Outcome]:
    """A file, a newer one without 李建国, and the clerk's word that he is out."""
    first = load(database, folder, row(), row(SUN), row(LI))
    second = load(database, folder, row(), row(SUN, 数量="10", 金额="824.70"))
    assert drop(database, second.batch_id or 0, "clerk", "审核后取消资格") == 1
    return first, second


def test_what_a_clerk_drops_is_hidden_with_the_reason_on_record(database: Database, tmp_path: Path) -> None:
    _, second = dropped_li(database, tmp_path)
    assert not shown(database, LI)
    assert shown(database, GUAN)
    assert gone_of(database, second.batch_id) == []
    assert actions(database)[-1] == "payments.drop"
    with database.read() as session:
        batch = session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
        assert (batch.follows, batch.reason, batch.imported_by) == (second.batch_id, "审核后取消资格", "clerk")


def test_the_file_that_was_there_before_does_not_bring_the_dropped_back(database: Database, tmp_path: Path) -> None:
    dropped_li(database, tmp_path)
    again = load(database, tmp_path, row(), row(SUN), row(LI))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert not shown(database, LI)


def test_a_newer_file_brings_the_dropped_back(database: Database, tmp_path: Path) -> None:
    dropped_li(database, tmp_path)
    back = load(database, tmp_path, row(), row(SUN, 数量="10", 金额="824.70"), row(LI))
    assert (back.new, back.changed) == (1, 0)
    assert shown(database, LI)


def test_withdrawing_the_newer_file_withdraws_what_was_dropped_because_of_it(database: Database, tmp_path: Path) -> None:
    _, second = dropped_li(database, tmp_path)
    database.write(lambda session: withdraw(session, second.batch_id or 0, "test", "文件不全") and None)
    assert shown(database, LI)
    assert shown(database, SUN) == [("2026年第1批", 108118)]


def test_only_what_is_chosen_is_dropped_and_the_rest_may_be_kept(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN), row(LI))
    second = load(database, tmp_path, row(数量="10", 金额="824.70"))
    chosen = next(one for one in gone_of(database, second.batch_id) if one.name == "孙*生")
    drop(database, second.batch_id or 0, "clerk", "去世", {chosen.payment_id})
    assert not shown(database, SUN)
    assert database.write(lambda session: keep(session, second.batch_id or 0, "clerk")) == 1
    assert gone_of(database, second.batch_id) == []
    assert shown(database, LI)


def test_a_payment_that_a_newer_file_corrected_meanwhile_is_not_dropped(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(LI))
    second = load(database, tmp_path, row(数量="10", 金额="824.70"))
    load(database, tmp_path, row(LI, 数量="20", 金额="1649.40"))
    assert drop(database, second.batch_id or 0, "clerk", "取消") == 0
    assert shown(database, LI) == [("2026年第1批", 164940)]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_nothing_is_dropped_or_withdrawn_without_a_reason(database: Database, tmp_path: Path, reason: str) -> None:
    load(database, tmp_path, row(), row(LI))
    second = load(database, tmp_path, row(数量="10", 金额="824.70"))
    with pytest.raises(Refused):
        drop(database, second.batch_id or 0, "clerk", reason)
    with pytest.raises(Refused):
        database.write(lambda session: withdraw(session, second.batch_id or 0, "test", reason))
    assert shown(database, LI)


# ---------------------------------------------------------------- withdrawn


def test_rows_corrected_by_a_withdrawn_file_show_as_before(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(), row(SUN))
    second = load(database, tmp_path, row(数量="10", 金额="824.70"), row(SUN), row(LI))
    database.write(lambda session: withdraw(session, second.batch_id or 0, "test", "发错了") and None)
    assert shown(database, GUAN) == [("2026年第1批", 108118)]
    assert not shown(database, LI)
    assert actions(database)[-1] == "payments.withdraw"
    with database.read() as session:
        batch = session.get_one(Batch, second.batch_id)
        assert (batch.withdrawn_by, batch.reason) == ("test", "发错了")


def test_a_file_is_withdrawn_once(database: Database, tmp_path: Path) -> None:
    only = load(database, tmp_path, row())
    database.write(lambda session: withdraw(session, only.batch_id or 0, "test", "发错了") and None)
    with pytest.raises(Refused, match="已经撤下"):
        database.write(lambda session: withdraw(session, only.batch_id or 0, "test", "发错了"))
    with pytest.raises(NotThere):
        database.write(lambda session: withdraw(session, 999, "test", "发错了"))


def details(database: Database, person: Mapping[str, str]) -> tuple[str | None, str | None]:
    with database.read() as session:
        resident = Resident.by_id_number(session, person["身份证号"])
        assert resident is not None
        return resident.phone, resident.account


def test_what_a_withdrawn_file_said_about_people_is_given_back(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row())
    wrong = {**GUAN, "手机号": "15400000001", "社保卡账号": "6299990361301610424"}
    second = load(database, tmp_path, row(wrong))
    assert details(database, GUAN) == ("15400000001", "6299990361301610424")
    database.write(lambda session: withdraw(session, second.batch_id or 0, "test", "账号串行") and None)
    clear_up(database)
    assert details(database, GUAN) == (GUAN["手机号"], GUAN["社保卡账号"])
    with database.read() as session:
        found = Resident.by_id_number(session, GUAN["身份证号"])
        assert found is not None
        assert found.account_index == database.keyring.blind_index(GUAN["社保卡账号"], "account")


def test_what_a_later_file_said_stays_when_the_one_before_is_withdrawn(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row())
    second = load(database, tmp_path, row({**GUAN, "手机号": "15400000001"}))
    third = load(database, tmp_path, row({**GUAN, "手机号": "15400000002"}))
    database.write(lambda session: withdraw(session, second.batch_id or 0, "test", "错") and None)
    clear_up(database)
    assert details(database, GUAN)[0] == "15400000002"
    database.write(lambda session: withdraw(session, third.batch_id or 0, "test", "错") and None)
    clear_up(database)
    assert details(database, GUAN)[0] == GUAN["手机号"], "and goes back past the one that was withdrawn first"

"""`flask import-payments` and `flask demo-data`, as they are typed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from commands.demo_data import DEMO_CAST, demo_data_command, generate, load, write_csv
from commands.import_payments import import_payments_command
from intake.checking import Checking
from intake.progress import STAGES
from knowledge.catalogue.items import ITEMS
from knowledge.identity import luhn_ok, parse_id_number
from models.db import Database
from models.payment import Payment
from models.resident import Resident
from tests.intake.tables import COLUMNS, GUAN, SUN, csv_bytes, csv_file, row, table, written

DIRTY = Path(__file__).parent.parent / "intake" / "data" / "dirty-200.csv"


def run(database: Database, *arguments: object) -> Result:
    return CliRunner().invoke(import_payments_command(lambda: database), [str(one) for one in arguments])


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Payment)) or 0


def test_json_counts_and_lists_every_row(sqlite_database: Database) -> None:
    done = run(sqlite_database, DIRTY, "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["accepted"], said["refused"], said["fixed"]) == (180, 25, 23)
    assert {"row": 7, "code": "AMOUNT_MISSING", "handling": "error", "column": "金额"} in said["rows"]
    assert sum(said["totals"].values()) == 21578166
    assert stored(sqlite_database) == 180


def test_a_second_run_says_the_same_and_stores_nothing(sqlite_database: Database) -> None:
    first, second = (json.loads(run(sqlite_database, DIRTY, "--json").stdout) for _ in range(2))
    for key in ("accepted", "fixed", "warned", "refused", "rows", "totals"):
        assert first[key] == second[key]
    assert (first["new"], second["new"], second["unchanged"]) == (180, 0, 180)
    assert stored(sqlite_database) == 180


def test_a_dry_run_needs_no_database_and_says_the_same(sqlite_database: Database) -> None:
    def none() -> Database:
        raise AssertionError("a dry run opened the database")

    dry = CliRunner().invoke(import_payments_command(none), [str(DIRTY), "--dry-run", "--json"])
    wet = run(sqlite_database, DIRTY, "--json")
    assert json.loads(dry.stdout)["rows"] == json.loads(wet.stdout)["rows"]


def test_a_refused_file_is_an_error_and_status_1(sqlite_database: Database, tmp_path: Path) -> None:
    empty = written(tmp_path, b"")
    done = run(sqlite_database, empty, "--json")
    assert done.exit_code == 1
    assert set(json.loads(done.stdout)) == {"error"}
    plain = run(sqlite_database, tmp_path / "nowhere.csv")
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert "没有导入：文件打不开" in plain.stderr


def test_what_is_no_file_is_refused_at_once(sqlite_database: Database, tmp_path: Path) -> None:
    for path in (Path("/dev/zero"), tmp_path):
        done = run(sqlite_database, path, "--json")
        assert done.exit_code == 1
        assert "打不开" in json.loads(done.stdout)["error"]


def test_the_report_names_rows_and_reasons_and_no_person(sqlite_database: Database, tmp_path: Path) -> None:
    done = run(sqlite_database, csv_file(tmp_path, row(), row(SUN, 金额=""), row(SUN, 手机号="1234")))
    assert done.exit_code == 0
    assert "没有金额。请补上：第3行" in done.stdout
    assert "可以入库 2 行，共 2,162.36元；退回 1 行。" in done.stdout
    assert "新增 2 行，更正 0 行，没有变化 0 行。" in done.stdout
    for person in (GUAN, SUN):
        assert not any(person[key] in done.output for key in ("姓名", "身份证号", "社保卡账号", "手机号"))


def test_the_report_can_be_had_as_a_workbook_that_only_its_owner_reads(sqlite_database: Database, tmp_path: Path) -> None:
    report = tmp_path / "检查报告.xlsx"
    assert run(sqlite_database, DIRTY, "--dry-run", "--report", report).exit_code == 0
    assert report.stat().st_mode & 0o077 == 0
    sheets = CalamineWorkbook.from_path(report).sheet_names
    assert sheets[:2] == ["结果", "退回的行"]
    before = report.read_bytes()
    again = run(sqlite_database, DIRTY, "--dry-run", "--report", report)
    assert again.exit_code == 1
    assert "换一个名字" in again.output
    assert report.read_bytes() == before


def test_a_correction_is_said_with_its_row(sqlite_database: Database, tmp_path: Path) -> None:
    run(sqlite_database, csv_file(tmp_path, row(), row(SUN)))
    done = run(sqlite_database, csv_file(tmp_path, row(), row(SUN, 数量="10", 金额="824.70")))
    assert "更正了原有数据的行：第3行。" in done.stdout


def test_what_the_file_lacks_can_be_said_beside_it(sqlite_database: Database, tmp_path: Path) -> None:
    columns = ["姓名", "身份证号", "金额", "乡镇", "村"]
    file = written(tmp_path, csv_bytes(table(row(), columns=columns)))
    refused = run(sqlite_database, file)
    assert refused.exit_code == 1
    assert "--set" not in refused.stderr or "补贴项目=" in refused.stderr
    given = ["--set", "补贴项目=低保", "--set", "年度=2026", "--set", "批次=3月", "--set", "状态=待发放", "--set", "状态日期=2026-03-01"]
    done = run(sqlite_database, file, "--json", *given)
    assert json.loads(done.stdout)["totals"] == {"最低生活保障": 108118}
    assert run(sqlite_database, file, "--set", "年度").exit_code == 1


def test_progress_is_for_those_who_watch(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, csv_bytes(table(*([row()] * 10_001))))
    done = run(sqlite_database, file, "--json", "--dry-run")
    assert done.stderr == ""
    assert json.loads(done.stdout)["refused"] == 10_000
    monkeypatch.setattr("commands.import_payments._is_watched", lambda: True)
    watched = run(sqlite_database, file, "--json", "--dry-run")
    assert "10000" in watched.stderr
    assert json.loads(watched.stdout) == json.loads(done.stdout)


def test_a_column_that_was_taken_wrongly_can_be_said_otherwise(sqlite_database: Database, tmp_path: Path) -> None:
    columns = [name if name != "补贴标准" else "年标准" for name in COLUMNS]
    file = written(tmp_path, csv_bytes([columns, *table(*(row(金额="5", 批次=f"{month}月") for month in range(1, 5)))[1:]]))
    done = run(sqlite_database, file, "--dry-run")
    assert "“年标准”列当作“补贴标准”" in done.stdout
    assert "--map" in done.stdout
    assert json.loads(run(sqlite_database, file, "--json", "--dry-run", "--map", "年标准=备注").stdout)["accepted"] == 4


# ---------------------------------------------------------------- demo data


TODAY = date(2026, 11, 24)


def test_the_demonstration_holds_every_item_stage_and_kind_of_failure() -> None:
    rows = list(generate(400, 639, TODAY))
    assert {one.item for one in rows} == set(ITEMS)
    assert {one.stage for one in rows} == set(STAGES)
    assert all(one.fail_reason for one in rows if one.stage == "发放失败")
    assert len({one.id_number for one in rows}) > 200


@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 2), date(2028, 2, 29), date(2026, 6, 30)])
def test_the_demonstration_passes_its_own_checks_on_any_day(tmp_path: Path, today: date) -> None:
    file = tmp_path / "demo.csv"
    write_csv(generate(150, 7, today), file)
    findings = Counter(finding.code for one in Checking(file, today=today) for finding in one.findings)
    assert not findings


def test_the_demonstration_is_the_same_for_the_same_seed() -> None:
    assert list(generate(50, 5, TODAY)) == list(generate(50, 5, TODAY))
    assert list(generate(50, 5, TODAY)) != list(generate(50, 6, TODAY))


def test_every_number_of_the_demonstration_is_of_the_synthetic_ranges() -> None:
    for one in generate(200, 639, TODAY):
        assert parse_id_number(one.id_number, TODAY).value.startswith("220221")
        assert 900 <= int(one.id_number[14:17]) <= 989
        assert one.account.startswith("629999")
        assert luhn_ok(one.account)
        assert one.phone[:3] in ("154", "")
        assert one.remarks


def test_the_demonstration_moves_on_with_the_days(sqlite_database: Database) -> None:
    first = load(sqlite_database, TODAY, count=60)
    assert first.report.refused == 0
    again = load(sqlite_database, TODAY, count=60)
    assert (again.new, again.changed) == (0, 0)
    later = load(sqlite_database, TODAY + timedelta(days=14), count=60)
    assert later.changed > 0
    with sqlite_database.read() as session:
        residents = session.scalar(select(func.count()).select_from(Resident)) or 0
    assert residents == len({one.id_number for one in generate(60, 639, TODAY)})


def test_the_cast_that_the_readme_names_can_be_looked_up(sqlite_database: Database) -> None:
    command: click.Command = demo_data_command(lambda: sqlite_database)
    said = CliRunner().invoke(command, ["--people", "20"]).stdout
    with sqlite_database.read() as session:
        for person in DEMO_CAST:
            resident = Resident.by_id_number(session, person.id_number)
            assert resident is not None
            assert resident.proves(name=person.name, card_tail=person.account[-4:])
            assert Payment.of(session, resident.id)
            assert f"{person.name}  身份证号 {person.id_number}  卡号尾号 {person.account[-4:]}" in said
        guan = Resident.by_id_number(session, DEMO_CAST[0].id_number)
        assert guan is not None
        stages = {(line.item, line.stage) for line in Payment.of(session, guan.id)}
        assert {("玉米生产者补贴", "发放失败"), ("高龄津贴", "已发放"), ("耕地地力保护补贴", "已发放")} <= stages

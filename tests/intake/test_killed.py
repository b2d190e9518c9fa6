"""An import that is killed outright, after each of its commits in turn: all of the file is there, or nothing of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from intake.staging import clear_up
from intake.store import import_file
from intake.turn import our_turn
from knowledge.errors import Refused
from models.base import now
from models.db import Database
from models.payment import LIVE, Batch, Payment
from models.platform import Lease
from models.resident import Resident
from models.upload import DetailChange, Vanished
from tests.intake.tables import GUAN, SUN, TODAY, csv_bytes, row, table, written

_ROOT = Path(__file__).resolve().parents[2]
LI = {"姓名": "李建国", "身份证号": "220221196503127814", "社保卡账号": "6299990361301610424", "手机号": "15488522362"}
BEFORE = [row(), row(SUN)]
# Corrects one row, leaves one out, brings somebody new, and a new telephone number.
AFTER = [row({**GUAN, "手机号": "15400000001"}, 数量="10", 金额="824.70"), *(row(LI, 批次=f"2026年{m:02d}月") for m in range(1, 6))]


def import_rows(database: Database, folder: Path, rows: list[dict[str, str]], name: str) -> None:
    file = written(folder, csv_bytes(table(*rows)), name)
    import_file(database, file, today=TODAY, given={}, by="test", progress=lambda rows: None)


def state(database: Database) -> dict[str, Any]:
    """Everything that an import touches."""
    with database.read() as session:
        people = session.scalars(select(Resident).order_by(Resident.id)).all()
        tables = (Batch, Payment, Vanished, DetailChange)
        return {
            "people": [(one.id_number, one.name, one.phone) for one in people],
            "live": session.scalar(select(func.count()).select_from(Batch).where(Batch.status == LIVE)),
            **{table.__name__: session.scalar(select(func.count()).select_from(table)) for table in tables},
        }


def killed(database: Database, file: Path, after: int) -> int | None:
    """Import and be killed after so many commits; how many there were if it came to its end before."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.intake.kill_me", url, str(file), str(after)]
    run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60)
    if run.returncode == -signal.SIGKILL:
        return None
    assert run.returncode == 0, run.stderr[-800:]
    return int(run.stdout)


def let_the_turn_run_out(database: Database) -> None:
    database.write(lambda session: session.execute(update(Lease).values(until=now() - timedelta(seconds=1))) and None)


@pytest.mark.slow
def test_a_killed_import_leaves_all_or_nothing(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, BEFORE, "before.csv")
    nothing = state(database)
    file = written(tmp_path, csv_bytes(table(*AFTER)), "after.csv")
    commits, after = None, 0
    while commits is None:
        after += 1
        commits = killed(database, file, after)
        seen = state(database)
        if seen["live"] == 1:
            assert seen["people"][: len(nothing["people"])] == nothing["people"], "nobody who was known is changed"
            let_the_turn_run_out(database)
            clear_up(database)
            assert state(database) == nothing, f"killed after commit {after}"
        else:
            let_the_turn_run_out(database)
            clear_up(database)
            whole = state(database)
            assert (whole["live"], whole["Batch"], whole["Payment"], whole["Vanished"]) == (2, 2, 8, 1)
            assert [phone for _, _, phone in whole["people"]] == ["15400000001", SUN["手机号"], LI["手机号"]]
            assert after > 8, "several commits come before the flip"
            break
    else:
        pytest.fail("the flip was never reached")


def test_what_a_killed_import_left_is_cleared_away_by_the_next(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, csv_bytes(table(*AFTER)), "after.csv")
    assert killed(database, file, 5) is None
    assert state(database)["Payment"]
    let_the_turn_run_out(database)
    import_rows(database, tmp_path, BEFORE, "before.csv")
    seen = state(database)
    assert (seen["Batch"], seen["Payment"], len(seen["people"])) == (1, 2, 2)


def test_while_somebody_imports_nobody_clears_anything_away(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, BEFORE, "before.csv")
    with our_turn(database, 0.0):
        database.write(lambda session: session.execute(update(Batch).values(status="staged")) and None)
        clear_up(database)
        assert state(database)["Payment"] == 2
        with pytest.raises(Refused, match="另一个文件正在入库"), our_turn(database, 0.0):
            pass


def test_an_importer_that_lost_its_turn_can_do_no_harm(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, BEFORE, "before.csv")
    nothing = state(database)

    def steal(rows: int) -> None:
        database.write(lambda session: session.execute(update(Lease).values(owner="somebody else", until=now() + timedelta(minutes=1))) and None)

    file = written(tmp_path, csv_bytes(table(*AFTER)), "after.csv")
    with pytest.raises(Refused, match="作废"):
        import_file(database, file, today=TODAY, given={}, by="test", progress=steal)
    let_the_turn_run_out(database)
    clear_up(database)
    assert state(database) == nothing

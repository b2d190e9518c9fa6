"""公示 at the desk: who hangs, prints and takes down which lists; how widely; the villages' codes."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from console import register_public
from knowledge.publicity import BOARD, NEVER, WEB, scene_of
from models.db import Database
from models.payment import Batch
from models.publicity import ItemExposure, Publication
from models.staff import Department
from models.village import VillageCode
from tests.console.conftest import Enter
from tests.console.factories import values
from tests.console.publicity import (
    CHILDREN,
    audited,
    hang_at_desk,
    issue_path,
    paid,
    text_of,
    township_clerk,
    visitor,
)
from tests.publications import LAND, NAMES, hang, hung, over, pay, today

__all__ = ["visitor"]  # a fixture


# ---------------------------------------------------------------- at the desk


def test_the_county_hangs_a_batch_for_its_villages(county: Database, enter: Enter) -> None:
    batch = paid(county)

    def elsewhere(session: Session) -> None:
        pay(session, NAMES, town="口前镇", village="红旗", first=10, batch=session.get(Batch, batch))

    county.write(elsewhere)
    admin = enter("hua")
    assert LAND in admin.get(f"/console/publicity/new?batch={batch}").get_data(as_text=True)
    page = admin.get(issue_path(batch)).get_data(as_text=True)
    assert "万昌镇花家村" in page
    assert "口前镇红旗村" in page
    done = hang_at_desk(admin, batch, "万昌镇/花家", "口前镇/红旗")
    assert "挂出了2份名单" in done.get_data(as_text=True)
    assert len(audited(county, "publicity.hang")) == 2


def test_one_form_sent_twice_hangs_once(county: Database, enter: Enter) -> None:
    batch, admin = paid(county), enter("hua")
    admin.get(issue_path(batch))
    once = admin.once
    form = {
        "batch": batch, "item": LAND, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    for _ in range(2):
        assert admin.post("/console/publicity/new", once=once, **form).status_code == 200
    assert len(audited(county, "publicity.hang")) == 1


def test_a_list_hung_anew_replaces_the_old_one(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    batch, admin = paid(county), enter("hua")
    hang_at_desk(admin, batch, "万昌镇/花家")
    hang_at_desk(admin, batch, "万昌镇/花家")
    assert visitor.get("/publicity/GS-1001").status_code == 410
    assert "关*梅" in text_of(visitor, "/publicity/GS-1002")


def test_a_corrected_file_counts_and_the_desk_is_told(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    code = hung(county)
    paid(county, names=NAMES[:1], amount_fen=200000)
    admin = enter("hua")
    assert "请重新挂一份" in admin.get(f"/console/publicity/lists/{code}").get_data(as_text=True)
    county.write(lambda session: hang(session))
    page = text_of(visitor, "/publicity/GS-1002")
    assert "2,000元" in page
    assert page.count("关*梅") == 1


def test_too_short_a_time_is_refused_where_a_rule_says_how_long(county: Database, enter: Enter) -> None:
    batch = paid(county, item="最低生活保障")
    answer = hang_at_desk(enter("hua"), batch, "万昌镇/花家", item="最低生活保障", days=3)
    assert answer.status_code == 422
    assert "日子不够" in answer.get_data(as_text=True)
    assert audited(county, "publicity.hang") == []


def test_what_is_never_shown_cannot_be_hung(county: Database, enter: Enter) -> None:
    batch = paid(county, item=CHILDREN)
    admin = enter("hua")
    assert "定的是不公示" in admin.get(issue_path(batch, CHILDREN)).get_data(as_text=True)
    form = {
        "batch": batch, "item": CHILDREN, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    admin.get("/console/publicity/exposures/" + CHILDREN)
    assert admin.post("/console/publicity/new", **form).status_code == 422
    assert audited(county, "publicity.hang") == []


def test_people_without_a_village_are_counted_and_left_out(county: Database, enter: Enter) -> None:
    batch = paid(county)
    county.write(lambda s: pay(s, ("安国山",), village=None, first=30, batch=s.get(Batch, batch)) and None)
    assert "有1个人没写乡镇或村" in enter("hua").get(issue_path(batch)).get_data(as_text=True)


def test_a_township_hangs_prints_and_takes_down_its_own_lists_only(county: Database, enter: Enter) -> None:
    code = hung(county)

    def other(session: Session) -> str:
        pay(session, NAMES, town="口前镇", village="红旗", first=10)
        return hang(session, place=("口前镇", "红旗")).code

    elsewhere = county.write(other)
    township_clerk(county)
    clerk = enter("town")
    listed = clerk.get("/console/publicity/").get_data(as_text=True)
    assert code in listed
    assert elsewhere not in listed
    assert clerk.get(f"/console/publicity/lists/{elsewhere}").status_code == 404
    assert clerk.get(f"/console/publicity/print?code={elsewhere}").status_code == 404
    assert "关*梅" in clerk.get(f"/console/publicity/print?code={code}").get_data(as_text=True)
    assert clerk.get("/console/publicity/exposures").status_code == 403
    assert [entry.subject for entry in audited(county, "publicity.print")] == [f"publicity:{code}"]


def test_a_township_cannot_hang_the_list_of_another(county: Database, enter: Enter) -> None:
    batch = paid(county)
    township_clerk(county, "口前镇")
    clerk = enter("town")
    assert "没有归您公示的村" in clerk.get(issue_path(batch)).get_data(as_text=True)
    clerk.get("/console/publicity/codes/")
    form = {
        "batch": batch, "item": LAND, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    assert clerk.post("/console/publicity/new", **form).status_code in (404, 422)
    assert audited(county, "publicity.hang") == []


def test_a_bureau_hangs_its_own_items_only(county: Database, enter: Enter) -> None:
    batch = paid(county)
    assert "挂出来" not in enter("lin").get(issue_path(batch)).get_data(as_text=True)  # 民政局
    assert "挂出来" in enter("wang").get(issue_path(batch)).get_data(as_text=True)  # 农业农村局


def test_a_list_is_taken_down_with_a_reason(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    code = hung(county)
    admin = enter("hua")
    admin.get(f"/console/publicity/lists/{code}")
    assert admin.post(f"/console/publicity/lists/{code}/down", reason="").status_code == 422
    admin.post(f"/console/publicity/lists/{code}/down", reason="亩数弄错了")
    assert visitor.get(f"/publicity/{code}").status_code == 410
    assert audited(county, "publicity.down")[0].detail == {"reason": "亩数弄错了"}
    with county.read() as session:
        assert Publication.by_code(session, code).lines is None


def test_the_printed_list_has_what_a_board_needs(county: Database, enter: Enter) -> None:
    def phones(session: Session) -> None:
        Department.seed(session)
        Department.named(session, "万昌镇").phone = "0432-00000001"

    code = hung(county)
    county.write(phones)
    page = enter("hua").get(f"/console/publicity/print?code={code}").get_data(as_text=True)
    for needed in ("万昌镇花家村", f"{LAND}名单公示", "公示期", code, "监督电话", "0432-00000001", "12345", "盖章", "关*梅", "共4人"):
        assert needed in page, needed
    for secret in (*NAMES[:3], "2202211950", "6299990"):
        assert secret not in page


def test_a_list_that_is_over_is_not_printed_any_more(county: Database, enter: Enter) -> None:
    code = hung(county)
    over(county, code)
    admin = enter("hua")
    assert admin.get(f"/console/publicity/print?code={code}").status_code == 404
    assert "关*梅" not in admin.get(f"/console/publicity/lists/{code}").get_data(as_text=True)


# ---------------------------------------------------------------- how widely


def test_what_is_sensitive_is_widened_only_when_it_is_written_once_more(county: Database, enter: Enter) -> None:
    admin = enter("hua")
    path = f"/console/publicity/exposures/{CHILDREN}"
    admin.get(path)
    first = admin.post(path, exposure=WEB, reason="上级要求公开")
    assert first.status_code == 422
    assert "再确认一次" in first.get_data(as_text=True)
    assert admin.post(path, exposure=WEB, reason="上级要求公开", name="孤儿").status_code == 422
    with county.read() as session:
        assert ItemExposure.of(session, CHILDREN) == NEVER
    assert admin.post(path, exposure=WEB, reason="上级要求公开", name=CHILDREN).status_code == 200
    with county.read() as session:
        assert ItemExposure.of(session, CHILDREN) == WEB
    entry = audited(county, "exposure.decide")[0]
    assert entry.detail == {"was": NEVER, "now": WEB, "reason": "上级要求公开"}
    assert entry.actor == "hua"


def test_a_reason_is_asked_for_every_change(county: Database, enter: Enter) -> None:
    admin = enter("hua")
    path = f"/console/publicity/exposures/{LAND}"
    admin.get(path)
    assert admin.post(path, exposure=BOARD, reason=" ").status_code == 422
    assert admin.post(path, exposure=BOARD, reason="县里会议定的").status_code == 200
    with county.read() as session:
        assert ItemExposure.of(session, LAND) == BOARD


# ---------------------------------------------------------------- the villages' codes


def test_a_village_code_is_asked_for_made_and_printed(county: Database, enter: Enter) -> None:
    township_clerk(county)
    clerk = enter("town")
    page = clerk.get("/console/publicity/codes/")
    assert "还没做" in page.get_data(as_text=True)
    assert "正在要" in clerk.post("/console/publicity/codes/", town="万昌镇").get_data(as_text=True)
    scene = scene_of("万昌镇", "花家")
    assert clerk.get(f"/console/publicity/codes/{scene}").status_code == 404
    county.write(lambda session: VillageCode.made(session, scene, "http://weixin.qq.com/q/abc"))
    poster = clerk.get(f"/console/publicity/codes/{scene}").get_data(as_text=True)
    assert "万昌镇花家村" in poster
    assert "data:image/png" in poster
    assert clerk.get(f"/console/publicity/codes/{scene_of('口前镇', '红旗')}").status_code == 404
    assert clerk.post("/console/publicity/codes/", town="口前镇").status_code == 404


def test_the_public_pages_stand_without_the_console(county: Database) -> None:
    app = Flask("public", static_folder=None)
    app.config["TESTING"] = True
    register_public(app, county, values())
    code = hung(county)
    assert "关*梅" in text_of(app.test_client(), f"/publicity/{code}")

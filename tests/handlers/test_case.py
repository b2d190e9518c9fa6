"""Filing: asked in a minute, kept through interruptions, written once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from models.attachment import Attachment
from models.avoidance import is_barred
from models.case import Case
from models.db import Database
from models.staff import Department
from tests.talk import Phone


@pytest.fixture
def county(database: Database) -> Database:
    """Every department of the county stands in the database."""
    database.write(lambda s: Department.seed(s) and None)
    return database


def cases(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Case))


STORY = "我家低保停了三个月,问了几回都说等着"


def file(phone: Phone, *before: str) -> str:
    return phone.say("我要投诉", STORY, *before, "说完了", "口前镇", "是这项", "15400123456", "提交")


def test_a_complaint_is_filed_with_number_department_and_date(county: Database) -> None:
    said = file(Phone(county))
    assert re.search(r"编号：YJ\d{8}-0001", said)
    assert re.search(r"查询码：\d{6}", said)
    assert "民政局" in said
    assert re.search(r"最晚(\d{4}年)?\d+月\d+日（星期.）答复", said)
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.text, case.town, case.item, case.phone) == (STORY, "口前镇", "最低生活保障", "15400123456")


def test_the_same_message_three_times_files_one_case(county: Database) -> None:
    phone = Phone(county)
    file(phone)
    assert phone.again() == phone.again()
    assert cases(county) == 1


def test_what_was_said_already_is_not_asked_again(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇这边低保三个月没发了,我电话15400123456", "说完了", "是这项")
    assert "提交" in phone.links


def test_back_takes_one_answer_back(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了", "口前镇")
    assert "哪个乡镇" in phone.say("返回")
    phone.say("双河镇", "是这项", "不留电话", "提交")
    with county.read() as session:
        assert session.scalars(select(Case.town)).one() == "双河镇"


def test_cancel_leaves_nothing(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了", "口前镇", "取消")
    assert cases(county) == 0
    assert "怎么" not in phone.say("提交") or cases(county) == 0


def test_change_goes_to_one_answer_and_comes_back(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了", "口前镇", "是这项", "不留电话", "改电话", "154 0012 3456")
    assert "154****3456" in phone.say("改乡镇", "万昌")
    phone.say("提交")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.town, case.phone) == ("万昌镇", "15400123456")


def test_a_question_in_the_middle_is_answered_and_the_open_one_asked_again(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了")
    said = phone.say("低保怎么申请")
    assert "接着刚才的" in said
    assert "哪个乡镇" in said


def test_digits_belong_to_the_open_question(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了", "2", "是这项", "不留电话", "提交")
    with county.read() as session:
        assert session.scalars(select(Case.town)).one() == "双河镇"


def test_a_menu_tap_parks_the_form_and_shows_the_way_back(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了")
    assert "接着办" in phone.event("click", "progress")
    assert "哪个乡镇" in phone.say("接着办")


def test_a_typed_menu_word_parks_the_form_too(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了")
    assert "接着办" in phone.say("问政策")
    assert "哪个乡镇" in phone.say("接着办")


def test_photos_and_voices_join_the_case(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉")
    phone.send("voice", media_id="voice-1")
    phone.send("image", media_id="photo-1")
    phone.say("低保没发", "说完了")
    phone.send("image", media_id="photo-2")
    phone.say("口前镇", "是这项", "不留电话", "提交")
    with county.read() as session:
        kept = session.execute(select(Attachment.media_id, Attachment.kind, Attachment.case_id)).all()
        assert {tuple(row) for row in kept} == {("voice-1", "voice", 1), ("photo-1", "image", 1), ("photo-2", "image", 1)}


def test_a_voice_without_recognition_is_kept_and_a_call_back_offered(county: Database) -> None:
    said = Phone(county).send("voice", media_id="voice-1")
    assert "看不懂" not in said
    assert "电话" in said
    with county.read() as session:
        assert session.scalars(select(Attachment.media_id)).one() == "voice-1"


def test_a_complaint_about_conduct_does_not_go_to_those_complained_about(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要举报县民政局的人收了别人烟酒才给办低保", "说完了", "口前镇")
    while "提交" not in phone.links:
        phone.say(phone.links[-1])
    phone.say("提交")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        bureau = Department.named(session, "民政局")
        assert case.department_id != bureau.id
        assert is_barred(session, case, bureau.id)


def test_progress_is_seen_by_the_owner_and_by_number_and_code(county: Database) -> None:
    owner = Phone(county)
    said = file(owner)
    number, code = re.search(r"YJ\d{8}-\d{4}", said).group(), re.search(r"查询码：(\d{6})", said).group(1)
    assert number in owner.say("查进度")
    stranger = Phone(county, "oStranger")
    assert number in stranger.say(f"查进度 {number} {code}")
    assert STORY not in stranger.say(f"{number} {code}")


def test_a_wrong_code_tells_nothing_and_is_limited(county: Database) -> None:
    said = file(Phone(county))
    number, code = re.search(r"YJ\d{8}-\d{4}", said).group(), re.search(r"查询码：(\d{6})", said).group(1)
    stranger = Phone(county, "oStranger")
    wrong = "100000" if code != "100000" else "100001"
    for _ in range(5):
        assert "没对上" in stranger.say(f"{number} {wrong}")
    assert "明天" in stranger.say(f"{number} {code}")


def test_a_resident_adds_to_a_case_and_withdraws_it(county: Database) -> None:
    phone = Phone(county)
    file(phone)
    assert "补上了" in phone.say("补充情况", "还差两个月")
    assert "撤回" in phone.say("撤回", "撤回")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert case.status == "withdrawn"
        assert [event.text for event in case.events if event.what == "added"] == ["还差两个月"]


def test_the_open_form_survives_a_restart(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了")
    assert "最低生活保障" in Phone(county).say("口前镇")


def test_a_case_outlives_unfollowing_detached(county: Database) -> None:
    phone = Phone(county)
    file(phone)
    phone.event("unsubscribe")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert case.follower_id is None
        assert case.phone == "15400123456"


def test_the_village_named_with_the_township_is_kept(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", STORY, "说完了")
    said = phone.say("我们是万昌花家的", "是这项", "不留电话")
    assert "万昌镇花家" in said
    phone.say("提交")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.town, case.village) == ("万昌镇", "花家")


def test_a_village_of_two_townships_is_asked_for_between_those_two(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要投诉", "我是莲花村的,低保停了三个月没人管", "说完了")
    assert "莲花" in said
    assert {"万昌镇", "金家乡"} <= set(phone.links)
    assert "口前镇" not in phone.links
    assert "金家乡莲花" in phone.say("金家乡", "是这项", "不留电话")

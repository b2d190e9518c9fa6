"""One field put right in free words: the screen shows it, the case holds it, and the words themselves are kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.case import Case
from models.db import Database
from models.staff import Department
from tests.factories import GUAN, live_batch, payment, resident
from tests.talk import Phone


@pytest.fixture
def county(database: Database) -> Database:
    """Every department of the county stands in the database."""
    database.write(lambda s: Department.seed(s) and None)
    return database


def the_case(county: Database) -> Case:
    with county.read() as session:
        found = session.scalars(select(Case)).one()
        session.expunge(found)
        return found


STORY = "我要投诉双河镇的高龄津贴今年少给我300，电话13912345678"


@pytest.mark.parametrize(
    ("words", "shown", "gone"),
    [
        ("不对，是去年的", "时间：2025年", "2026年"), ("年份整错了，前年的", "时间：2024年", "2026年"),
        ("不是300是500", "说到的钱：500元", "：300元"), ("钱数不对，应该是450块", "说到的钱：450元", "：300元"),
        ("刚才写错了 是苇子沟村", "地方：双河镇苇子沟村", "地方：双河镇\n"),
        ("不是今年是去年，不是双河是西阳", "地方：西阳镇", "2026年"), ("不是双河，西阳的", "地方：西阳镇", "地方：双河镇"),
        ("村名打错了，是老姜家村", "地方：双河镇老姜家村", "地方：双河镇\n"), ("不是高龄津贴，是低保", "项目：最低生活保障", "项目：高龄津贴"),
        ("电话写岔了，15400123456", "电话：154****3456", "139****"), ("不是我的，是我婆婆的", "替谁办：您的婆婆", "无"),
    ],
)  # fmt: skip
def test_a_slip_is_put_right_by_saying_it_and_the_words_are_kept(
    county: Database, words: str, shown: str, gone: str
) -> None:
    phone = Phone(county)
    phone.say(STORY)
    said = phone.say(words)
    assert shown in said
    assert gone not in said
    assert "提交" in phone.links
    phone.say("提交")
    assert the_case(county).text == f"{STORY}\n{words}"


def test_what_was_put_right_is_filed(county: Database) -> None:
    Phone(county).say(STORY, "写错了，是苇子沟村", "不是高龄津贴，是低保", "电话写错了，是15400123456", "不是我，是我妈", "提交")
    case = the_case(county)
    assert (case.town, case.village, case.item) == ("双河镇", "苇子沟", "最低生活保障")
    assert (case.phone, case.for_whom) == ("15400123456", "母亲")


@pytest.mark.parametrize(("words", "kind"), [("不是投诉，就是问问", "咨询"), ("我不是来咨询的，是要投诉", "投诉")])
def test_the_kind_is_put_right_by_saying_it(county: Database, words: str, kind: str) -> None:
    Phone(county).say(STORY, words, "提交")
    assert the_case(county).kind == kind


def test_an_age_is_no_year(county: Database) -> None:
    assert "时间：2024年\n" in Phone(county).say("我要投诉，我今年七十三岁，万昌镇的，2024年的低保没给")


def test_a_slip_is_put_right_at_another_question_too(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要反映", "我家地补今年少给了", "不对，是去年的")
    assert "哪个乡镇" in said
    assert "时间：2025年" in phone.say("双河")


def test_back_takes_a_correction_back_with_its_words(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "还有人家都没停", "写错了，是西阳镇", "返回", "提交")
    case = the_case(county)
    assert (case.town, case.text) == ("口前镇", "我要投诉口前镇低保停了三个月\n还有人家都没停")


def test_the_facts_of_a_payment_can_be_put_right(county: Database) -> None:
    def work(session) -> None:
        payment(session, live_batch(session), resident(session, GUAN), stage="发放失败", paid_date=None)

    county.write(work)
    phone = Phone(county)
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    phone.say(next(link for link in phone.links if link.startswith("我要反映")), "不是高龄津贴，是地补", "提交")
    assert the_case(county).item == "耕地地力保护补贴"


def test_a_story_told_anew_forgets_what_was_drawn_from_the_old_one(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "不对，是去年的", "改内容", "重新说", "我家高龄津贴没给，万昌的")
    said = phone.say("说完了")
    assert "2025" not in said
    phone.say("提交")
    case = the_case(county)
    assert (case.town, case.item, case.text) == ("万昌镇", "高龄津贴", "我家高龄津贴没给，万昌的")


def test_changing_the_words_keeps_the_old_ones_unless_they_are_to_be_told_anew(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要投诉口前镇低保停了三个月", "改内容")
    assert "口前镇低保停了三个月" in said
    assert "提交" in phone.links or "请看一下对不对" in phone.say("停了五个月了都没人管")
    phone.say("改内容", "返回", "改内容", "不改了", "提交")
    assert the_case(county).text == "我要投诉口前镇低保停了三个月\n停了五个月了都没人管"


def test_an_answer_that_tells_more_is_kept_whole(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", "低保停了", "我是万昌镇花家村的，村里说我儿子有车就给我停了", "提交")
    case = the_case(county)
    assert (case.town, case.village) == ("万昌镇", "花家")
    assert "我儿子有车" in case.text


def test_a_story_at_the_question_for_a_telephone_is_kept(county: Database) -> None:
    phone = Phone(county)
    phone.send("voice", media_id="voice-1")
    phone.say("请工作人员听", "我说的是低保停了的事，口前镇的")
    said = phone.say("没有电话") if "电话吧" in phone.say("在吗") else ""
    phone.say("提交")
    assert "低保停了" in the_case(county).text
    assert "手机号是11位" not in said


def test_a_village_that_stands_in_no_list_is_kept(county: Database) -> None:
    phone = Phone(county)
    assert "地方：万昌镇老孙家屯" in phone.say("我要投诉万昌镇老孙家屯低保停了三个月")
    phone.say("提交")
    assert (the_case(county).town, the_case(county).village) == ("万昌镇", "老孙家屯")


# ---- out of sight ----


@pytest.mark.parametrize("words", ["别让他们知道是我说的", "能不能给我保密，别告诉村里", "怕人报复", "千万别说是我"])
def test_a_wish_to_be_kept_out_of_sight_seals_and_changes_neither_kind_nor_department(
    county: Database, words: str
) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    said = phone.say(words)
    assert "给您保密" in said
    assert "按投诉办" in said
    phone.say("提交")
    case = the_case(county)
    assert (case.kind, case.confidential) == ("投诉", True)
    assert words in case.text
    with county.read() as session:
        assert session.get_one(Department, case.department_id).name == "民政局"


def test_such_a_wish_within_the_story_keeps_the_day_of_the_answer(county: Database) -> None:
    said = Phone(county).say("我要投诉口前镇低保停了三个月，别让村里知道")
    assert "按投诉办，最晚" in said
    assert "看不到您是谁" in said


def test_a_wish_for_secrecy_can_be_taken_back(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "保密", "不用保密了", "提交")
    assert not the_case(county).confidential


@pytest.mark.parametrize("words", ["会不会让他知道啊", "他能看见是我写的吗"])
def test_a_fear_is_answered_and_is_no_part_of_the_story(county: Database, words: str) -> None:
    phone = Phone(county)
    phone.say("我要举报万昌镇花家村书记把低保给他小舅子办了")
    assert "放心" in phone.say(words)
    phone.say("提交")
    assert words not in the_case(county).text


def test_a_telephone_is_taken_out_again(county: Database) -> None:
    phone = Phone(county)
    phone.say(STORY)
    assert "电话：不留" in phone.say("别留电话了")
    phone.say("提交")
    assert the_case(county).phone is None


def test_an_identity_number_is_not_shown_again_and_yet_filed(county: Database) -> None:
    phone = Phone(county)
    said = phone.say(f"我要投诉，我叫关玉梅，身份证{GUAN['id_number']}，口前镇的，低保停了三个月")
    assert GUAN["id_number"] not in said
    assert f"****{GUAN['id_number'][-4:]}" in said
    phone.say("提交")
    assert GUAN["id_number"] in the_case(county).text

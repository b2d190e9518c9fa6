"""Filing as old people do it: all at once, in pieces, by voice, photo first, with a change of mind and a question in the middle."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.attachment import Attachment
from models.base import now
from models.case import Case
from models.db import Database
from models.follower import Conversation
from models.staff import Department
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


WHOLE = "双河镇苇子沟村的低保，去年停了三个月，少了一千二，我电话154 0012 3456"


def test_a_whole_story_is_shown_for_confirmation_at_once(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉")
    said = phone.say(WHOLE)
    for shown in ("双河镇苇子沟村", "最低生活保障", "2025年", "1,200元", "154****3456", "民政局", "提交"):
        assert shown in said
    phone.say("提交")
    case = the_case(county)
    assert (case.text, case.town, case.village, case.item, case.phone) == (WHOLE, "双河镇", "苇子沟", "最低生活保障", "15400123456")


def test_only_what_is_missing_is_asked(county: Database) -> None:
    phone = Phone(county)
    assert "哪个乡镇" in phone.say("我要投诉低保三个月没发了")
    assert "提交" in phone.say("一拉溪")


def test_a_telephone_is_not_asked_for(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要投诉万昌镇低保三个月没发")
    assert "不留" in said
    phone.say("提交")
    assert the_case(county).phone is None


def test_a_story_in_five_pieces_is_one_case(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", "我是万昌的", "花家村", "那个地补", "去年就没给我发下来", "村里说名单上没有我家", "提交")
    case = the_case(county)
    assert case.text.count("\n") == 4
    assert (case.town, case.village, case.item) == ("万昌镇", "花家", "耕地地力保护补贴")


def test_a_piece_that_comes_at_another_question_is_kept(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", "低保停了三个月没发")
    said = phone.say("跑了五趟乡里都没人给个说法")
    assert "记下了" in said
    assert "哪个乡镇" in said
    phone.say("口前镇", "提交")
    assert "跑了五趟" in the_case(county).text


def test_the_last_piece_can_be_taken_back(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "还有我家地补也没给", "返回", "提交")
    assert the_case(county).text == "我要投诉口前镇低保停了三个月"


def test_more_of_the_story_can_name_the_item(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要反映", "口前镇的，去年的钱没到", "都不是")
    assert "高龄津贴" in phone.say("就是老人那个高龄津贴")


def test_a_vague_story_is_asked_for_its_kind_in_plain_words(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要反映", "我们村里头有个事想找个人好好说道说道", "说完了")
    assert "哪一种" in said
    assert phone.links == ["想问事", "钱没到", "有人做得不对", "想看文件"]
    assert "信访" not in said


def test_whoever_says_that_somebody_does_wrong_is_asked_who_and_that_office_is_kept_out(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要反映", "我们那个地方有个事想找个人好好说道说道", "说完了", "有人做得不对")
    assert "乡镇的干部" in phone.links
    phone.say("乡镇的干部", "口前镇")
    while "提交" not in phone.links:
        phone.say(phone.links[-1])
    assert "口前镇" not in phone.say("提交").split("查询码")[1].split("最晚")[0].replace("编号", "")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.kind, case.confidential) == ("举报", True)
        assert case.department_id != Department.named(session, "乡镇人民政府", "口前镇").id


def test_a_kind_can_be_changed_and_petition_stands_last(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "改类别")
    assert phone.links[-1] == "走信访"
    assert "信访" in phone.say("走信访")
    phone.say("提交")
    assert the_case(county).kind == "信访"


def test_the_opening_names_the_kind(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要申请公开", "口前镇2025年地补发放明细", "提交")
    assert the_case(county).kind == "信息公开申请"


# ---- photos and voices ----


def test_a_photo_sent_first_goes_with_the_case(county: Database) -> None:
    phone = Phone(county)
    phone.send("image", media_id="photo-1")
    said = phone.say("我要投诉口前镇低保停了三个月")
    assert "照片1张" in said
    phone.say("提交")
    with county.read() as session:
        assert session.scalars(select(Attachment.case_id)).one() is not None


def test_a_voice_that_nobody_wrote_down_needs_a_number_to_call_back(county: Database) -> None:
    phone = Phone(county)
    phone.send("voice", media_id="voice-1")
    assert "电话" in phone.say("请工作人员听")
    said = phone.say("154 0012 3456")
    assert "录音1段" in said
    phone.say("提交")
    with county.read() as session:
        assert session.scalars(select(Attachment.case_id)).one() is not None
        assert session.scalars(select(Case.phone)).one() == "15400123456"


def test_a_place_that_was_sent_tells_the_township(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉", "低保停了三个月没发")
    said = phone.send("location", text="吉林省吉林市永吉县万昌镇花家村")
    assert "地方：万昌镇" in said


def test_a_voice_with_words_is_a_piece_like_any_other(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉")
    said = phone.send("voice", text="口前镇我家低保停了仨月", media_id="voice-1")
    assert "最低生活保障" in said
    assert "录音1段" in said


# ---- a change of mind ----


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("万昌镇", "地方：万昌镇"), ("是双河镇", "地方：双河镇"), ("15400123456", "154****3456"), ("154 0012 3456", "154****3456"),
        ("高龄津贴", "项目：高龄津贴"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_the_screen_is_put_right_by_saying_it(county: Database, word: str, shown: str) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    assert shown in phone.say(word)
    assert "提交" in phone.links


@pytest.mark.parametrize("word", ["说完了", "是这项", "不知道", "在吗", "嗯嗯嗯", "？"])
def test_an_idle_word_files_nothing_and_is_not_part_of_the_story(county: Database, word: str) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", word)
    assert "提交" in phone.links
    phone.say("提交")
    assert the_case(county).text == "我要投诉口前镇低保停了三个月"


def test_a_question_in_the_middle_is_answered_and_not_part_of_the_story(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    assert "接着刚才的" in phone.say("高龄津贴怎么申请")
    phone.say("提交")
    assert "怎么申请" not in the_case(county).text


def test_a_pause_does_not_lose_the_draft_and_a_day_does(county: Database) -> None:
    phone = Phone(county)
    assert "24小时" in phone.say("我要投诉")
    phone.say("口前镇低保停了三个月")

    def wait(session, for_: timedelta) -> None:
        row = session.scalars(select(Conversation)).one()
        row.expires_at = row.expires_at - for_

    county.write(lambda s: wait(s, timedelta(hours=20)))
    phone.dispatcher.behind.close()
    assert "编号" in phone.say("提交")
    phone.say("我要投诉口前镇低保停了三个月")
    county.write(lambda s: wait(s, timedelta(hours=25)))
    assert "编号" not in phone.say("提交")


def test_two_drafts_are_never_mixed(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月", "取消", "我要投诉万昌镇地补没到", "提交")
    assert "低保" not in the_case(county).text


# ---- for another, without a name, sealed ----


def test_a_case_for_a_parent_says_so_and_asks_for_no_number(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要反映", "替我妈问，她的养老金停了，口前镇")
    assert "替谁办：您的母亲" in said
    phone.say("提交")
    assert the_case(county).for_whom == "母亲"


def test_a_tap_seals_a_case(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    said = phone.say("为我保密")
    assert "看不到您是谁" in said
    assert "为我保密" not in phone.links
    assert "群众甲" in phone.say("提交")
    assert the_case(county).confidential


def test_without_a_name_there_is_no_telephone_either_and_the_code_opens_the_progress(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("匿名反映，口前镇低保停了三个月没人管，15400123456")
    assert "不留" in said
    said = phone.say("提交")
    case = the_case(county)
    assert (case.phone, case.contact_name, case.confidential) == (None, None, True)
    code = re.search(r"查询码：(\d{6})", said).group(1)
    assert case.number in Phone(county, "oOther").say(f"{case.number} {code}")


def test_a_report_of_officials_goes_sealed_and_promises_no_day(county: Database) -> None:
    phone = Phone(county)
    said = phone.say("我要举报口前镇财政所的人把我家退耕款截下来了")
    assert "没有固定期限" in said
    assert "最晚" not in said
    said = phone.say("提交")
    assert "最晚" not in said
    assert "密封" in said
    case = the_case(county)
    assert (case.kind, case.confidential, case.due_at) == ("举报", True, None)
    assert case.filed_at <= now()


def test_a_story_that_was_answered_with_an_article_need_not_be_told_again(county: Database) -> None:
    phone = Phone(county)
    phone.say("我爹今年满八十四了，高龄津贴一次没领过，村里说忘报了")
    said = phone.say("我要投诉")
    assert "高龄津贴" in said + phone.say("万昌镇")
    phone.say("提交")
    case = the_case(county)
    assert (case.item, case.for_whom) == ("高龄津贴", "父亲")


def test_a_question_or_a_proposal_to_a_county_office_needs_no_township(county: Database) -> None:
    assert "提交" in Phone(county).say("我要建议，把每年每亩补多少钱写张大纸贴出来")


def test_a_number_spelt_out_is_a_number(county: Database) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    assert "154****3456" in phone.say("我电话幺五四零零一二三四五六")


@pytest.mark.parametrize("word", ["算了", "撤回", "不告了"])
def test_whoever_gives_up_is_told_how_and_nothing_is_filed(county: Database, word: str) -> None:
    phone = Phone(county)
    phone.say("我要投诉口前镇低保停了三个月")
    assert "取消" in phone.say(word)
    phone.say("取消")
    with county.read() as session:
        assert session.scalars(select(Case)).all() == []

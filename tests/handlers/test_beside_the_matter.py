"""What is said beside the matter: a nod, 算了, 人工, 好了没, a sticker; and what comes late."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models.attachment import Attachment
from models.case import Case
from models.db import Database
from models.staff import Department
from tests.talk import Phone

STORY = "我要投诉口前镇低保停了三个月"


@pytest.fixture
def county(database: Database) -> Database:
    """Every department of the county stands in the database."""
    database.write(lambda s: Department.seed(s) and None)
    return database


@pytest.fixture
def phone(county: Database) -> Phone:
    return Phone(county)


def cases(county: Database) -> list[Case]:
    with county.read() as session:
        found = list(session.scalars(select(Case).order_by(Case.id)))
        session.expunge_all()
        return found


def media(county: Database) -> dict[str, int | None]:
    with county.read() as session:
        return dict(session.execute(select(Attachment.media_id, Attachment.case_id)).all())


# ---- while a case is being told ----


@pytest.mark.parametrize("word", ["嗯呢", "对呗", "交", "都对", "没毛病", "1", "一", "第一个"])
def test_a_plain_yes_hands_the_case_in(county: Database, phone: Phone, word: str) -> None:
    assert "编号：" in phone.say(STORY, word)
    assert len(cases(county)) == 1


@pytest.mark.parametrize(
    "word",
    ["嗯", "在吗？", "好了没", "交上去了吗", "[微笑]", "啥时候能答复我", "谢谢了", "这个归谁管", "能给我办吗", "然后呢", "同意"],
)
def test_beside_the_screen_nothing_is_filed_and_the_way_on_is_told(county: Database, phone: Phone, word: str) -> None:
    said = phone.say(STORY, word)
    assert "没交上去" in said
    assert "提交" in phone.links
    assert cases(county) == []
    phone.say("提交")
    assert cases(county)[0].text == STORY


@pytest.mark.parametrize("begin", [(STORY,), ("我要投诉", "我家地补没给"), ("我要投诉",), ("查补贴", "同意")])
def test_whoever_wants_a_person_in_the_middle_is_told_and_asked_again(phone: Phone, begin: tuple[str, ...]) -> None:
    asked = phone.say(*begin)
    said = phone.say("转人工")
    assert "12345" in said
    assert asked in said.replace("接着刚才的：\n", "")


@pytest.mark.parametrize("word", ["算了", "不整了", "拉倒吧", "不投诉了"])
def test_whoever_has_had_enough_is_shown_the_way_out_at_any_question(county: Database, phone: Phone, word: str) -> None:
    assert "取消" in phone.say("我要投诉", "我家地补没给", word)
    assert "取消" in phone.links
    assert "提交" in phone.say("口前镇")
    assert cases(county) == []


def test_what_the_open_question_cannot_read_brings_the_question_again(phone: Phone) -> None:
    assert "哪个乡镇" in phone.say("我要投诉", "我家地补没给", "嗯嗯嗯")


def test_saying_again_that_one_complains_loses_nothing(county: Database, phone: Phone) -> None:
    said = phone.say("我要投诉", "我家地补没给", "我要投诉")
    assert "哪个乡镇" in said
    phone.say("口前镇", "我要投诉", "提交")
    assert [case.text for case in cases(county)] == ["我家地补没给"]


def test_few_words_with_a_figure_are_a_piece_of_the_story(county: Database, phone: Phone) -> None:
    phone.say(STORY, "8亩", "三个月", "给停了", "提交")
    assert cases(county)[0].text == f"{STORY}\n8亩\n三个月\n给停了"


def test_a_photo_before_the_words_changes_nothing_of_what_they_tell(phone: Phone) -> None:
    phone.say("我要投诉")
    phone.send("image", media_id="photo-1")
    assert "哪个乡镇" in phone.say("低保停了三个月没给")
    assert "按投诉办" in phone.say("口前镇")


def test_a_video_is_refused_in_words_at_any_question(phone: Phone) -> None:
    phone.say(STORY)
    assert "视频收不了" in phone.send("video", media_id="video-1")


def test_whoever_does_not_know_the_township_need_not(county: Database, phone: Phone) -> None:
    assert "地方：不清楚" in phone.say("我要投诉", "我家地补没给", "我也不知道归哪个镇")
    assert "提交" in phone.links


def test_submitting_before_the_end_goes_on_instead_of_being_written_down(county: Database, phone: Phone) -> None:
    phone.say("我要投诉", "口前镇的", "提交")
    assert "想问事" in phone.links


def test_whoever_is_in_danger_is_told_whom_to_ring_before_anything_is_asked(phone: Phone) -> None:
    said = phone.say("我要投诉", "低保停了我没钱买药，活不下去了，想喝药")
    assert "12356" in said
    assert "哪个乡镇" in said
    assert "12356" not in phone.say("口前镇")


def test_a_complaint_spoken_as_one_is_no_request_for_papers(phone: Phone) -> None:
    assert "按投诉办" in phone.say("我要投诉一拉溪镇高龄津贴少给我300")


def test_the_number_of_a_hotline_is_no_sum_of_money(phone: Phone) -> None:
    assert "说到的钱" not in phone.say("我要投诉，我打12345三回了，万昌镇低保还是没给")


# ---- before it: nothing said is lost ----


@pytest.mark.parametrize(
    "text",
    [
        "领导你好，我是双河镇的，2025年的地补到现在没给，跑了三趟都不管，请领导给做主",
        "口前镇我家高龄津贴停了仨月了，我电话15400123456", "不想留名字，我们屯长把死人的低保领了半年，万昌镇",
        "替隔壁老王头反映个事，五保钱三个月没打了，北大湖镇",
    ],
)  # fmt: skip
def test_a_plea_is_a_filing_without_the_word_complaint(phone: Phone, text: str) -> None:
    assert "请看一下对不对" in phone.say(text)


def test_a_story_told_to_the_articles_goes_on_with_place_and_questions_in_between(phone: Phone) -> None:
    phone.say("我家种了8亩地，去年粮补就给了5亩的钱，问村里说不知道")
    assert "记下了" in phone.say("双河镇苇子沟的")
    phone.say("低保怎么申请")
    said = phone.say("我要投诉")
    assert "8亩" in said
    assert "双河镇苇子沟村" in said


def test_a_story_taken_up_again_is_named(phone: Phone) -> None:
    phone.say("我家种了8亩地，去年粮补就给了5亩的钱，问村里说不知道")
    said = phone.say("我要投诉")
    assert "就办您刚才说的这件" in said
    assert "取消" in said


def test_the_item_just_asked_about_is_the_item_of_the_complaint(phone: Phone) -> None:
    phone.say("地补没到账", "我要投诉", "钱一直没给", "口前镇")
    assert "项目：耕地地力保护补贴" in phone.say("在吗", "说完了")


# ---- after it ----


@pytest.mark.parametrize("word", ["好了没", "咋还没信儿", "谁给我办", "我还用去镇里吗", "你们到底管不管", "我那个事办得咋样了", "有结果了吗？"])
def test_how_far_it_is_may_be_asked_in_any_words(phone: Phone, word: str) -> None:
    assert "收下了，等" in phone.say(STORY, "提交", word)


def test_such_words_of_somebody_without_a_case_are_a_question_like_any_other(phone: Phone) -> None:
    assert "编号" not in phone.say("好了没")


@pytest.mark.parametrize("word", ["忘了说了，是从8月份开始停的", "不对，是去年停的"])
def test_more_of_it_is_added_when_it_comes_by_itself(county: Database, phone: Phone, word: str) -> None:
    said = phone.say(STORY, "提交", word)
    assert "补到刚才那件里" in said
    phone.send("image", media_id="photo-1")
    assert "补上了" in phone.say("补到那件里")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert [event.text for event in case.events if event.what == "added"] == [word]
    assert media(county) == {"photo-1": 1}


@pytest.mark.parametrize("words", [("15400123456", "对"), ("补充情况", "我电话换成15400123456了")])
def test_a_number_that_comes_late_is_the_one_to_ring(county: Database, phone: Phone, words: tuple[str, str]) -> None:
    assert "154****3456" in phone.say(STORY, "提交", *words)
    assert cases(county)[0].phone == "15400123456"


@pytest.mark.parametrize(("number", "told"), [("", "到日子您来发一句“查进度”"), ("，电话15400123456", "按您留的电话找您")])
def test_the_receipt_says_how_the_answer_arrives_after_two_days_of_silence(phone: Phone, number: str, told: str) -> None:
    assert told in phone.say(STORY + number, "提交")


def test_another_matter_is_another_case_and_need_not_be_told_twice(county: Database, phone: Phone) -> None:
    phone.say(STORY, "提交", "还有一个事，我家地补也少给了两亩", "另外一件事", "口前镇", "提交")
    first, second = cases(county)
    assert (first.item, second.item) == ("最低生活保障", "耕地地力保护补贴")
    assert first.text == STORY


def test_the_same_story_is_not_filed_twice_unless_they_say_so(county: Database, phone: Phone) -> None:
    phone.say(STORY, "提交")
    assert "交过了" in phone.say("我要投诉 口前镇低保停了三个月！")
    assert "照常办" in phone.say("好")
    assert len(cases(county)) == 1
    phone.say(STORY, "另交一件", "提交")
    assert len(cases(county)) == 2


def test_a_photo_sent_after_filing_is_added_by_one_tap(county: Database, phone: Phone) -> None:
    phone.say(STORY, "提交")
    assert "补充情况" in phone.send("image", media_id="photo-1")
    assert "照片1张" in phone.say("补充情况")
    phone.say("就这些")
    assert media(county) == {"photo-1": 1}


def test_one_of_two_cases_is_chosen_by_what_it_is_about(county: Database, phone: Phone) -> None:
    phone.say(STORY, "提交", "我要投诉万昌镇高龄津贴没发", "提交", "撤回", "高龄津贴那个", "嗯呢")
    assert [case.status for case in cases(county)] == ["filed", "withdrawn"]


# ---- without a case ----


def test_progress_without_a_case_says_so_and_a_number_is_not_needed(phone: Phone) -> None:
    assert "还没有交过事" in phone.say("查进度")
    assert "12333" in phone.say("没有编号")


@pytest.mark.parametrize("word", ["人工", "转人工客服", "我要找个活人说"])
def test_whoever_wants_a_person_is_told_whom_to_ring(phone: Phone, word: str) -> None:
    said = phone.say(word)
    assert "12345" in said
    assert "我要咨询" in phone.links


def test_a_sticker_is_no_question(phone: Phone) -> None:
    assert "我在呢" in phone.say("[微笑]")
    assert "我在呢" in phone.say("？？？")


def test_a_photo_while_one_asks_for_progress_is_kept(county: Database, phone: Phone) -> None:
    phone.say("查进度")
    phone.send("image", media_id="photo-1")
    assert media(county) == {"photo-1": None}


@pytest.mark.parametrize("words", ["哎呀，不投诉了", "我不想告了", "把刚才的投诉撤了吧", "算了，不举报了"])
def test_taking_back_is_understood_in_any_words_and_asked_once_more(county: Database, phone: Phone, words: str) -> None:
    assert "撤回编号" in phone.say(STORY, "提交", words)
    assert cases(county)[0].status == "filed"
    phone.say("对")
    assert cases(county)[0].status == "withdrawn"


def test_nothing_is_filed_by_all_of_this(county: Database, phone: Phone) -> None:
    phone.say("提交", "好了没", "嗯呢", "[强]", "我要投诉", "算了", "取消", "提交")
    with county.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize("wish", ["不留名字", "我不想留姓名", "别让村里知道是我说的", "我不要留电话"])
def test_a_wish_before_the_story_is_kept_and_the_story_still_asked_for(county: Database, phone: Phone, wish: str) -> None:
    phone.say("我要投诉")
    assert "请说说是什么事" in phone.say(wish)
    shown = phone.say("口前镇低保停了三个月也没个说法")
    assert f"事情：{wish}" not in shown
    phone.say("提交")
    kept = cases(county)[-1]
    assert "低保停了三个月" in kept.text
    assert kept.phone is None
    assert kept.confidential or "电话" in wish

"""公示 in the chat: one's own village, an objection that becomes a case, a village's code."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.catalogue.items import ITEMS
from knowledge.publicity import NEVER, scene_of
from models.case import Case
from models.db import Database
from models.follower import Follower, Message
from models.payment import Batch
from models.publicity import ItemExposure, Publication
from models.resident import Binding, Resident
from models.staff import Department
from models.village import FollowerPlace
from tests.publications import LAND, boss, hang, hung, over, pay, today
from tests.talk import VALUES, Phone, connected


@pytest.fixture
def county(database: Database) -> Database:
    database.write(lambda s: Department.seed(s) and None)
    return database


def scan(phone: Phone, event: str = "scan", town: str = "万昌镇", village: str = "花家") -> str:
    key = scene_of(town, village)
    return phone.event(event, key if event == "scan" else f"qrscene_{key}")


def the_case(database: Database) -> Case:
    with database.read() as session:
        case = session.scalars(select(Case)).one()
        _ = case.department.name
        return case


def online(database: Database) -> Phone:
    dispatcher = connected(database)
    dispatcher._values = replace(VALUES, public_url="https://mbk.example.gov.cn")
    return Phone(database, dispatcher=dispatcher)


# ---- the lists ----


def test_the_list_of_the_own_village_is_found_by_asking_for_it(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    assert "哪个乡镇" in phone.say("看看公示名单")
    said = phone.say("万昌镇花家村")
    assert code in said
    assert LAND in said
    assert "4人" in said
    assert "公开栏" in said
    assert f"异议 {code}" in phone.links


def test_the_link_leads_to_the_page_where_there_is_one(county: Database) -> None:
    code = hung(county)
    assert f"https://mbk.example.gov.cn/publicity/{code}" in online(county).say("万昌镇花家村公示")


def test_a_list_for_the_board_only_has_no_link(county: Database) -> None:
    hung(county, item="最低生活保障")
    said = online(county).say("花家村低保公示")
    assert "贴在花家村的村务公开栏" in said
    assert "https" not in said


def test_no_name_is_ever_said_in_the_chat(county: Database) -> None:
    code = hung(county)
    phone = online(county)
    for said in (phone.say("花家村公示"), phone.say(code)):
        assert not re.search("关|佟|朴春|刘刚", said)


def test_an_item_that_is_never_shown_is_declined_kindly(county: Database) -> None:
    said = Phone(county).say("看看孤儿补贴的公示名单")
    assert "保护孩子" in said
    assert "查补贴" in said


def test_a_county_that_shows_less_is_obeyed_at_once(county: Database) -> None:
    code = hung(county)
    county.write(lambda s: ItemExposure.decide(s, boss(s), LAND, NEVER, "县里定的，不再公示", sure=True))
    phone = Phone(county)
    assert "不公示名单" in phone.say("花家村地补公示")
    assert code not in phone.say("花家村公示")


def test_nothing_hangs_is_said_with_a_way_on(county: Database) -> None:
    code = hung(county)
    over(county, code)
    said = Phone(county).say("花家村公示")
    assert "没有正在公示" in said
    assert "12345" in said


def test_a_list_of_a_withdrawn_file_is_gone(county: Database) -> None:
    code = hung(county)
    county.write(lambda s: [batch.withdraw() for batch in s.scalars(select(Batch))])
    assert "没有正在公示" in Phone(county).say("花家村公示")
    assert "已经结束" in Phone(county).say(code)


def test_a_village_that_stands_in_two_townships_is_asked_for(county: Database) -> None:
    phone = Phone(county)
    phone.say("公示")
    assert "有2个" in phone.say("狼头村")
    assert any("西阳镇" in link for link in phone.links)
    assert "万昌镇狼头村" in phone.say("万昌镇狼头村")


def test_only_the_township_known_leaves_the_village_to_ask(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    assert "哪个村" in phone.say("公示", "万昌镇")
    assert code in phone.say("花家")


def test_the_whole_township_can_be_seen(county: Database) -> None:
    code = hung(county)
    assert code in Phone(county).say("公示", "万昌镇", "全乡镇的都看")


def test_who_is_bound_is_not_asked_for_the_village(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    phone.follow()

    def bind(session: Session) -> None:
        Binding.make(session, Follower.met(session, "oGuan"), session.scalars(select(Resident)).first(), "name")

    county.write(bind)
    assert code in phone.say("我们村的公示")


def test_what_publicity_is_is_told_by_the_article(county: Database) -> None:
    assert "公示就是贴出来" in Phone(county).say("公示是什么意思")


def test_a_list_not_yet_begun_is_not_there(county: Database) -> None:
    code = hung(county, starts_on=today() + timedelta(days=1))
    phone = Phone(county)
    assert "没有正在公示" in phone.say("花家村公示")
    assert "没有编号是" in phone.say(code)


# ---- the code of a village ----


def test_following_through_a_village_code_greets_and_keeps_the_village(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    said = scan(phone, "subscribe")
    assert "您好" in said
    assert "万昌镇花家村" in said
    assert code in phone.say("我们村的公示")


def test_scanning_another_code_changes_the_guess(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    scan(phone, "subscribe", "口前镇", "红旗")
    assert code not in phone.say("我们村的公示")
    assert "花家村" in scan(phone)
    assert code in phone.say("我们村的公示")


def test_a_village_named_in_words_wins_over_the_scanned_one(county: Database) -> None:
    phone = Phone(county)
    scan(phone)
    assert "口前镇红旗村" in phone.say("口前镇红旗村的公示")


def test_a_foreign_code_only_greets(county: Database) -> None:
    phone = Phone(county)
    assert "您好" in phone.event("subscribe", "qrscene_some-other-use")
    assert phone.event("scan", "some-other-use") == ""


def test_the_scanned_village_spares_the_question_when_a_case_is_filed(county: Database) -> None:
    phone = Phone(county)
    scan(phone)
    said = phone.say("我要投诉", "我家低保停了三个月，没人管", "说完了", "是这项", "15400123456")
    assert "地方：万昌镇花家" in said
    phone.say("提交")
    case = the_case(county)
    assert (case.town, case.village) == ("万昌镇", "花家")


def test_the_place_in_the_story_wins_over_the_scanned_one(county: Database) -> None:
    phone = Phone(county)
    scan(phone)
    said = phone.say("我要投诉", "口前镇我家低保停了三个月", "说完了", "是这项", "15400123456")
    assert "地方：口前镇" in said


def test_unfollowing_forgets_the_village(county: Database) -> None:
    phone = Phone(county)
    scan(phone)
    phone.event("unsubscribe")
    with county.read() as session:
        assert session.scalar(select(func.count()).select_from(FollowerPlace)) == 0
    phone.follow()
    assert "哪个乡镇" in phone.say("公示")


# ---- an objection ----


def test_an_objection_is_filed_with_item_batch_and_village(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    assert "哪里不对" in phone.say(f"异议 {code}")
    said = phone.say("我家少算了两亩地", "说完了", "15400123456")
    assert "万昌镇花家" in said
    assert LAND in said
    assert "农业农村局" in said
    assert "编号：" in phone.say("提交")
    case = the_case(county)
    assert (case.item, case.town, case.village, case.department.name) == (LAND, "万昌镇", "花家", "农业农村局")
    assert code in case.text
    assert "2026年第1批" in case.text
    assert "少算了两亩" in case.text
    assert case.kind in ("投诉", "举报")


def test_what_is_told_beside_the_code_is_not_asked_again(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    assert "还有要补充" in phone.say(f"{code} 里姓佟的那家没那么多地")
    phone.say("说完了", "不留电话", "提交")
    assert "没那么多地" in the_case(county).text


def test_an_objection_without_a_code_finds_the_only_list_of_the_village(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    scan(phone)
    assert code in phone.say("公示有异议")


def test_of_several_lists_one_is_chosen(county: Database) -> None:
    hung(county)

    def another(session: Session) -> str:
        pay(session, ("安国山",), item="最低生活保障", first=20)
        return hang(session, item="最低生活保障").code

    code = county.write(another)
    phone = Phone(county)
    scan(phone)
    assert "是哪一份" in phone.say("公示有异议")
    assert code in phone.say(code)


def test_an_objection_can_change_the_township_before_it_is_filed(county: Database) -> None:
    code = hung(county)
    phone = Phone(county)
    phone.say(f"异议 {code}", "亩数不对", "说完了", "不留电话")
    assert "哪个乡镇" in phone.say("改乡镇")
    assert "口前镇" in phone.say("口前镇")


def test_after_the_period_an_objection_is_still_taken(county: Database) -> None:
    code = hung(county)
    over(county, code)
    phone = Phone(county)
    assert "已经结束" in phone.say(code)
    assert "哪里不对" in phone.say(f"异议 {code}")


def test_an_unknown_code_leads_on(county: Database) -> None:
    phone = Phone(county)
    assert "没有对上" in phone.say("异议 GS-9999")
    assert "我要投诉" in phone.links
    assert "没有编号是GS-9999" in phone.say("GS-9999")


# ---- one sheet ----


@pytest.mark.parametrize("asked", ["一张单", "补贴清单", "补贴都有哪些"])
def test_the_sheet_names_every_item(county: Database, asked: str) -> None:
    phone = online(county)
    said = phone.say(asked)
    while "更多" in phone.links:
        said += phone.say("更多")
    assert [item for item in ITEMS if item not in said] == []
    assert "https://mbk.example.gov.cn/items" in said


def test_looking_at_lists_writes_nothing(county: Database) -> None:
    hung(county)
    phone = Phone(county)
    phone.follow()
    with county.read() as session:
        before = session.scalar(select(func.count()).select_from(Message))
    phone.say("花家村公示")
    with county.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == before


def test_the_lines_of_a_list_that_is_gone_are_deleted(county: Database) -> None:
    code = hung(county)
    over(county, code)
    assert county.write(Publication.clear_gone) == 1
    assert county.write(Publication.clear_gone) == 0
    with county.read() as session:
        kept = Publication.by_code(session, code)
        assert kept.lines is None
        assert kept.persons == 4

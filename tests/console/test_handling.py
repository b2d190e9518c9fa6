"""Between departments, at the desks: offered and taken, given back, helped with, sealed copies, bars."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.attachment import Attachment
from models.audit import AuditEntry
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.staff import Department
from tests.console.factories import Browser, case_of, file_case, make_app
from tests.console.matrix import PEOPLE
from tests.console.matrix_cases import hire

WHO = {user: letter for letter, (user, *_) in PEOPLE.items()}


@pytest.fixture
def house(database: Database) -> Database:
    """One person of every role."""
    hire(database)
    return database


def desk(house: Database, username: str, page: str = "/console/") -> Browser:
    """The browser of one of them, at a page."""
    browser = Browser(make_app(house))
    assert browser.log_in(username).status_code == 200
    browser.get(page)
    return browser


def office(house: Database, name: str) -> int:
    with house.read() as session:
        found = session.scalars(select(Department.id).where(Department.name == name)).one()
    return int(found)


def where(house: Database, number: str) -> tuple[str, str, str | None]:
    """The department, the status, and why the coordinator is waited for."""
    with house.read() as session:
        case = case_of(session, number)
        return case.department.name, case.status, case.triage


def told(house: Database) -> list[str]:
    with house.read() as session:
        return list(session.scalars(select(Delivery.text).order_by(Delivery.id)))


def test_an_offer_is_shown_at_both_desks_and_taken_at_one(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason="归乡里")
    assert "对方点了“接收”，才算转过去" in lin.text
    assert "等对方接收" in lin.text
    assert "等口前镇接收" in lin.get("/console/cases/").get_data(as_text=True)
    jiang = desk(house, "jiang", "/console/cases/")
    assert number not in jiang.text  # the own queue is the own work
    assert "等我们接收" in jiang.text
    assert number in jiang.get("/console/cases/?state=incoming").get_data(as_text=True)
    page = jiang.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "接收，由我们办" in page
    assert "写给群众的话" not in page
    jiang.post(f"/console/cases/{number}/take")
    assert where(house, number) == ("口前镇", "accepted", None)
    assert told(house) == [f"您的事（编号{number}）已转到永吉县口前镇人民政府办理。答复时间不变。"]
    assert lin.get(f"/console/cases/{number}").status_code == 404


def test_a_transfer_needs_a_reason_and_a_department(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    assert lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason=" ").status_code == 422
    assert "为什么转办" in lin.text
    assert lin.post(f"/console/cases/{number}/transfer", reason="归乡里").status_code == 422
    assert "请选一个部门" in lin.text
    assert "归乡里" in lin.text  # what was typed stays
    assert where(house, number)[0] == "民政局"


def test_a_declined_offer_says_why_to_the_first_alone(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason="归乡里")
    jiang = desk(house, "jiang", f"/console/cases/{number}")
    assert jiang.post(f"/console/cases/{number}/decline", reason="").status_code == 422
    jiang.post(f"/console/cases/{number}/decline", reason="低保归民政局审")
    assert jiang.page is not None
    assert jiang.page.request.path == "/console/cases/"
    assert "低保归民政局审" in lin.get(f"/console/cases/{number}").get_data(as_text=True)
    assert told(house) == []
    assert jiang.post(f"/console/cases/{number}/take").status_code == 404


def test_an_offer_can_be_taken_back(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason="归乡里")
    lin.post(f"/console/cases/{number}/take-back")
    assert "收回了" in lin.text
    assert desk(house, "jiang").get(f"/console/cases/{number}").status_code == 404


def test_giving_back_is_offered_only_while_it_may_be_done(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    assert "退给统筹部门" in lin.text
    lin.post(f"/console/cases/{number}/return", reason="归乡里管")
    assert where(house, number) == ("民政局", "filed", "returned")
    assert "等统筹部门定" in lin.get("/console/cases/").get_data(as_text=True)
    lin.get(f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/accept")  # they take it on after all
    assert where(house, number) == ("民政局", "accepted", None)
    assert "退给统筹部门" not in lin.get(f"/console/cases/{number}").get_data(as_text=True)
    assert lin.post(f"/console/cases/{number}/return", reason="又不想办了").status_code == 422


def test_help_is_asked_and_given_and_the_answer_stays_with_the_lead(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    assert lin.post(f"/console/cases/{number}/help", department=office(house, "口前镇"), wanted=" ").status_code == 422
    lin.post(f"/console/cases/{number}/help", department=office(house, "口前镇"), wanted="入户看一下")
    jiang = desk(house, "jiang", "/console/cases/?state=helping")
    assert number in jiang.text
    page = jiang.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "入户看一下" in page
    assert "写给群众的话" not in page
    jiang.post(f"/console/cases/{number}/part", text="去看过了，确有困难")
    assert "去看过了，确有困难" in lin.get(f"/console/cases/{number}").get_data(as_text=True)
    assert told(house) == []


def test_who_is_only_asked_does_not_see_whom_to_call(house: Database) -> None:
    number = file_case(house)
    lin = desk(house, "lin", f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason="归乡里")
    jiang = desk(house, "jiang", f"/console/cases/{number}")
    assert "显示完整的联系方式和原文" not in jiang.text
    assert jiang.post(f"/console/cases/{number}/reveal", reason="想先打个电话").status_code == 403
    jiang.get(f"/console/cases/{number}")
    jiang.post(f"/console/cases/{number}/take")
    assert "15400123456" in jiang.post(f"/console/cases/{number}/reveal", reason="打电话核实情况").get_data(as_text=True)


# ---------------------------------------------------------------- sealed: the copy that is passed on


def test_a_sealed_case_is_passed_on_as_an_edited_copy(house: Database) -> None:
    number = file_case(house, text="我是东头第三家的老关家媳妇，低保停了三个月", confidential=True)

    def photo(session) -> None:
        row = Attachment(case_id=case_of(session, number).id, kind="image", media_id="m")
        row.fetched(b"\xff\xd8face", "image/jpeg")
        session.add(row)
        case_of(session, number).add(session, "就是开小卖店那家")

    house.write(photo)
    lin = desk(house, "lin", f"/console/cases/{number}")
    assert "转给对方看的内容" in lin.text
    town = office(house, "口前镇")
    assert lin.post(f"/console/cases/{number}/transfer", department=town, reason="归乡里", copy=" ").status_code == 422
    lin.post(f"/console/cases/{number}/transfer", department=town, reason="归乡里", copy="一户群众低保停了三个月")
    jiang = desk(house, "jiang", f"/console/cases/{number}")
    assert "一户群众低保停了三个月" in jiang.text
    for page in (f"/console/cases/{number}", "/console/cases/?state=incoming", "/console/cases/?state=all"):
        jiang.get(page)
        for hidden in ("东头第三家", "小卖店", "关玉梅", "154"):
            assert hidden not in re.sub(r'(once|csrf_token)" value="[^"]+"', "", jiang.text), page
    assert jiang.get(f"/console/cases/{number}/attachments/1").status_code == 404
    jiang.get(f"/console/cases/{number}")
    jiang.post(f"/console/cases/{number}/take")
    assert "东头第三家" not in jiang.get(f"/console/cases/{number}").get_data(as_text=True)
    assert jiang.post(f"/console/cases/{number}/reveal", reason="想看原文").status_code == 403
    assert "东头第三家" in desk(house, "qian", f"/console/cases/{number}").text  # whoever may see sealed persons
    with house.read() as session:
        assert "东头第三家" in case_of(session, number).text


def test_a_helper_in_a_sealed_case_reads_the_copy_too(house: Database) -> None:
    number = file_case(house, text="我是东头第三家的老关家媳妇，低保停了三个月", confidential=True)
    lin = desk(house, "lin", f"/console/cases/{number}")
    town = office(house, "口前镇")
    assert lin.post(f"/console/cases/{number}/help", department=town, wanted="看一下").status_code == 422
    lin.post(f"/console/cases/{number}/help", department=town, wanted="看一下", copy="一户群众低保停了三个月")
    jiang = desk(house, "jiang", f"/console/cases/{number}")
    assert "一户群众低保停了三个月" in jiang.text
    assert "东头第三家" not in jiang.text + jiang.get("/console/cases/?state=helping").get_data(as_text=True)


def test_photos_go_along_only_when_ticked(house: Database) -> None:
    number = file_case(house, confidential=True)

    def photo(session) -> None:
        row = Attachment(case_id=case_of(session, number).id, kind="image", media_id="m")
        row.fetched(b"\xff\xd8field", "image/jpeg")
        session.add(row)

    house.write(photo)
    lin = desk(house, "lin", f"/console/cases/{number}")
    lin.post(f"/console/cases/{number}/transfer", department=office(house, "口前镇"), reason="归乡里", copy="低保停了", attachments="1")
    assert desk(house, "jiang").get(f"/console/cases/{number}/attachments/1").status_code == 200


# ---------------------------------------------------------------- 回避


def test_a_bar_is_set_at_the_page_and_the_case_is_gone_from_the_desk_at_once(house: Database) -> None:
    number = file_case(house)
    feng = desk(house, "feng", f"/console/cases/{number}")
    assert feng.post(f"/console/cases/{number}/bar", whom="department", reason="说的是他们").status_code == 422
    assert feng.post(f"/console/cases/{number}/bar", whom="nobody", reason="说的是他们").status_code == 422
    feng.post(f"/console/cases/{number}/bar", whom="department", department=office(house, "民政局"), reason="说的是他们")
    assert feng.page is not None
    assert feng.page.request.path == "/console/triage/"
    assert number in feng.text
    assert desk(house, "lin").get(f"/console/cases/{number}").status_code == 404
    assert where(house, number) == ("财政局", "filed", "barred")
    feng.get(f"/console/cases/{number}")
    assert feng.post(f"/console/cases/{number}/unbar", whom="department", department=office(house, "民政局"), reason="看错了").status_code == 403
    qian = desk(house, "qian", f"/console/cases/{number}")
    assert "解除回避" in qian.text
    qian.post(f"/console/cases/{number}/unbar", whom="department", department=office(house, "民政局"), reason="核实过，不是他们")
    with house.read() as session:
        kept = session.execute(
            select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.action.in_(("case.bar", "case.unbar"))).order_by(AuditEntry.id)
        ).all()
    assert [tuple(row) for row in kept] == [("feng", "case.bar"), ("qian", "case.unbar")]


def test_one_person_is_barred_by_user_name(house: Database) -> None:
    number = file_case(house)
    feng = desk(house, "feng", f"/console/cases/{number}")
    assert feng.post(f"/console/cases/{number}/bar", whom="person", person="nobody", reason="说的是她").status_code == 422
    feng.post(f"/console/cases/{number}/bar", whom="person", person="lin", reason="说的是她")
    assert "回避设好了" in feng.text
    assert desk(house, "lin").get(f"/console/cases/{number}").status_code == 404
    assert desk(house, "hao").get(f"/console/cases/{number}").status_code == 200


def test_several_cases_are_taken_on_at_once(house: Database) -> None:
    numbers = [file_case(house) for _ in range(3)]
    other = file_case(house, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    lin = desk(house, "lin", "/console/cases/")
    assert lin.text.count('name="numbers"') == 3
    house.write(lambda s: case_of(s, numbers[2]).withdraw(s))
    lin.post("/console/cases/accept", numbers=[*numbers, other])
    assert "接办了2件" in lin.text
    assert "有2件没有接办" in lin.text
    with house.read() as session:
        states = dict(session.execute(select(Case.number, Case.status)).all())
    assert [states[number] for number in (*numbers, other)] == ["accepted", "accepted", "withdrawn", "filed"]
    lin.post("/console/cases/accept")
    assert "还没有选" in lin.text


def test_whoever_watches_and_who_is_kept_out_stand_on_the_page(house: Database) -> None:
    number = file_case(house, text="投诉民政局，低保停得没道理，要求重新审核", kind="投诉")
    text = desk(house, "qian", f"/console/cases/{number}").text
    with house.read() as session:
        case = case_of(session, number)
        assert case.watched_by is not None
    assert "督办" in text

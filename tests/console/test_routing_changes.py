"""分派改进 at the coordinator's desk: empty, measuring, figures, examples struck out, approved, declined, rolled back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.routing_measuring import Figures, Moved
from models import avoidance
from models.audit import AuditEntry
from models.case import Case
from models.case_bar import CaseBar
from models.db import Database
from models.routing_examples import IN_FORCE, MEASURING, PROPOSED, RoutingChange, RoutingExample
from models.routing_gathering import gather, measure
from models.staff import Department, Staff
from tests.console.factories import Browser, make_app
from tests.console.matrix_cases import hire
from tests.models import routing_county as county

DESK = "/console/routing/"


@pytest.fixture
def house(database: Database) -> Database:
    """One person of every role, and a history from which something can be learnt."""
    hire(database)
    county.with_history(database, moves=12, stays=48, hired=True)
    return database


def desk(house: Database, username: str = "feng", page: str = DESK, **changed: object) -> Browser:
    browser = Browser(make_app(house, **changed))
    assert browser.log_in(username).status_code == 200
    browser.get(page)
    return browser


def proposal(house: Database) -> str:
    return f"{DESK}{county.proposed(house)}"


def newest(house: Database) -> RoutingChange:
    with house.read() as session:
        return session.scalars(select(RoutingChange).order_by(RoutingChange.id.desc())).first() or pytest.fail("none")


def test_an_empty_desk_says_what_is_learnt_and_what_never(database: Database) -> None:
    hire(database)
    text = desk(database).text
    assert "还没有提过改进" in text
    assert "已经攒了0件新的，满20件就提一份" in text
    assert "举报、保密、涉及回避的和撤回的，一件也不学" in text
    assert "只按规则分派" in text


def test_switched_off_it_says_how_to_switch_it_on(database: Database) -> None:
    hire(database)
    text = desk(database, learn_from=0).text
    assert "现在没有打开" in text
    assert "learn_from" in text
    assert "攒了" not in text


def test_while_it_is_measured_nothing_can_be_decided(house: Database) -> None:
    gather(house, 5)
    feng = desk(house)
    assert "正在试算" in feng.text
    change = newest(house)
    feng.get(f"{DESK}{change.id}")
    assert "正在拿最近的办件试算" in feng.text
    assert "/approve" not in feng.text
    assert feng.post(f"{DESK}{change.id}/approve").status_code == 422
    assert "出了结果再定" in feng.text
    assert newest(house).status == MEASURING


def test_the_proposal_shows_figures_and_masked_examples(house: Database) -> None:
    path = proposal(house)
    feng = desk(house)
    assert "等您定" in feng.text
    assert re.search(r"分派改进 <span class=\"badge[^>]*>1<", feng.text)
    text = feng.get(path).get_data(as_text=True)
    assert "试算变好了：先交的部门就对的，从16件变成20件（共20件）。" in text
    assert "变好4件，变差0件" in text
    assert "人没了要改成我" in text
    assert "转办，对方接收了，原在民政局" in text
    assert "关玉梅" not in text
    with house.read() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.list")).all()[-1]
        assert noted.subject == f"list:routing-{path.rsplit('/', 1)[1]}"
        assert noted.detail is not None
        assert len(noted.detail["numbers"]) >= 12


def test_each_worsened_case_is_shown_and_approving_then_needs_a_reason(house: Database) -> None:
    path = proposal(house)

    def spoil(session: Session) -> str:
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        case.text = "我叫关玉梅，电话15400123456，低保停了"
        worse = (Moved(case.id, "民政局", "残疾人联合会", "民政局"),)
        change = session.scalars(select(RoutingChange)).one()
        change.figures = Figures(
            held_back=30, taught=8, first_before=20, first_after=19, three_before=28, three_after=28, worse=worse
        ).as_dict()
        return case.number

    number = house.write(spoil)
    feng = desk(house, page=path)
    assert "变差的1件，请逐件看" in feng.text
    assert number in feng.text
    assert "采用以后先交残疾人联合会；对的是民政局" in feng.text
    assert "建议不采用" in feng.text
    for hidden in ("关玉梅", "15400123456"):
        assert hidden not in feng.text
    assert feng.post(f"{path}/approve", reason="").status_code == 422
    assert "试算没有看出变好。还要采用的话，请写明理由。" in feng.text
    feng.post(f"{path}/approve", reason="县里定了归残联")
    assert newest(house).status == IN_FORCE


def test_too_few_cases_are_said_to_tell_nothing(house: Database) -> None:
    path = proposal(house)
    house.write(
        lambda s: setattr(
            s.scalars(select(RoutingChange)).one(), "figures", Figures(held_back=3, first_after=3).as_dict()
        )
    )
    text = desk(house, page=path).text
    assert "能拿来试算的办件只有3件，不到20件，看不出好坏" in text
    assert "还要采用，请写明理由" in text


def test_examples_are_struck_out_and_taken_in_again(house: Database) -> None:
    path = proposal(house)
    feng = desk(house, page=path)
    assert feng.post(f"{path}/strike", act="strike").status_code == 200
    assert "请先在例子前面打勾" in feng.text
    with house.read() as session:
        ticked = list(session.scalars(select(RoutingExample.id).order_by(RoutingExample.id).limit(2)))
    feng.post(f"{path}/strike", act="strike", examples=ticked)
    assert "划掉2个例子，正在按留下的重新试算" in feng.text
    assert newest(house).status == MEASURING
    measure(house)
    feng.get(path)
    assert feng.text.count("划掉了") == 2
    feng.post(f"{path}/strike", act="restore", examples=[*ticked, "99999", "x"])
    assert "算回来2个例子" in feng.text
    measure(house)
    assert newest(house).status == PROPOSED


def test_approved_used_and_rolled_back_with_everything_in_the_log(house: Database) -> None:
    path = proposal(house)
    feng = desk(house, page=path)
    feng.post(f"{path}/approve", reason="")
    assert "几秒钟内开始用" in feng.text
    assert "冯立" in feng.text
    feng.get(path)
    assert "退回上一版" in feng.text
    assert feng.post(f"{path}/roll-back", reason="").status_code == 422
    feng.post(f"{path}/roll-back", reason="有几件交错了")
    assert "退回了。现在只按规则分派。" in feng.text
    assert "有几件交错了" in feng.text
    log = desk(house, "shen", "/console/audit/").text
    for said in ("提出分派改进", "试算分派改进", "采用分派改进", "退回分派改进"):
        assert said in log


def test_declined_with_a_reason_it_stays_in_the_list(house: Database) -> None:
    path = proposal(house)
    feng = desk(house, page=path)
    assert feng.post(f"{path}/decline", reason=" ").status_code == 422
    assert "为什么不采用" in feng.text
    feng.post(f"{path}/decline", reason="例子太少")
    assert "不采用，分派照旧" in feng.text
    assert "例子太少" in feng.text
    assert feng.post(f"{path}/approve", reason="还是用").status_code == 422
    assert "已经定过了" in feng.text


def test_a_reason_holds_no_identity_number(house: Database) -> None:
    path = proposal(house)
    feng = desk(house, page=path)
    assert feng.post(f"{path}/decline", reason="22022119340412936X的事").status_code == 422
    assert "完整的身份证号" in feng.text


def test_a_case_that_has_come_to_complain_about_the_reader_is_not_shown(house: Database) -> None:
    path = proposal(house)

    def bar(session: Session) -> str:
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        home = Department.named(session, "财政局")
        assert home is not None
        session.add(CaseBar(case_id=case.id, department_id=home.id))
        return case.number

    number = house.write(bar)
    assert number not in desk(house, page=path).text
    measure(house)  # the worker drops it altogether
    with house.read() as session:
        dropped = session.scalars(select(Case).where(Case.number == number)).one()
        assert session.scalar(select(RoutingExample.id).where(RoutingExample.case_id == dropped.id)) is None


def test_all_examples_gone_says_why(house: Database) -> None:
    path = proposal(house)

    def bar_all(session: Session) -> None:
        qian = Staff.by_username(session, "qian")
        for case in session.scalars(select(Case)):
            avoidance.bar_village(session, case, qian, "话里说到村里")

    house.write(bar_all)
    measure(house)
    feng = desk(house, page=path)
    assert "没有例子了" in feng.text
    assert feng.post(f"{path}/approve", reason="好").status_code == 422
    feng.post(f"{path}/decline", reason="例子没了")
    assert "分派照旧" in feng.text


@pytest.mark.parametrize("username", ["lin", "hao", "qian", "zhao", "cun", "shu", "sun", "shen"])
def test_nobody_else_gets_in(house: Database, username: str) -> None:
    path = proposal(house)
    browser = desk(house, username, "/console/")
    assert 'href="/console/routing/"' not in browser.text
    for page in (DESK, path):
        assert browser.get(page).status_code == 403
    for act in ("approve", "decline", "strike", "roll-back"):
        assert browser.post(f"{path}/{act}", reason="好的好的").status_code == 403
    assert newest(house).status == PROPOSED


def test_an_unknown_version_is_not_there(house: Database) -> None:
    assert desk(house).get(f"{DESK}77").status_code == 404

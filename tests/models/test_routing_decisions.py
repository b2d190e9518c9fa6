"""The coordinator's word: nothing is used before it, every process uses it within five seconds, and it can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.routing_measuring import Figures
from models import rotation
from models.audit import AuditEntry
from models.case import Case
from models.crypto import Keyring
from models.db import Database
from models.filing import Draft, prepared
from models.precedents import Learnt, in_force
from models.routing_deciding import approve, decline, roll_back, strike
from models.routing_examples import (
    DECLINED,
    IN_FORCE,
    MEASURING,
    PROPOSED,
    REPLACED,
    ROLLED_BACK,
    STAYED,
    ChangeExample,
    RoutingChange,
    RoutingExample,
    counts_of,
)
from models.routing_gathering import gather, measure
from models.staff import Staff
from tests.factories import KEYRING
from tests.models import routing_county as county
from tests.models.cases import person

WITHIN = 5.0  # seconds


@pytest.fixture
def number(database: Database) -> int:
    """A change that waits for the coordinator's word, in a county with a history."""
    county.with_history(database)
    return county.proposed(database)


def status_of(database: Database, number: int) -> str:
    with database.read() as session:
        return session.get_one(RoutingChange, number).status


def acts(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        query = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.action.startswith("routing."))
        return [(actor, action) for actor, action in session.execute(query.order_by(AuditEntry.id))]


def test_nothing_is_used_before_it_is_approved(database: Database, number: int) -> None:
    assert county.first_of(database)[0] == "民政局"
    county.act(database, number, approve, "")
    assert county.first_of(database)[:2] == [county.TO, "民政局"]
    assert county.first_of(database, county.STAYS.format("桥头"))[0] == "民政局"
    assert acts(database) == [("worker", "routing.propose"), ("worker", "routing.measure"), ("feng", "routing.approve")]


def test_a_new_case_is_filed_where_the_examples_ended_and_says_why(database: Database, number: int) -> None:
    county.act(database, number, approve, "")
    terms = Assigning(precedents=Learnt(database).now)

    def work(session: Session) -> Case:
        draft = Draft(text=county.NEW, source="chat", item="最低生活保障", town="口前镇")
        case, _ = Case.file(session, prepared(session, draft, Clocks(), terms=terms))
        return case

    case = database.write(work)
    assert case.department.name == county.TO
    assert case.triage is None
    assert "相近的，最后都由残疾人联合会办" in case.why


@pytest.mark.parametrize(
    "said", [{"kind": "举报"}, {"confidential": True}, {"accused": ("农业农村局",)}, {"village_accused": True}], ids=str
)
def test_what_is_sealed_or_complains_is_the_rules_alone(
    database: Database, number: int, said: dict[str, object]
) -> None:
    county.act(database, number, approve, "")
    assert county.first_of(database, **said) == county.first_of(database, learnt=None, **said)
    assert county.first_of(database, **said)[0] == "民政局"


def test_whom_a_case_complains_about_never_gets_it_by_what_was_learnt(database: Database, number: int) -> None:
    county.act(database, number, approve, "")
    assert county.TO not in county.first_of(database, accused=(county.TO,))
    assert county.TO not in county.first_of(database, county.NEW + "，残联的人态度恶劣，骂人")


# ---------------------------------------------------------------- declined, struck out, rolled back


def test_declining_needs_a_reason_and_changes_nothing(database: Database, number: int) -> None:
    with pytest.raises(Refused, match="为什么不采用"):
        county.act(database, number, decline, " ")
    county.act(database, number, decline, "例子太少，再看看")
    assert status_of(database, number) == DECLINED
    assert county.first_of(database)[0] == "民政局"
    with pytest.raises(Refused, match="已经定过"):
        county.act(database, number, approve, "还是用吧")


def worsened(session: Session, number: int) -> None:
    session.get_one(RoutingChange, number).figures = Figures(held_back=40, first_before=30, first_after=29).as_dict()


def test_without_a_gain_approving_needs_a_reason(database: Database, number: int) -> None:
    database.write(lambda s: worsened(s, number))
    with pytest.raises(Refused, match="没有看出变好"):
        county.act(database, number, approve, "")
    county.act(database, number, approve, "县里刚定了归残联")
    with database.read() as session:
        change = session.get_one(RoutingChange, number)
        assert (change.status, change.reason) == (IN_FORCE, "县里刚定了归残联")
        assert change.decided_by is not None
        assert change.decided_by.username == "feng"
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "routing.approve")).one()
        assert noted.detail is not None
        assert (noted.detail["improves"], noted.detail["reason"]) == (False, "县里刚定了归残联")


def test_what_is_struck_out_does_not_count_and_the_figures_are_made_anew(database: Database, number: int) -> None:
    with database.read() as session:
        moved = session.scalars(select(RoutingExample.id).where(RoutingExample.how != STAYED)).all()
    assert county.act(database, number, strike, set(moved[:4]), out=True) == 4
    assert status_of(database, number) == MEASURING
    for verb, said in ((approve, "正在试算"), (strike, "正在试算")):
        with pytest.raises(Refused, match=said):
            county.act(
                database,
                number,
                verb,
                *([""] if verb is approve else [set(moved)]),
                **({} if verb is approve else {"out": True}),
            )
    assert measure(database) == 1
    with database.read() as session:
        assert counts_of(session, session.get_one(RoutingChange, number))[::2] == (8, 4)
    county.act(database, number, strike, {moved[0]}, out=False)
    measure(database)
    county.act(database, number, approve, "看过了")
    with database.read() as session:
        known = len(session.scalars(select(ChangeExample).where(ChangeExample.struck_at.is_(None))).all())
        assert len(in_force(session)) == known
        struck = session.scalars(select(ChangeExample).where(ChangeExample.struck_at.is_not(None))).all()
        assert len(struck) == 3
        assert {one.struck_by_id for one in struck} == {person(session, "feng").id}


def test_what_was_struck_out_is_never_proposed_again(database: Database, number: int) -> None:
    with database.read() as session:
        wrong = session.scalars(select(RoutingExample.id).where(RoutingExample.how != STAYED)).first()
    assert wrong is not None
    county.act(database, number, strike, {wrong}, out=True)
    county.act(database, number, decline, "先不用")
    database.write(lambda s: county.transferred(s, county.filed(s, county.MOVES.format("新来的"), 1)))
    gather(database, 1)
    with database.read() as session:
        newest = RoutingChange.with_status(session, MEASURING)
        assert newest is not None
        held = session.scalars(select(ChangeExample.example_id).where(ChangeExample.change_id == newest.id)).all()
        assert wrong not in held
        assert counts_of(session, newest)[0] == 12


def test_with_all_struck_out_there_is_nothing_to_approve(database: Database, number: int) -> None:
    with database.read() as session:
        everything = set(session.scalars(select(RoutingExample.id)))
    county.act(database, number, strike, everything, out=True)
    measure(database)
    with pytest.raises(Refused, match="例子都划掉了"):
        county.act(database, number, approve, "看过了")


def test_versions_follow_one_another_and_are_rolled_back_one_by_one(database: Database, number: int) -> None:
    county.act(database, number, approve, "")
    database.write(lambda s: county.transferred(s, county.filed(s, county.MOVES.format("新来的"), 1)))
    second = county.proposed(database, 1)
    county.act(database, second, approve, "看过了")
    assert (status_of(database, number), status_of(database, second)) == (REPLACED, IN_FORCE)
    with pytest.raises(Refused, match="为什么退回"):
        county.act(database, second, roll_back, "")
    before = county.act(database, second, roll_back, "交错了几件")
    assert isinstance(before, RoutingChange)
    assert before.id == number
    assert (status_of(database, number), status_of(database, second)) == (IN_FORCE, ROLLED_BACK)
    assert county.first_of(database)[0] == county.TO
    with pytest.raises(Refused, match="不在用"):
        county.act(database, second, roll_back, "再退一次")
    assert county.act(database, number, roll_back, "先都不用") is None
    assert county.first_of(database)[0] == "民政局"
    assert [action for _, action in acts(database)][-2:] == ["routing.roll_back"] * 2
    with database.read() as session:
        rows = session.scalars(select(RoutingChange).order_by(RoutingChange.id)).all()
        assert [(one.status, one.end_reason) for one in rows] == [
            (ROLLED_BACK, "先都不用"),
            (ROLLED_BACK, "交错了几件"),
        ]


def test_nobody_but_the_coordinator_sees_or_decides(database: Database, number: int) -> None:
    def tries(session: Session, who: Staff) -> None:
        change = session.get_one(RoutingChange, number)
        for verb, arguments in ((approve, ("好",)), (decline, ("不好",)), (roll_back, ("退",))):
            with pytest.raises(NotAllowed):
                verb(session, change, who, *arguments)
        with pytest.raises(NotAllowed):
            strike(session, change, who, {1}, out=True)
        with pytest.raises(NotThere):
            RoutingChange.for_staff(session, who, number)
        with pytest.raises(NotThere):
            RoutingChange.all_for(session, who)

    for username in ("qian", "lin", "cun", "shi"):
        database.write(lambda s, u=username: tries(s, person(s, u)))
    assert status_of(database, number) == PROPOSED


def test_the_words_can_be_read_after_the_keys_have_changed(database: Database, number: int) -> None:
    newer = Database(
        database.url.render_as_string(hide_password=False),
        Keyring({"k9": bytes(range(32)), **KEYRING.encryption}, {"i9": bytes(range(1, 33)), **KEYRING.index}),
    )
    rotation.rotate(newer)
    with newer.read() as session:
        tables = rotation.status(session, newer.keyring)
        assert set(tables["routing_examples"]) == set(tables["routing_changes"]) == {"k9"}
    county.act(newer, number, approve, "")
    assert county.first_of(newer)[0] == county.TO
    newer.dispose()


def test_two_workers_propose_once(database: Database) -> None:
    county.with_history(database, moves=6, stays=2)
    gather(database, 7)
    other = Database(database.url.render_as_string(hide_password=False), KEYRING)
    gather(other, 6)
    gather(database, 6)
    database.write(lambda s: s.execute(update(RoutingChange).values(status=PROPOSED)))
    gather(other, 6)
    other.dispose()
    with database.read() as session:
        assert len(session.scalars(select(RoutingChange)).all()) == 1

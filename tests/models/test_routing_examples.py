"""What becomes an example and what never does, and what happens to it when the case or the person goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from models import avoidance, triage
from models.case import Case
from models.case_kind import change_kind
from models.case_loading import cases_for
from models.db import Database
from models.follower import Follower
from models.item_owner import ItemOwner
from models.platform import Counter
from models.routing_examples import (
    COUNTER,
    IN_FORCE,
    MEASURING,
    PLACED,
    RETURNED,
    STAYED,
    TRANSFERRED,
    ChangeExample,
    RoutingChange,
    RoutingExample,
    count_fresh,
)
from models.routing_gathering import gather, measure
from tests.models import routing_county as county
from tests.models.cases import hire, office, person

WORDS = "低保本上户主名字要改，我叫关玉梅，电话15400123456，邻居李国富替我写的，原来的人没了"


@pytest.fixture
def house(database: Database) -> Database:
    """The departments and their people."""
    hire(database)
    return database


def learnt(house: Database) -> list[tuple[str, str, str, str | None]]:
    """How each example came, from where, to where, and about what."""
    with house.read() as session:
        rows = session.scalars(select(RoutingExample).order_by(RoutingExample.id))
        return [(one.how, one.from_department.name, one.to_department.name, one.item) for one in rows]


def test_an_accepted_transfer_becomes_an_example_without_persons(house: Database) -> None:
    house.write(lambda s: county.transferred(s, county.filed(s, WORDS, 3)))
    assert gather(house, 1) == 1
    assert learnt(house) == [(TRANSFERRED, "民政局", "残疾人联合会", "最低生活保障")]
    with house.read() as session:
        one = session.scalars(select(RoutingExample)).one()
        for hidden in ("关玉梅", "15400123456", "李国富"):
            assert hidden not in one.words
        assert one.words.startswith("低保本上户主名字要改")
        assert (one.first, one.town) == ("民政局", "口前镇")
        assert one.settled_at > one.filed_at
    assert gather(house, 1) == 0  # once


def test_the_coordinators_placing_and_a_return_that_ended_elsewhere_teach_too(house: Database) -> None:
    def work(session: Session) -> None:
        county.placed(session, county.filed(session, "你们给看看，我那个事到底咋回事", 3, item=None))
        back = county.filed(session, county.MOVES.format("村里"), 3)
        triage.give_back(session, back, person(session, "lin"), "归残联", Assigning(return_days=9))
        county.placed(session, back)

    house.write(work)
    gather(house, 9)
    assert sorted(learnt(house), key=str) == [
        (PLACED, "财政局", "残疾人联合会", None), (RETURNED, "民政局", "残疾人联合会", "最低生活保障"),
    ]  # fmt: skip


def test_what_is_only_offered_or_only_placed_teaches_nothing_yet(house: Database) -> None:
    def work(session: Session) -> None:
        waiting = county.filed(session, county.MOVES.format("东头"), 3)
        triage.assign(session, waiting, person(session, "feng"), office(session, "残疾人联合会"))
        county.stayed(session, county.filed(session, county.STAYS.format("西头"), 3))

    house.write(work)
    assert gather(house, 1) == 0


def barred(session: Session, case: Case) -> None:
    avoidance.bar_department(session, case, person(session, "qian"), office(session, "农业农村局"), "话里说到他们")


def barred_person(session: Session, case: Case) -> None:
    avoidance.bar_person(session, case, person(session, "qian"), person(session, "wang"), "话里说到他")


def sealed(session: Session, case: Case) -> None:
    case.confidential = True


def reported(session: Session, case: Case) -> None:
    case.kind = "举报"


def withdrawn(session: Session, case: Case) -> None:
    case.withdraw(session)


def about_the_village(session: Session, case: Case) -> None:
    avoidance.bar_village(session, case, person(session, "qian"), "话里说到村里")


def was_a_report(session: Session, case: Case) -> None:
    change_kind(session, case, person(session, "lin"), "举报", "说的是干部", Clocks())
    case.confidential = False
    change_kind(session, case, person(session, "lin"), "投诉", "说的不是干部", Clocks())


GONE = [barred, barred_person, sealed, reported, withdrawn, about_the_village]


@pytest.mark.parametrize("spoilt", [*GONE, was_a_report], ids=lambda one: one.__name__)
def test_nothing_is_learnt_of(house: Database, spoilt: Callable[[Session, Case], None]) -> None:
    house.write(lambda s: spoilt(s, county.transferred(s, county.filed(s, county.MOVES.format("东头"), 3))))
    assert gather(house, 1) == 0
    assert learnt(house) == []


def test_a_case_that_changed_hands_by_avoidance_teaches_nothing(house: Database) -> None:
    def work(session: Session) -> None:
        case = county.filed(session, county.STAYS.format("东头"), 3)
        avoidance.bar_department(session, case, person(session, "qian"), office(session, "民政局"), "话里说到他们")
        county.placed(session, case)
        avoidance.lift_department(session, case, person(session, "qian"), office(session, "民政局"), "设错了")

    house.write(work)
    assert gather(house, 1) == 0


def test_words_that_complain_about_somebody_teach_nothing_even_where_no_bar_stands(house: Database) -> None:
    def work(session: Session) -> None:
        case = county.filed(session, county.STAYS.format("东头"), 3)
        case.text = "民政局的老王收了我二百块钱，低保还是没给办"
        county.transferred(session, case)

    house.write(work)
    assert gather(house, 1) == 0


def test_a_township_of_another_place_is_no_lesson_about_departments(house: Database) -> None:
    def work(session: Session) -> None:
        county.transferred(session, county.filed(session, county.MOVES.format("东头"), 3, town="口前镇"), "一拉溪镇")
        county.transferred(session, county.filed(session, county.MOVES.format("西头"), 3, town="口前镇"), "口前镇")
        county.transferred(session, county.filed(session, county.MOVES.format("南头"), 3, town="口前镇"), "纪委监委")

    house.write(work)
    gather(house, 9)
    assert learnt(house) == [(TRANSFERRED, "民政局", "口前镇", "最低生活保障")]


def test_what_came_before_the_county_said_whose_the_item_is_teaches_nothing(house: Database) -> None:
    def work(session: Session) -> None:
        county.transferred(session, county.filed(session, county.MOVES.format("东头"), 3))
        ItemOwner.give(session, person(session, "qian"), "最低生活保障", office(session, "残疾人联合会"))

    house.write(work)
    assert gather(house, 1) == 0


# ---------------------------------------------------------------- gathered into a change


def test_enough_new_ones_make_one_proposal_and_no_second_while_it_waits(database: Database) -> None:
    county.with_history(database, moves=6, stays=8)
    assert gather(database, 7) == 6
    with database.read() as session:
        assert (count_fresh(session), RoutingChange.with_status(session, MEASURING)) == (6, None)
    assert gather(database, 6) == 0
    with database.read() as session:
        change = session.scalars(select(RoutingChange)).one()
        assert (change.status, change.measured) == (MEASURING, None)
        held = session.scalars(select(RoutingExample.how).join(ChangeExample)).all()
        assert held.count(TRANSFERRED) == 6
        assert 1 <= held.count(STAYED) <= 8
        assert count_fresh(session) == 0
    assert measure(database) == 1
    gather(database, 1)
    with database.read() as session:
        assert len(session.scalars(select(RoutingChange)).all()) == 1


def test_zero_learns_nothing(database: Database) -> None:
    county.with_history(database, moves=6, stays=2)
    assert gather(database, 0) == 0
    assert learnt(database) == []


def test_it_is_measured_only_on_what_was_filed_after_the_examples_it_was_taught_with(database: Database) -> None:
    county.with_history(database)
    number = county.proposed(database)
    with database.read() as session:
        figures = session.get_one(RoutingChange, number).measured
        assert figures is not None
        assert (figures.held_back, figures.first_before, figures.first_after) == (20, 16, 20)
        assert [one.right for one in figures.better] == ["残疾人联合会"] * 4
        assert figures.worse == ()
        cut = min(session.get_one(Case, one.case).filed_at for one in figures.better)
        earlier = [one for one in session.scalars(select(RoutingExample)) if one.filed_at < cut]
        assert len(earlier) == figures.taught


# ---------------------------------------------------------------- and gone again


@pytest.mark.parametrize("spoilt", GONE, ids=lambda one: one.__name__)
def test_an_example_that_has_become_none_leaves_even_what_is_in_force(
    database: Database, spoilt: Callable[[Session, Case], None]
) -> None:
    county.with_history(database, moves=6, stays=2)
    number = county.proposed(database)

    def work(session: Session) -> int:
        session.get_one(RoutingChange, number).status = IN_FORCE
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        spoilt(session, case)
        return case.id

    gone = database.write(work)
    with database.read() as session:
        before = Counter.value_of(session, COUNTER)
    measure(database)
    with database.read() as session:
        assert session.scalar(select(RoutingExample.id).where(RoutingExample.case_id == gone)) is None
        assert Counter.value_of(session, COUNTER) == before + 1


def test_whoever_has_their_data_deleted_is_learnt_from_no_more(database: Database) -> None:
    county.with_history(database, moves=6, stays=2)
    number = county.proposed(database)
    with database.read() as session:
        assert session.scalars(select(RoutingExample)).first() is not None
    database.write(lambda s: Follower.met(s, "oGuan").forget(s))
    with database.read() as session:
        assert session.scalars(select(RoutingExample)).all() == []
        assert session.scalars(select(ChangeExample)).all() == []
        assert session.get_one(RoutingChange, number).status == MEASURING  # the old figures are of no use
        assert len(session.scalars(cases_for(person(session, "qian"))).all()) == 8  # which stay, as the law asks
    assert gather(database, 1) == 0
    assert measure(database) == 1


def test_a_case_that_is_deleted_takes_its_example_along(house: Database) -> None:
    house.write(lambda s: county.transferred(s, county.filed(s, county.MOVES.format("东头"), 3)))
    gather(house, 1)

    def work(session: Session) -> None:
        case = session.scalars(select(Case)).one()
        for row in (*case.events, *case.handovers):
            for sent in getattr(row, "deliveries", ()):
                session.delete(sent)
            session.delete(row)
        session.flush()
        session.execute(delete(Case))

    house.write(work)
    assert learnt(house) == []


def test_a_case_that_moved_on_is_learnt_anew(house: Database) -> None:
    house.write(lambda s: county.transferred(s, county.filed(s, county.MOVES.format("东头"), 3)))
    gather(house, 9)
    house.write(lambda s: county.transferred(s, s.scalars(select(Case)).one(), "财政局"))
    gather(house, 9)
    assert learnt(house) == [(TRANSFERRED, "民政局", "财政局", "最低生活保障")]

"""A sealed case that the coordinator assigns as a copy: the department reads that alone, and nothing of the resident's own words."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.attachment import FETCHED, Attachment
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.handover import CaseCopy
from tests.console.factories import case_of
from tests.console.test_handling import desk, office, where
from tests.console.test_triage import house, vague

__all__ = ["house"]  # a fixture
OWN, EDITED = "东头第三家的老关，你们给看看我那个事到底咋回事", "有一户问一件事办到哪了"


@pytest.fixture
def number(house: Database) -> str:
    """A sealed case at the coordinator's desk."""
    return vague(house, text=OWN, confidential=True)


def assigned(house: Database, number: str, who: str = "feng", **fields: str):
    browser = desk(house, who, f"/console/cases/{number}?tab=assign")
    browser.post(f"/console/triage/{number}", department=office(house, "民政局"), **fields)
    return browser


def test_the_form_offers_the_words_to_be_edited_and_the_desk_leads_there(house: Database, number: str) -> None:
    page = desk(house, "feng", f"/console/cases/{number}?tab=assign").text
    assert 'id="assign-copy"' in page
    assert "能认出是谁的话" in page
    assert "先删去能认出人的话，再交" in desk(house, "feng", "/console/triage/").text
    plain = vague(house, openid="oOther")
    assert 'id="assign-copy"' not in desk(house, "feng", f"/console/cases/{plain}?tab=assign").text


def test_the_department_reads_the_copy_alone_in_list_and_case(house: Database, number: str) -> None:
    assigned(house, number, copy=EDITED)
    assert where(house, number) == ("民政局", "filed", None)
    for path in ("/console/cases/", f"/console/cases/{number}"):
        text = desk(house, "lin", path).text
        assert EDITED in text
        assert "东头" not in text
    assert "东头" in desk(house, "qian", f"/console/cases/{number}").text  # the supervisor reads the whole
    with house.read() as session:
        assert (
            session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "case.assign")).one()["copied"] is True
        )
        assert case_of(session, number).text == OWN


@pytest.mark.parametrize(("ticked", "status"), [({}, 404), ({"attachments": "1"}, 200)])
def test_pictures_go_along_only_where_that_is_ticked(
    house: Database, number: str, ticked: dict[str, str], status: int
) -> None:
    def keep(session) -> int:
        case = case_of(session, number)
        made = Attachment(
            case_id=case.id, follower_id=case.follower_id, kind="image", media_id="m", status=FETCHED, media_type="image/png",
            content=b"png", received_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id

    picture = house.write(keep)
    assigned(house, number, copy=EDITED, **ticked)
    assert (
        desk(house, "lin", f"/console/cases/{number}").get(f"/console/cases/{number}/attachments/{picture}").status_code
        == status
    )


@pytest.mark.parametrize("typed", ["", "   "])
def test_an_empty_copy_is_refused_and_nothing_moves(house: Database, number: str, typed: str) -> None:
    browser = assigned(house, number, copy=typed)
    assert "不能空着" in browser.text
    assert where(house, number)[0] == "财政局"


def test_a_full_number_in_the_copy_is_refused(house: Database, number: str) -> None:
    text = assigned(house, number, copy="22022119340412936X 反映低保").text
    assert "只写后四位" in text
    assert "〔号码〕 反映低保</textarea>" in text  # what was typed is not lost


def test_another_assignment_takes_the_old_copy_away(house: Database, number: str) -> None:
    assigned(house, number, copy=EDITED)
    browser = desk(house, "feng", f"/console/cases/{number}?tab=assign")
    browser.post(f"/console/triage/{number}", department=office(house, "农业农村局"), copy="另一份")
    browser.post(f"/console/triage/{number}", department=office(house, "民政局"), copy="第三份")
    with house.read() as session:
        assert sorted(session.scalars(select(CaseCopy.text))) == sorted(["另一份", "第三份"])

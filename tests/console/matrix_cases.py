"""The people of the matrix, and for each of them three cases with everything that hangs on a case."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from knowledge.notices import Kind
from models.attachment import Attachment
from models.case import Case
from models.case_answer import CaseAnswer, State
from models.case_bar import CaseBar, StaffBar
from models.clock_step import ClockStep, What
from models.clock_step import State as Step
from models.db import Database
from models.delivery import CALLING, Delivery
from models.handover import Handover, Help
from models.notice import CaseNotice
from models.reminder import CaseReminder
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, case_of, file_case
from tests.console.matrix import PEOPLE

OWN, OTHER, ACCUSED = "own", "other", "accused"
MARK = "紫云英"  # stands in the words of every case that complains about somebody
ANYBODYS = "民政局"  # whose case stands for the own one of people without a department
Ids = Mapping[str, object]


def hire(database: Database) -> None:
    """The departments, and one person a role."""

    def work(session: Session) -> None:
        Department.seed(session)
        for username, name, role, home, village in PEOPLE.values():
            department = Department.named(session, home) if home else None
            Staff.create(session, username, PASSWORD, name=name, role=role, department=department, village=village)

    database.write(work)


def three_cases(database: Database, letter: str) -> dict[str, Ids]:
    """By column, what fills the addresses: the number of a case, and the ids of what hangs on it."""
    username, _, _, home, village = PEOPLE[letter]
    made = {}
    for column in (OWN, OTHER, ACCUSED):
        office = "残疾人联合会" if column == OTHER else "民政局" if village else home or ANYBODYS
        there = {"town": "口前镇", "village": village} if village and column != OTHER else {"town": "一拉溪镇"}
        text = f"我家低保停了三个月{MARK if column == ACCUSED else ''}"
        number = file_case(database, text=text, openid=f"o-{letter}-{column}", **there)
        made[column] = database.write(lambda s, n=number, o=office, c=column: _laden(s, n, o, username, accused=c == ACCUSED))
    return made


def _laden(session: Session, number: str, office: str, username: str, *, accused: bool) -> Ids:
    case, who, lead = case_of(session, number), Staff.by_username(session, username), Department.named(session, office)
    assert who is not None
    assert lead is not None
    case.department = lead
    session.flush()
    author = session.get_one(Staff, 1 if who.id != 1 else 3)  # nobody decides on what they wrote themselves
    photo = Attachment(case_id=case.id, follower_id=case.follower_id, kind="image", media_id="m")
    photo.fetched(b"\xff\xd8photo", "image/jpeg")
    call = Delivery(follower_id=None, case_id=case.id, text=f"答复{case.number}", status=CALLING)
    answer = CaseAnswer(case_id=case.id, staff_id=author.id, state=State.ASKED, result="已解决", said="好了", next_step="不用再来")
    step = ClockStep(case_id=case.id, what=What.EXTENSION, state=Step.ASKED, staff_id=author.id, reason="还要查", days=1)
    second = ClockStep(case_id=case.id, what=What.EXTENSION, state=Step.ASKED, staff_id=author.id, reason="还要查", days=1)
    reminder = CaseReminder(case_id=case.id, department_id=lead.id, clock="answer", point="half", due_on=case.filed_at.date())
    notice = CaseNotice(
        case_id=case.id, department_id=lead.id, year=2026, serial=case.id, kind=Kind.ACCEPT, issued_on=case.filed_at.date(),
        staff_id=author.id, addressee="关玉梅", paragraphs=["您的信访事项已受理。"],
    )  # fmt: skip
    session.add_all([photo, call, answer, step, second, reminder, notice])
    if accused:
        _accuse(session, case, who)
    session.flush()
    return {
        "number": number, "attachment_id": photo.id, "delivery_id": call.id, "answer_id": answer.id, "step_id": step.id,
        "reminder_id": reminder.id, "notice_id": notice.id,
        "approvals.refuse:step_id": second.id,  # another than the one that is granted meanwhile
    }  # fmt: skip


def _accuse(session: Session, case: Case, who: Staff) -> None:
    """It complains about this person's department, village or self, and is even offered to them: the bar alone holds."""
    if who.role == "village":
        case.village_barred = True
    elif who.department_id is None:
        session.add(StaffBar(case_id=case.id, staff_id=who.id))
    else:
        session.add(CaseBar(case_id=case.id, department_id=who.department_id))
    other = Department.named(session, "残疾人联合会")
    assert other is not None
    home = who.department_id or other.id
    asked = session.get_one(Staff, 1).id
    session.add(
        Handover(case_id=case.id, from_department_id=other.id, to_department_id=home, reason="归你们", asked_by_id=asked)
    )
    session.add(Help(case_id=case.id, department_id=home, wanted="问问", asked_by_id=asked))
    case.triage, case.triage_since = "doubt", case.filed_at

"""What waits for a head: extensions and answers that somebody else asks for, in the cases that the head may decide on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from knowledge.errors import NotThere
from models.case import OPEN, Case
from models.case_answer import CaseAnswer, State
from models.case_loading import own_cases_for
from models.clock_step import ClockStep, What
from models.clock_step import State as StepState
from models.staff import Staff


def extensions_for(session: Session, staff: Staff) -> Sequence[ClockStep]:
    """The extensions asked for, the most pressing first."""
    query = select(ClockStep).join(Case, Case.id == ClockStep.case_id).where(*_extensions(staff))
    loaded = query.options(joinedload(ClockStep.case).joinedload(Case.department), joinedload(ClockStep.staff))
    return session.scalars(loaded.order_by(Case.due_at, ClockStep.id)).all()


def answers_for(session: Session, staff: Staff) -> Sequence[CaseAnswer]:
    """The answers to be looked at before they go out, the most pressing first."""
    query = select(CaseAnswer).join(Case, Case.id == CaseAnswer.case_id).where(*_answers(staff))
    loaded = query.options(joinedload(CaseAnswer.case).joinedload(Case.department), joinedload(CaseAnswer.staff))
    return session.scalars(loaded.order_by(Case.due_at, CaseAnswer.id)).all()


def count_for(session: Session, staff: Staff) -> int:
    """How many wait for this person, but those that are the person's own."""
    steps = select(func.count()).select_from(ClockStep).where(*_extensions(staff), ClockStep.staff_id != staff.id)
    answers = select(func.count()).select_from(CaseAnswer).where(*_answers(staff), CaseAnswer.staff_id != staff.id)
    return (session.scalar(steps) or 0) + (session.scalar(answers) or 0)


def extension_for(session: Session, staff: Staff, step_id: int) -> ClockStep:
    """One extension with its case, both locked; NotThere if it is not for this person or no longer waits."""
    found = session.scalar(select(ClockStep).where(ClockStep.id == step_id, *_extensions(staff)))
    if found is None:
        raise NotThere("这个延期已经有人批过了，或者不归您批。")
    session.refresh(found.case, with_for_update=True)
    session.refresh(found, with_for_update=True)
    return found


def answer_for(session: Session, staff: Staff, answer_id: int) -> CaseAnswer:
    """One answer with its case, both locked; NotThere if it is not for this person or no longer waits."""
    found = session.scalar(select(CaseAnswer).where(CaseAnswer.id == answer_id, *_answers(staff)))
    if found is None:
        raise NotThere("这份答复已经有人看过了，或者不归您看。")
    session.refresh(found.case, with_for_update=True)
    session.refresh(found, with_for_update=True)
    return found


def _extensions(staff: Staff) -> tuple[ColumnElement[bool], ...]:
    own = own_cases_for(staff).with_only_columns(Case.id).where(Case.status.in_(OPEN))
    return ClockStep.what == What.EXTENSION, ClockStep.state == StepState.ASKED, ClockStep.case_id.in_(own)


def _answers(staff: Staff) -> tuple[ColumnElement[bool], ...]:
    own = own_cases_for(staff).with_only_columns(Case.id)
    return CaseAnswer.state == State.ASKED, CaseAnswer.case_id.in_(own)

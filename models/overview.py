"""What the supervisor has to know today, in numbers and the first few of each: nothing about a case barred to the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from models.audit import AuditEntry
from models.base import now
from models.case import OPEN, Case
from models.case_loading import cases_for
from models.finding import OPEN as OPEN_FINDING
from models.finding import Finding, findings_for
from models.similar import HotTopic, hot_topics_for
from models.staff import Permission, Staff
from models.statistics import is_overdue
from models.visit import Visit, not_content

FIRST = 5  # shown of each
LATELY = timedelta(days=30)  # how far back looks at sealed persons and voices of residents go


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody had the person behind a sealed case shown, and why."""

    entry: AuditEntry
    case: Case


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers, and the first few of each kind, the most pressing first."""

    counts: Mapping[str, int]
    overdue: Sequence[Case]
    returned: Sequence[Case]
    unsatisfied: Sequence[Visit]
    looks: Sequence[Look]
    findings: Sequence[Finding]
    hot: Sequence[tuple[HotTopic, int]]

    @classmethod
    def of(cls, session: Session, staff: Staff) -> Overview:
        """As it stands now, for this reader."""
        moment, seen = now(), cases_for(staff).with_only_columns(Case.id)
        overdue = cases_for(staff).where(is_overdue(moment))
        returned = cases_for(staff).where(Case.status.in_(OPEN), Case.triage.is_not(None))
        voices = select(Visit).where(Visit.case_id.in_(seen), not_content(), Visit.answered_at > moment - LATELY)
        looks = (
            select(AuditEntry, Case).join(Case, AuditEntry.subject == "case:" + Case.number)
            .where(AuditEntry.action == "case.reveal", AuditEntry.at > moment - LATELY, Case.confidential, Case.id.in_(seen))
        )  # fmt: skip
        findings = findings_for(staff).where(Finding.status == OPEN_FINDING) if staff.may(Permission.FINDINGS) else None
        hot = [each for each in hot_topics_for(session, staff) if each[0].seen_at is None]

        def count(query: Select[Any]) -> int:
            return int(session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0)

        def first(query: Select[Case]) -> Sequence[Case]:
            return session.scalars(query.options(joinedload(Case.department)).limit(FIRST)).all()

        return cls(
            counts={
                "overdue": count(overdue.with_only_columns(Case.id)), "returned": count(returned.with_only_columns(Case.id)),
                "unsatisfied": count(voices.with_only_columns(Visit.id)), "looks": count(looks.with_only_columns(AuditEntry.id)),
                "findings": count(findings.with_only_columns(Finding.id)) if findings is not None else 0, "hot": len(hot),
                "open": count(cases_for(staff).where(Case.status.in_(OPEN)).with_only_columns(Case.id)),
            },
            overdue=first(overdue.order_by(Case.due_at, Case.id)),
            returned=first(returned.order_by(Case.triage_since, Case.id)),
            unsatisfied=session.scalars(
                voices.options(joinedload(Visit.case).joinedload(Case.department)).order_by(Visit.id.desc()).limit(FIRST)
            ).all(),
            looks=[Look(*row) for row in session.execute(looks.order_by(AuditEntry.id.desc()).limit(FIRST))],
            findings=session.scalars(findings.order_by(Finding.severity, Finding.id).limit(FIRST)).all() if findings is not None else (),
            hot=hot[:FIRST],
        )  # fmt: skip

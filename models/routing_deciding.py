"""The coordinator's word on what the routing may learn: struck out, approved, declined, rolled back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.errors import NotAllowed, Refused
from models import audit
from models.base import now
from models.platform import Counter
from models.routing_examples import (
    COUNTER,
    DECLINED,
    IN_FORCE,
    MEASURING,
    PROPOSED,
    REPLACED,
    ROLLED_BACK,
    ChangeExample,
    RoutingChange,
    counts_of,
)
from models.staff import Permission, Staff

_SHORTEST = 2  # characters of a reason
_MOST_REASON = 200


def strike(session: Session, change: RoutingChange, staff: Staff, examples: Collection[int], *, out: bool) -> int:
    """Leave these examples out of the proposal, or take them in again; it is measured anew. Gives how many changed."""
    _check(staff, change)
    links = update(ChangeExample).where(ChangeExample.change_id == change.id, ChangeExample.example_id.in_(examples))
    links = links.where(ChangeExample.struck_at.is_(None) if out else ChangeExample.struck_at.is_not(None))
    known = select(ChangeExample.example_id).where(
        ChangeExample.change_id == change.id, ChangeExample.example_id.in_(examples)
    )
    if not session.scalars(known).first():
        raise Refused("请先在例子前面打勾。")
    done = session.execute(
        links.values(struck_at=now() if out else None, struck_by_id=staff.id if out else None),
        execution_options={"synchronize_session": False},
    ).rowcount  # type: ignore[attr-defined]
    if done:
        change.status, change.figures, change.measured_at = MEASURING, None, None
        audit.record(
            session,
            staff,
            "routing.strike" if out else "routing.restore",
            f"routing:{change.id}",
            examples=sorted(examples),
        )
    return int(done)


def approve(session: Session, change: RoutingChange, staff: Staff, reason: str) -> None:
    """Use it from now on. Without a gain on the cases held back a reason is needed."""
    _check(staff, change)
    Counter.next(session, COUNTER)  # whoever approves or rolls back at the same moment waits here
    figures, (moves, _, struck) = change.measured, counts_of(session, change)
    if figures is None:
        raise Refused("还在试算，出了结果才能定。")
    if not moves:
        raise Refused("例子都划掉了，没有可用的。请点“不采用”。")
    if not figures.improves and len(reason.strip()) < _SHORTEST:
        raise Refused("试算没有看出变好。还要采用的话，请写明理由。")
    before = RoutingChange.with_status(session, IN_FORCE)
    if before is not None:
        before.status, before.ended_at, before.ended_by = REPLACED, now(), staff
    change.status, change.decided_at, change.decided_by = IN_FORCE, now(), staff
    change.reason = reason.strip()[:_MOST_REASON] or None
    audit.record(
        session, staff, "routing.approve", f"routing:{change.id}", examples=moves, struck=struck, improves=figures.improves,
        right=f"{figures.first_before}→{figures.first_after}/{figures.held_back}", reason=change.reason,
    )  # fmt: skip


def decline(session: Session, change: RoutingChange, staff: Staff, reason: str) -> None:
    """Not to be used. Its examples may come again with new ones, but not those that were struck out."""
    _check(staff, change, MEASURING, PROPOSED)
    reason = _given(reason, "请写一句为什么不采用，下次好看。")
    change.status, change.decided_at, change.decided_by, change.reason = DECLINED, now(), staff, reason
    audit.record(session, staff, "routing.decline", f"routing:{change.id}", reason=reason)


def roll_back(session: Session, change: RoutingChange, staff: Staff, reason: str) -> RoutingChange | None:
    """Take back what is in force; gives the version before, which is used again, or None where the rules stand alone now."""
    _check_person(staff)
    Counter.next(session, COUNTER)
    session.refresh(change)
    if change.status != IN_FORCE:
        raise Refused("这一版已经不在用了。刷新一下就能看到。")
    reason = _given(reason, "请写一句为什么退回。")
    change.status, change.ended_at, change.ended_by, change.end_reason = ROLLED_BACK, now(), staff, reason
    session.flush()
    earlier = select(RoutingChange).where(RoutingChange.status == REPLACED, RoutingChange.id < change.id)
    before = session.scalar(earlier.order_by(RoutingChange.id.desc()).limit(1))
    if before is not None:
        before.status, before.ended_at, before.ended_by = IN_FORCE, None, None
    audit.record(
        session, staff, "routing.roll_back", f"routing:{change.id}", to=before.id if before else None, reason=reason
    )
    return before


def _check(staff: Staff, change: RoutingChange, *statuses: str) -> None:
    _check_person(staff)
    if change.status not in (statuses or (PROPOSED,)):
        raise Refused(
            "正在试算，出了结果再定。" if change.status == MEASURING else "这一份已经定过了。刷新一下就能看到。"
        )


def _check_person(staff: Staff) -> None:
    if not staff.may(Permission.LEARN_ROUTING):
        raise NotAllowed("分派改进要由统筹人员来定。")


def _given(reason: str, missing: str) -> str:
    if len(reason.strip()) < _SHORTEST:
        raise Refused(missing)
    return reason.strip()[:_MOST_REASON]

"""What goes back to 12345: the answers given since the last time, as a table. No cell can be run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO

from sqlalchemy import update
from sqlalchemy.orm import Session, joinedload

from intake.neutral import neutral
from knowledge.wording import beijing
from models import audit
from models.case import WITHDRAWN
from models.case_answer import CaseAnswer
from models.case_event import CaseEvent
from models.staff import Staff
from models.work_order import WorkOrder, answers_of, to_hand_back

_TITLES = ("工单编号", "办件编号", "承办部门", "办理结果", "答复内容", "接办时间", "答复时间")
_WIDTHS = (26, 20, 18, 12, 80, 18, 18)
_AT_ONCE = 500  # orders whose answers are read, or that are marked, in one statement


def waiting_orders(
    session: Session, staff: Staff | None, *, again_since: datetime | None = None, most: int | None = None
) -> Sequence[WorkOrder]:
    """What is to be handed back now, the oldest first. `staff`, `again_since`: as of `to_hand_back`."""
    query = to_hand_back(staff, again_since=again_since).order_by(None).order_by(WorkOrder.id)
    return session.scalars(query.limit(most).options(joinedload(WorkOrder.case))).all()


def write_answers(session: Session, target: IO[bytes], orders: Sequence[WorkOrder]) -> None:
    """Write the workbook."""
    import xlsxwriter  # seldom needed, and large

    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head, wrap = book.add_format({"bold": True, "bg_color": "#E6F0EC", "border": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("办理结果")
    for at, title in enumerate(_TITLES):
        sheet.write_string(0, at, title, head)
        sheet.set_column(at, at, _WIDTHS[at])
    for at, row in enumerate(_rows(session, orders), 1):
        for column, said in enumerate(row):
            sheet.write_string(at, column, said, wrap)
    sheet.freeze_panes(1, 1)
    book.close()


def write_answers_csv(session: Session, target: IO[bytes], orders: Sequence[WorkOrder]) -> None:
    """Write the same rows as CSV, in the encoding that spreadsheets take for Chinese without asking."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows((_TITLES, *_rows(session, orders)))
    text.flush()
    text.detach()


def handed_back(session: Session, by: Staff | str, order_ids: Sequence[int], at: datetime) -> None:
    """Note that these went back, with what was answered until `at`. `by`: a person, or who ran the command."""
    name = by.username if isinstance(by, Staff) else by
    for start in range(0, len(order_ids), _AT_ONCE):
        some = order_ids[start : start + _AT_ONCE]
        done = update(WorkOrder).where(WorkOrder.id.in_(some)).values(handed_back_at=at, handed_back_by=name)
        session.execute(done, execution_options={"synchronize_session": False})
    audit.record(session, by, "order.hand_back", "list:orders", orders=len(order_ids))


def _rows(session: Session, orders: Sequence[WorkOrder]) -> Iterator[Sequence[str]]:
    for start in range(0, len(orders), _AT_ONCE):
        some = orders[start : start + _AT_ONCE]
        events = answers_of(session, [order.case_id for order in some if order.case_id is not None])
        for order in some:
            yield [neutral(cell) for cell in _row(session, order, events.get(order.case_id or 0))]


def _row(session: Session, order: WorkOrder, event: CaseEvent | None) -> Sequence[str]:
    case = order.case
    if case is None:
        return (order.number, "", "", "", "", "", "")
    said = (event.text or "") if event is not None else ""
    sent = CaseAnswer.last_sent(session, case)
    result = "群众撤回" if case.status == WITHDRAWN else (sent.result if sent is not None and sent.result else "已答复")
    accepted, answered = ([f"{beijing(at):%Y-%m-%d %H:%M}" if at else "" for at in (case.accepted_at, case.answered_at)])
    return order.number, case.number, case.department.full_name, result, said, accepted, answered

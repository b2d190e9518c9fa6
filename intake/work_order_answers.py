"""What goes back to 12345: the answers given since the last time, as a workbook. No cell can be run as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

import xlsxwriter
from sqlalchemy import update
from sqlalchemy.orm import Session

from intake.neutral import neutral
from knowledge.wording import beijing
from models import audit
from models.case import WITHDRAWN
from models.case_answer import CaseAnswer
from models.staff import Staff
from models.work_order import WorkOrder, answers_of

_TITLES = ("工单编号", "办件编号", "承办部门", "办理结果", "答复内容", "接办时间", "答复时间")
_WIDTHS = (26, 20, 18, 12, 80, 18, 18)


def write_answers(session: Session, target: IO[bytes], orders: Sequence[WorkOrder]) -> None:
    """Write the workbook."""
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head, wrap = book.add_format({"bold": True, "bg_color": "#E6F0EC", "border": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("办理结果")
    for at, title in enumerate(_TITLES):
        sheet.write_string(0, at, title, head)
        sheet.set_column(at, at, _WIDTHS[at])
    events = answers_of(session, [order.case_id for order in orders if order.case_id is not None])
    for at, order in enumerate(orders, 1):
        for column, said in enumerate(_row(session, order, events.get(order.case_id or 0))):
            sheet.write_string(at, column, neutral(said), wrap)
    sheet.freeze_panes(1, 1)
    book.close()


def handed_back(session: Session, by_id: int, order_ids: Sequence[int], at: datetime) -> None:
    """Note that these went back, with what was answered until `at`."""
    by = session.get_one(Staff, by_id)
    done = update(WorkOrder).where(WorkOrder.id.in_(order_ids)).values(handed_back_at=at, handed_back_by=by.username)
    session.execute(done, execution_options={"synchronize_session": False})
    audit.record(session, by, "order.hand_back", "list:orders", orders=len(order_ids))


def _row(session: Session, order: WorkOrder, event: object) -> Sequence[str]:
    case = order.case
    if case is None:
        return (order.number, "", "", "", "", "", "")
    said = str(getattr(event, "text", "") or "")
    sent = CaseAnswer.last_sent(session, case)
    result = "群众撤回" if case.status == WITHDRAWN else (sent.result if sent is not None and sent.result else "已答复")
    accepted, answered = ([f"{beijing(at):%Y-%m-%d %H:%M}" if at else "" for at in (case.accepted_at, case.answered_at)])
    return order.number, case.number, case.department.full_name, result, said, accepted, answered

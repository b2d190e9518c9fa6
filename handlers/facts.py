"""一键投诉: a case that starts from a payment needs no telling, the facts are filled in."""

from __future__ import annotations

from handlers.people import chosen
from handlers.turn import Turn
from knowledge.payment_report import report_in, story
from knowledge.wording import RETURNED, beijing
from models.payment import Payment
from models.resident import Resident


def facts_of_payment(turn: Turn) -> dict[str, str]:
    """Story, item, name, and place and telephone as the bureau has them; empty unless a payment is reported.

    Only for persons for whom this WeChat user may look.
    """
    report = report_in(turn.text)
    if report is None or not turn.bindings:
        return {}
    person = chosen(report.name, turn.bindings) or turn.bindings[-1]
    resident = turn.session.get_one(Resident, person.resident_id)
    lines = [line for line in Payment.of(turn.session, person.resident_id) if line.item == report.item]
    of_year = [line for line in lines if line.year == report.year]
    troubled = [line for line in of_year if line.stage == RETURNED] or of_year[:1]
    today = beijing(turn.now).date()
    facts = {
        "story": story(report, resident.name, resident.id_number[-4:], troubled, today),
        "item": report.item, "name": resident.name, "town": resident.town or "", "village": resident.village or "",
        "phone": resident.phone or "",
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}

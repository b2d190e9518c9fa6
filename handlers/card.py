"""明白卡: the year on one page, by a link that is good for ten minutes and for one opening."""

from __future__ import annotations

import re

from handlers.turn import Reply, Turn
from handlers.validators import one_of
from knowledge.card import card, in_short
from knowledge.identity import mask_name
from knowledge.statement import years_of
from knowledge.wording import beijing
from models.payment import Batch, Payment
from models.resident import Bound
from models.ticket import STATEMENT, Ticket

_WORDS = re.compile(r"^(?:看|查|要|打开|打印)?(?:一下)?(?:我的|我)?(20\d\d)?年?的?(?:度)?(?:明白卡|年度账单|年账单|年度明白卡|全年账单|对账单)$")


def takes(turn: Turn) -> bool:
    """明白卡, 我的2025年明白卡, 年度账单; only where somebody is bound, else the look-up asks who it is."""
    return _WORDS.match(turn.word) is not None and bool(turn.bindings)


def yearly(turn: Turn) -> Reply:
    """The year in short, and the link to the page."""
    asked = turn.once("asked", lambda: (_WORDS.match(turn.word) or [None, None])[1])
    person = _person(turn)
    lines, today = Payment.of(turn.session, person.resident_id), beijing(turn.now).date()
    years = years_of(lines)
    year = int(asked) if asked else (years[0] if years else today.year)
    said = in_short(card(person.name, lines, year, Batch.loaded(turn.session), today))
    if turn.values.public_url and lines:
        token = Ticket.issue(turn.session, STATEMENT, turn.follower_id, resident_id=person.resident_id)
        said += f"\n\n大字的、能打印的，点这里看（10分钟内有效，只能开一次，别转给别人）：\n{turn.values.public_url}/statement/{token}"
    others = tuple(f"{each}年明白卡" for each in years if each != year)[:2]
    return Reply(said, (*others, "查补贴"))


def _person(turn: Turn) -> Bound:
    people = {mask_name(each.name): each for each in turn.bindings}
    if len(people) == 1:
        return turn.bindings[-1]
    chosen: str = turn.ask("person", "看谁的？", one_of(list(people)))
    return people.get(chosen) or turn.bindings[-1]

"""明白卡: the year in short, as a picture, and on one page by a link that is good for ten minutes and for one opening."""

from __future__ import annotations

import re

from handlers.turn import Reply, Turn
from handlers.validators import one_of
from knowledge.card import card, in_short
from knowledge.identity import mask_name
from knowledge.statement import years_of
from knowledge.wording import beijing
from models.card_picture import CardPicture
from models.payment import Batch, Payment
from models.resident import Bound
from models.ticket import STATEMENT, Ticket

_WORDS = re.compile(r"^(?:看|查|要|打开|打印)?(?:一下)?(?:我的|我)?(20\d\d)?年?的?(?:度)?(?:明白卡|年度账单|年账单|年度明白卡|全年账单|对账单)$")


def takes(turn: Turn) -> bool:
    """明白卡, 我的2025年明白卡, 年度账单."""
    return _WORDS.match(turn.word) is not None


def yearly(turn: Turn) -> Reply:
    """The year in short, the link to the page, and a picture that the worker draws."""
    if not turn.bindings:
        return Reply("先认一下您是谁，才知道是谁的明白卡。点“查补贴”，认完再发“明白卡”。", ("查补贴",))
    asked = turn.once("asked", lambda: (_WORDS.match(turn.word) or [None, None])[1])
    person = _person(turn)
    lines, today = Payment.of(turn.session, person.resident_id), beijing(turn.now).date()
    years = years_of(lines)
    year = int(asked) if asked else (years[0] if years else today.year)
    said = in_short(card(person.name, lines, year, Batch.loaded(turn.session), today))
    if year in years:
        CardPicture.ask(turn.session, turn.follower_id, person.resident_id, year)
        said += "\n\n图正在画，马上发给您。" + _link(turn, person, year)
    others = tuple(f"{each}年明白卡" for each in years if each != year)[:2]
    return Reply(said, (*others, "查补贴"))


def _link(turn: Turn, person: Bound, year: int) -> str:
    if not turn.values.public_url:
        return ""
    token = Ticket.issue(turn.session, STATEMENT, turn.follower_id, resident_id=person.resident_id)
    said = "\n大字的、能打印的，点这里看（10分钟内有效，只能开一次，别转给别人）："
    return f"{said}\n{turn.values.public_url}/statement/{token}?year={year}"


def _person(turn: Turn) -> Bound:
    if len(turn.bindings) == 1:
        return turn.bindings[0]
    people: dict[str, Bound] = {}
    for each in turn.bindings:
        name = mask_name(each.name)
        people[name if name not in people else f"{name}（第{len(people) + 1}个）"] = each
    chosen: str = turn.ask("person", "看谁的？", one_of(list(people)))
    return people.get(chosen) or turn.bindings[-1]

"""Pictures of the 明白卡 that residents wait for: read, drawn, uploaded, and handed to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.pictures import card_picture
from bot.wechat import WeChat
from knowledge.card import Card, card
from knowledge.errors import PlatformFault
from knowledge.identity import mask_id_number, mask_name
from knowledge.wording import beijing
from models.base import now
from models.card_picture import CardPicture, Order
from models.db import Database
from models.payment import Batch, Payment
from models.resident import Resident

log = logging.getLogger("mingbaika.cards")
_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every card; `document_of` tells by which document an item is paid."""

    account_name: str = ""
    hotline: str = ""
    document_of: Callable[[str], str] = lambda _item: ""


def draw_due(
    database: Database, wechat: WeChat, head: Letterhead, stopped: Callable[[], bool] = lambda: False
) -> int:  # fmt: skip
    """Draw what waits; gives how many were claimed. No transaction is open while one is drawn or uploaded."""
    with database.read() as session:
        if not CardPicture.any_due(session):
            return 0
    orders = database.write(lambda session: CardPicture.claim(session, _AT_ONCE))
    for order in orders:
        if stopped():
            break
        _draw(database, wechat, head, order)
    return len(orders)


def _draw(database: Database, wechat: WeChat, head: Letterhead, order: Order) -> None:
    with database.read() as session:
        made = _card(session, order, head)
    try:
        media_id = wechat.upload_image(card_picture(made, head.account_name, head.hotline))
    except PlatformFault as fault:
        # It stays due: drawn again in a while, and told after ten minutes.
        log.warning("a picture was not uploaded: %s (%s)", type(fault).__name__, fault.code)
        return
    database.write(lambda session: CardPicture.uploaded(session, order.picture_id, media_id))


def _card(session: Session, order: Order, head: Letterhead) -> Card:
    resident = session.get_one(Resident, order.resident_id)
    lines, today = Payment.of(session, resident.id), beijing(now()).date()
    # A picture wanders further than a page: the name is masked in it.
    return card(
        mask_name(resident.name), lines, order.year, Batch.loaded(session), today,
        number=mask_id_number(resident.id_number), document_of=head.document_of,
    )  # fmt: skip

"""订阅通知: the page where a resident agrees to be told beyond the 48 hours. No chat reply can give this consent.

https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/intro.html
"""

from __future__ import annotations

from sqlalchemy import select

from handlers.turn import Turn
from models.follower import Consent


def offer(turn: Turn) -> str:
    """The link with a word about it; empty where the account has no notices, or a lasting consent stands."""
    page = turn.values.consent_url
    if not page or _lasts(turn):
        return ""
    return f"怕错过，点这里允许微信通知您（点“允许”就行）：\n{page.replace('{openid}', turn.message.openid)}"


def _lasts(turn: Turn) -> bool:
    lasting = select(Consent.template).where(Consent.follower_id == turn.follower_id, Consent.long_term)
    return turn.session.scalar(lasting.limit(1)) is not None

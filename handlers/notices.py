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


def how_told(turn: Turn, phone: str | None) -> str:
    """How the answer will arrive, honestly: after 48 hours of silence the platform lets nothing through without a consent."""
    if _lasts(turn):
        return "每办一步都会在这里告诉您。"
    if phone:
        return "办好了在这里告诉您；隔两天没说话微信不让发，就按您留的电话找您。"
    return "办好了在这里告诉您；隔两天没说话微信不让发，到日子您来发一句“查进度”就能看到。"


def _lasts(turn: Turn) -> bool:
    lasting = select(Consent.template).where(Consent.follower_id == turn.follower_id, Consent.long_term)
    return turn.session.scalar(lasting.limit(1)) is not None

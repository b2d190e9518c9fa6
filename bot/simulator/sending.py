"""The rules by which the service may write to a resident: customer messages, template messages, subscription notices.

Sources: "发送客服消息", "发送模板消息", "发送订阅通知" of the service account documentation.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from bot.simulator import chat, notices
from bot.simulator.chat import Shown
from bot.simulator.errors import ApiRefusal
from bot.simulator.state import State

MAX_TEXT_BYTES = 2048
_REENTRY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Sent:
    """A template message: its id, and whether it was sent now or is the same as one just sent."""

    message_id: int
    fresh: bool


def customer_message(state: State, body: dict[str, Any]) -> None:
    """发送客服消息: 40003, 40008, 44004, 45002, 40007; 45015 outside the window, 45047 when its count is used up."""
    resident = state.addressee(body.get("touser"))
    kind = body.get("msgtype")
    if kind not in _CUSTOMER_KINDS:
        raise ApiRefusal(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise ApiRefusal(47001)
    shown = _CUSTOMER_KINDS[kind](state, content)
    resident.spend_message(state.now())
    state.show(resident.openid, "account", shown)


def template_message(state: State, body: dict[str, Any]) -> Sent:
    """发送模板消息: 40003, 40037, 43004 for who does not follow, 47003 for the fields.

    A second call with the same `client_msg_id` for the same resident within ten minutes sends nothing.
    """
    resident = state.addressee(body.get("touser"))
    template = state.template(body.get("template_id"))
    if not resident.subscribed:
        raise ApiRefusal(43004)
    card = notices.card(template, body.get("data"), str(body.get("url") or ""))
    key = (resident.openid, str(body.get("client_msg_id") or ""))
    now = state.now()
    earlier = state.reentry.get(key)
    if key[1] and earlier and now - earlier[0] < _REENTRY_SECONDS:
        return Sent(earlier[1], fresh=False)
    state.show(resident.openid, "account", Shown("card", {**card.content, "source": "模板消息"}))
    message_id = int(now * 1000) + state.number()
    state.reentry[key] = (now, message_id)
    return Sent(message_id, fresh=True)


def subscription_notice(state: State, body: dict[str, Any]) -> int:
    """发送订阅通知: 40003, 40037, 47003, 43101 without consent; also reaches who does not follow.

    Gives the message's id.
    """
    resident = state.addressee(body.get("touser"))
    template = state.template(body.get("template_id"))
    card = notices.card(template, body.get("data"), str(body.get("page") or ""))
    resident.spend_consent(template.template_id)
    state.show(resident.openid, "account", Shown("card", {**card.content, "source": "订阅通知"}))
    return int(state.now() * 1000) + state.number()


def _text(state: State, content: dict[str, Any]) -> Shown:
    words = content.get("content")
    if not isinstance(words, str) or not words:
        raise ApiRefusal(44004)
    if len(words.encode()) > MAX_TEXT_BYTES:
        raise ApiRefusal(45002)
    return chat.text(words)


def _media(kind: str) -> Any:
    def shown(state: State, content: dict[str, Any]) -> Shown:
        media = state.media.find(str(content.get("media_id") or ""), state.now())
        if media.kind != kind:
            raise ApiRefusal(40007)
        texts = {name: str(content.get(name) or "") for name in ("title", "description")}
        return Shown(kind, {"media_id": media.media_id, **texts})

    return shown


def _news(state: State, content: dict[str, Any]) -> Shown:
    articles = content.get("articles")
    if not isinstance(articles, list) or len(articles) != 1 or not isinstance(articles[0], dict):
        raise ApiRefusal(45008)
    names = ("title", "description", "picurl", "url")
    return Shown("news", {"articles": [{name: str(articles[0].get(name) or "") for name in names}]})


def _menu(state: State, content: dict[str, Any]) -> Shown:
    choices = content.get("list")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise ApiRefusal(47001)
    links = "\n".join(
        f'<a href="weixin://bizmsgmenu?msgmenucontent={html.escape(str(choice.get("content")))}'
        f'&msgmenuid={html.escape(str(choice.get("id")))}">{choice.get("content")}</a>'
        for choice in choices
    )
    around = [str(content.get(name) or "") for name in ("head_content", "tail_content")]
    words = "\n".join(filter(None, (around[0], links, around[1])))
    return _text(state, {"content": words})


_CUSTOMER_KINDS = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "news": _news,
    "msgmenu": _menu,
}

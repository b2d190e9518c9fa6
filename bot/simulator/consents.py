"""A resident's answer to "may this account send you this notice?", and the event that tells the service.

Source: "订阅通知", "事件推送": subscribe_msg_popup_event for an answer on a page, subscribe_msg_change_event when a
consent is taken back in the settings of the service notices.
"""

from __future__ import annotations

from bot.simulator.errors import ApiRefusal, SimulatorError
from bot.simulator.people import Consent
from bot.simulator.state import State
from bot.simulator.wire import Field

SAID = {
    "once": "您同意接收一次通知",
    "always": "您同意一直接收通知",
    "refuse": "您拒绝了通知",
    "withdraw": "您关掉了这个通知",
}
_FROM_A_PAGE = "1"


def answer(state: State, openid: str, template_id: str, choice: str) -> dict[str, Field]:
    """Record a choice of SAID; gives the fields of the event for the service."""
    try:
        template = state.template(template_id)
    except ApiRefusal:
        raise SimulatorError("公众号没有添加这个通知模板。") from None
    given = state.resident(openid).consents.setdefault(template.template_id, Consent())
    if choice == "once":
        given.once += 1
    elif choice == "always" and template.long_term:
        given.always = True
    elif choice in ("refuse", "withdraw"):
        given.once, given.always = 0, False
    else:
        raise SimulatorError("这条通知只能选：允许一次、总是允许或拒绝。")
    status = "accept" if choice in ("once", "always") else "reject"
    line: dict[str, Field] = {"TemplateId": template.template_id, "SubscribeStatusString": status}
    if choice == "withdraw":
        return _event("subscribe_msg_change_event", "SubscribeMsgChangeEvent", line)
    return _event("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", {**line, "PopupScene": _FROM_A_PAGE})


def _event(name: str, element: str, line: dict[str, Field]) -> dict[str, Field]:
    return {"MsgType": "event", "Event": name, element: {"List": [line]}}

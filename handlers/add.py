"""补充 and 撤回: adding to one's case (words, photos, voices), and taking it back."""

from __future__ import annotations

from typing import Any

from handlers.case_story import PHOTO, VOICE
from handlers.progress import ADD, WITHDRAW, line_of
from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, one_of, words, yes_or_no
from knowledge.errors import Refused
from models.attachment import Attachment
from models.case import OPEN, WITHDRAWN, Case

_ADDING = (ADD, "我要补充", "补充", "再补充一下", "补充一下")
_BACK = (WITHDRAW, "我要撤回", "撤回投诉", "撤诉", "撤了吧", "不投诉了", "我不告了")


def takes(turn: Turn) -> bool:
    """补充情况 or 撤回, after one has looked at a case."""
    return turn.word in (*_ADDING, *_BACK)


def add(turn: Turn) -> Reply:
    """Add to one's newest case that can take it, or withdraw it after a second question."""
    wants_back = turn.once("back", lambda: turn.word in _BACK)
    own = [case for case in Case.of_follower(turn.session, turn.follower_id) if case.status != WITHDRAWN]
    own = [case for case in own if case.status in OPEN] if wants_back else own
    if not own:
        said = "没有正在办的事可以撤回。" if wants_back else "您还没有反映过的事。"
        return Reply(f"{said}要反映新的事，点“我要投诉”。", ("我要投诉", "查进度"))
    case = own[0]
    if len(own) > 1:
        options = [line_of(each, turn) for each in own]
        case = own[options.index(turn.ask("which", "是哪一件？", one_of(options)))]
    try:
        return _withdraw(turn, case) if wants_back else _add(turn, case)
    except Refused as refused:
        return Reply(refused.said, ("查进度",))


def _withdraw(turn: Turn, case: Case) -> Reply:
    if not turn.ask("sure", f"撤回编号{case.number}这件事吗？撤回后部门就不再办了。", yes_or_no("撤回", "不撤了")):
        return Reply("好，没有撤，部门照常办。", ("查进度",))
    case.withdraw(turn.session)
    return Reply(f"编号{case.number}已经撤回。以后还可以再反映。", ("我要投诉",))


def _add(turn: Turn, case: Case) -> Reply:
    question = f"编号{case.number}，要补充什么？打字、说话、拍照都行。"
    told: dict[str, str] = turn.ask("what", question, Validator(_told))
    case.add(turn.session, told["text"])
    for kind, media_id in [(told.get("kind", ""), told.get("media", "")), *(("image", one) for one in turn.talk.answers.get("photos", ()))]:
        if media_id:
            Attachment.keep(turn.session, turn.follower_id, kind, media_id, case_id=case.id)
    return Reply("补上了，办的人能看到。还有要补的，再点“补充情况”。", (ADD, "查进度"))


def _told(message: Message) -> Any:
    text = message.text.strip()
    if message.kind == "image" and message.media_id:
        return {"kind": "image", "media": message.media_id, "text": PHOTO}
    if message.kind == "voice" and message.media_id:
        return {"kind": "voice", "media": message.media_id, "text": text or VOICE}
    if message.kind == "video":
        raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
    return {"text": words(2)(message)}

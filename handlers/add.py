"""补充 and 撤回: adding to one's case (words, photos, voices), and taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from handlers.case import case as new_case
from handlers.case_heard import asks
from handlers.case_story import BEFORE, ENDS, PHOTO, VOICE, started_at
from handlers.case_summary import kept_in_words, shorten
from handlers.progress import ADD, WITHDRAW, line_of, one_among
from handlers.turn import Reply, Turn
from handlers.validators import YES, Message, Unfit, Validator, bare, one_of, words, yes_or_no
from knowledge.asides import adds_to_what_was_said
from knowledge.errors import Refused
from knowledge.identity import find_phones, mask_phone
from knowledge.putting_right import put_right
from knowledge.said import own_phone
from models.attachment import Attachment
from models.case import OPEN, WITHDRAWN, Case
from models.filing import join_photos, photos_waiting

_ENOUGH = re.compile(
    r"(?:哎呀?|唉|那|算了|行了|就)?[,，\s]*(?:我|俺|咱)?(?:们)?(?:现在)?(?:不想|不要|先不|不)(?:再)?(?:投诉|告|反映|举报|追究)(?:他们?|了|吧|啊|啦){0,2}"
    r"|(?:我)?(?:想|要)?(?:给我)?(?:把)?(?:那个|这个|刚才的?)?(?:事|投诉|举报)?(?:撤|撤回|撤销|撤诉|撤掉)(?:了|吧|一下|来|掉){0,2}(?:那个|这个|刚才的?)?(?:投诉|举报|事|件)?"
)
_ALL = "就这些"
_TO_IT, _ANOTHER, _NEITHER = "补到那件里", "另外一件事", "都不是"
_SAME = {
    **dict.fromkeys((*YES, ADD, "补充", "补到那件", "补上", "补进去", "一件事", "那件"), _TO_IT),
    **dict.fromkeys(("我要投诉", "我要反映", "投诉", "另外的", "新的事", "另外一件", "两件事", "不是一件事", "不是一个事", "单独的"), _ANOTHER),
    **dict.fromkeys(("不是", "不", "算了", "不用", "不用了", "没事"), _NEITHER),
}  # fmt: skip
_A_NUMBER = 24  # characters
_LATE = timedelta(hours=48)  # so long after filing more of it may come by itself
_ADDING = (ADD, "我要补充", "补充", "再补充一下", "补充一下")
_BACK = (WITHDRAW, "我要撤回", "撤回投诉", "撤诉", "撤了吧", "不投诉了", "我不告了")


def _takes_back(word: str) -> bool:
    return word in _BACK or _ENOUGH.fullmatch(word) is not None


def takes(turn: Turn) -> bool:
    """补充情况 or 撤回, after one has looked at a case."""
    return turn.word in _ADDING or _takes_back(turn.word) or _told_late(turn)


def add(turn: Turn) -> Reply:
    """Add to one's newest case that can take it, or withdraw it after a second question."""
    late: str = turn.once("late", lambda: "" if turn.word in _ADDING or _takes_back(turn.word) else turn.text)
    if late:
        return _late(turn, late)
    wants_back = turn.once("back", lambda: _takes_back(turn.word))
    own = [case for case in Case.of_follower(turn.session, turn.follower_id) if case.status != WITHDRAWN]
    own = [case for case in own if case.status in OPEN] if wants_back else own
    if not own:
        said = "没有正在办的事可以撤回。" if wants_back else "您还没有反映过的事。"
        return Reply(f"{said}要反映新的事，点“我要投诉”。", ("我要投诉", "查进度"))
    case = own[0]
    if len(own) > 1:
        case = one_among(turn, own, "是哪一件？")
    try:
        return _withdraw(turn, case) if wants_back else _add(turn, case)
    except Refused as refused:
        return Reply(refused.said, ("查进度",))


def _told_late(turn: Turn) -> bool:
    """Something more, said by itself after a case was filed: 忘了说，是从8月停的."""
    if not (adds_to_what_was_said(turn.text) or put_right(turn.text) or _leaves_a_number(turn.text)):
        return False
    return not asks(turn, turn.text) and _newest_open(turn) is not None


def _leaves_a_number(text: str) -> bool:
    """A telephone number with hardly a word beside it: 我换电话了 154…"""
    return len(text) <= _A_NUMBER and bool(find_phones(text))


def _newest_open(turn: Turn) -> Case | None:
    own = Case.of_follower(turn.session, turn.follower_id, limit=1)
    return own[0] if own and own[0].status in OPEN and turn.now - own[0].filed_at < _LATE else None


def _late(turn: Turn, late: str) -> Reply:
    """To the newest case, or a new one: nobody is asked to say it again."""
    case_id: int | None = turn.once("newest", lambda: found.id if (found := _newest_open(turn)) else None)
    case = turn.session.get(Case, case_id) if case_id else None
    if case is None or case.status == WITHDRAWN:
        turn.talk.answers.setdefault("what.0", {"text": late})
        return new_case(turn)
    question = f"“{shorten(late, 40)}”是补到刚才那件里（{line_of(case, turn)}），还是另外一件事？"
    where = turn.ask("to", question, one_of((_TO_IT, _ANOTHER, _NEITHER), _SAME))
    if where == _TO_IT:
        told_more = _add_words(turn, case, late)
        _keep(turn, case, turn.talk.answers.get("photos", ()))
        return told_more
    if where == _NEITHER:
        return Reply("好，没有记。想问啥直接说。", ("查进度", "我要投诉", "问政策"))
    turn.talk.answers.setdefault("what.0", {"text": late})
    return new_case(turn)


def _withdraw(turn: Turn, case: Case) -> Reply:
    if not turn.ask("sure", f"撤回编号{case.number}这件事吗？撤回后部门就不再办了。", yes_or_no("撤回", "不撤了")):
        return Reply("好，没有撤，部门照常办。", ("查进度",))
    case.withdraw(turn.session)
    return Reply(f"编号{case.number}已经撤回。以后还可以再反映。", ("我要投诉",))


def _add(turn: Turn, case: Case) -> Reply:
    lately = started_at(turn) - BEFORE
    waiting: dict[str, int] = turn.once("waiting", lambda: dict(photos_waiting(turn.session, turn.follower_id, lately)))
    if waiting:
        kept = kept_in_words(waiting.get("image", 0), waiting.get("voice", 0))
        question = f"刚才发的{kept}补到编号{case.number}里。还要说啥接着发；没有了点“{_ALL}”。"
        told = turn.ask("what", question, Validator(_told_or_all, (_ALL,)))
        join_photos(turn.session, case, turn.follower_id, lately)
    else:
        told = turn.ask("what", f"编号{case.number}，要补充什么？打字、说话、拍照都行。", Validator(_told))
    reply = _add_words(turn, case, told["text"])
    _keep(turn, case, turn.talk.answers.get("photos", ()))
    if told.get("media"):
        Attachment.keep(turn.session, turn.follower_id, told["kind"], told["media"], case_id=case.id)
    return reply


def _add_words(turn: Turn, case: Case, text: str) -> Reply:
    """A telephone number in what is added is the one to ring from now on."""
    case.add(turn.session, text)
    number = own_phone(text) or next(iter(find_phones(text)), None) if _leaves_a_number(text) else own_phone(text)
    if number:
        case.phone = number
    by = f"以后按{mask_phone(number)}找您。" if number else ""
    return Reply(f"补上了，办的人能看到。{by}还有要补的，再点“补充情况”。", (ADD, "查进度"))


def _keep(turn: Turn, case: Case, photos: Iterable[str]) -> None:
    for media_id in photos:
        Attachment.keep(turn.session, turn.follower_id, "image", media_id, case_id=case.id)


def _told_or_all(message: Message) -> Any:
    return {"text": PHOTO} if bare(message.text) in (_ALL, *ENDS) else _told(message)


def _told(message: Message) -> Any:
    text = message.text.strip()
    if message.kind == "image" and message.media_id:
        return {"kind": "image", "media": message.media_id, "text": PHOTO}
    if message.kind == "voice" and message.media_id:
        return {"kind": "voice", "media": message.media_id, "text": text or VOICE}
    if message.kind == "video":
        raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
    return {"text": words(2)(message)}

"""What is about to be filed, in one short screen; everything on it can be changed by a tap, or by simply saying it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers.case_facts import SKIP
from handlers.case_heard import Heard, grieves, or_heard, put
from handlers.case_rights import place_meant, put_right_here
from handlers.case_story import ENDS, PHOTO, item_told
from handlers.turn import Turn
from handlers.validators import YES, Message, Unfit, Validator, bare, one_of, phone
from knowledge.asides import asks_how_far, asks_who_handles, is_idle
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.naming import is_named
from knowledge.identity import mask_phone, masked_numbers, normal_digits
from knowledge.kinds import REPORT, SAID
from knowledge.money import yuan
from knowledge.publicity import village_in_words
from knowledge.putting_right import fears_to_be_known
from knowledge.said import Said, own_phone
from knowledge.wording import beijing, day_and_weekday
from models.case import Filing
from models.filing import Draft

CONFIRM = "confirm"
SUBMIT, SEAL = "提交", "为我保密"
CHANGE_WORDS, CHANGE_TOWN, CHANGE_ITEM, CHANGE_PHONE, CHANGE_KIND = "改内容", "改乡镇", "改项目", "改电话", "改类别"
_OF_OTHERS = {"同意", "就是"}  # a tap on an old message of another question; the beginning of a sentence
_SAME = {
    **dict.fromkeys((*(YES - _OF_OTHERS), "交", "提交吧", "交吧", "交上去", "交上去吧", "确认提交", "对了", "对就这样"), SUBMIT),
    **dict.fromkeys(("保密", "给我保密", "要保密", "替我保密", "请保密"), SEAL),
    "改地方": CHANGE_TOWN, "改村": CHANGE_TOWN, "留电话": CHANGE_PHONE, "换个办法": CHANGE_KIND, "改办法": CHANGE_KIND,
}  # fmt: skip
_SEALED = "保密：办的人看不到您是谁，也看不到电话、微信。"
_WRONG = ("不对", "错了", "不是", "有错", "写错了", "改一下", "改")
_OLD_TAPS = ("是这项", "都不是")
_CANCEL = "取消"
_NOT_YET = f"这件还没交上去：对就点“{SUBMIT}”，不交了发“{_CANCEL}”。"
_BARE = 14  # characters of a message that is nothing but a place or an item
_RIGHTS = ("是", "应该", "改成", "在")


@dataclass(frozen=True, slots=True)
class Summary:
    """What the screen shows."""

    draft: Draft
    filing: Filing
    said: Said
    photos: int = 0
    voices: int = 0


def confirmed(turn: Turn, summary: Summary) -> str:
    """提交, or what is to be changed. Whatever else is said is a correction, or more of the story."""
    sealed = summary.filing.confidential
    choices = [SUBMIT, *(() if sealed else (SEAL,)), CHANGE_WORDS, CHANGE_TOWN, CHANGE_ITEM, CHANGE_PHONE, CHANGE_KIND]
    pick = one_of(choices, _SAME)
    validator = Validator(_read(turn, or_heard(turn, pick), summary), tuple(choices))
    choice: str = turn.ask(CONFIRM, "\n".join(_lines(turn, summary)), validator)
    return choice


def changes(choice: str) -> list[str]:
    """The answers that are asked for anew after a tap."""
    return {CHANGE_TOWN: ["town"], CHANGE_ITEM: ["item"], CHANGE_PHONE: ["phone"], CHANGE_KIND: ["kind", "who"]}.get(choice, [])


def words_to_tell_anew(turn: Turn) -> list[str]:
    """The answers that hold the story; what the data says of a payment stays."""
    said = [name for name in turn.talk.answers if name.startswith(("what.", "more."))]
    return ["what.1", *(name for name in said if name not in ("what.0", "what.1"))] if turn.talk.answers.get("once:facts") else said


def shorten(text: str, most: int = 200) -> str:
    """The beginning of a long story; the case keeps all of it."""
    return text if len(text) <= most else text[:most] + "……（后面的也都记下了）"


def kept_in_words(photos: int, voices: int) -> str:
    """照片1张、录音2段; empty without any."""
    return "、".join(part for part in (f"照片{photos}张" * bool(photos), f"录音{voices}段" * bool(voices)) if part)


# ---------------------------------------------------------------- the screen


def _lines(turn: Turn, summary: Summary) -> Sequence[str]:
    draft, filing, said = summary.draft, summary.filing, summary.said
    where = f"{draft.town}{village_in_words(draft.town, draft.village) if draft.village else ''}" if draft.town else "不清楚"
    kept = kept_in_words(summary.photos, summary.voices)
    story = masked_numbers(filing.text.replace(f"{PHOTO}\n", "").replace(f"\n{PHOTO}", ""))
    shown: Mapping[str, str] = {
        "事情": shorten(story), "地方": where, "项目": draft.item or "没有指明", "时间": said.when,
        "说到的钱": "、".join(yuan(fen) for fen in said.amounts), "反映的人": "、".join(said.accused),
        "替谁办": f"您的{draft.for_whom}" if draft.for_whom else "", "一起交": kept,
        "电话": mask_phone(draft.phone) if draft.phone else "不留（在这里告诉您）",
        "怎么办": f"{SAID[filing.kind]}，{_by(turn, filing)}",
        "交给": "先定由哪个部门办，定了告诉您" if filing.triage else filing.department.full_name,
    }  # fmt: skip
    lines = ["请看一下对不对：", *(f"{name}：{value}" for name, value in shown.items() if value)]
    if filing.confidential:
        lines.append(_SEALED)
    return [*lines, f"对就点“{SUBMIT}”，这才算交上去。还有要补充的接着发，哪里不对点下面改。"]


def _to_whom(filing: Filing) -> str:
    return "先定由哪个部门办，定了告诉您" if filing.triage else f"交给{filing.department.full_name}"


def _by(turn: Turn, filing: Filing) -> str:
    if filing.kind == REPORT or filing.due_at is None:
        return "要查实，没有固定期限"
    return f"最晚{day_and_weekday(filing.due_at, beijing(turn.now).date())}答复"


# ---------------------------------------------------------------- what is said instead of a tap


def _read(turn: Turn, pick: Validator, summary: Summary) -> Callable[[Message], str]:
    def read(message: Message) -> str:
        text = bare(message.text)
        if aside := _aside(turn, text, summary):
            raise aside
        if message.kind in ("text", "voice") and (rights := _put_right(turn, message, summary.draft)):
            raise Heard(rights)
        if text in ENDS and text not in ("1", SUBMIT, *_SAME):
            raise Heard("好。")
        try:
            choice = str(pick(message))
        except Unfit as unfit:
            if not text:
                raise
            raise Unfit(f"这句没看明白，没有记。{_NOT_YET}要补充，就多说几个字。") from unfit
        if choice == SEAL:
            put(turn, "sealed", True)
            raise Heard("好，给您保密。")
        return choice

    return read


def _aside(turn: Turn, text: str, summary: Summary) -> Exception | None:
    """What answers a message that neither confirms nor changes anything; None for every other message."""
    sealed = summary.filing.confidential
    if not text:
        return None
    if text == "不":
        return Unfit(_NOT_YET, (_CANCEL, SUBMIT))
    if text in _WRONG:
        return Unfit("哪里不对？点要改的那一项，或者直接发对的，比如“是万昌镇”。")
    if sealed and _SAME.get(text) == SEAL:
        return Heard("已经给您保密了，放心。")
    if fears_to_be_known(text) and not text.startswith(("能不能", "可不可以")):
        rest = _SEALED if sealed else f"不想让办的人知道您是谁，点“{SEAL}”。"
        return Unfit(f"放心，被反映的人不经手这件事，也看不到。{rest}\n{_NOT_YET}")
    if (asks_how_far(text) and "人" not in text) or asks_who_handles(text):
        return Unfit(f"交上去以后，{SAID[summary.filing.kind]}，{_by(turn, summary.filing)}；{_to_whom(summary.filing)}。{_NOT_YET}")
    beside = is_idle(text) or text in _OLD_TAPS
    return Unfit(f"我在。{_NOT_YET}") if beside and text not in YES else None


def _put_right(turn: Turn, message: Message, draft: Draft) -> str | None:
    """Take a correction that was typed in place of a tap: a number, a place, an item, a wish for no name."""
    if rights := put_right_here(turn, message):
        return rights
    text = bare(message.text)
    if text == SKIP or _is_number(text):
        number = own_phone(text) or phone(SKIP)(message)
        put(turn, "phone", number)
        return "电话记下了。" if number else "好，不留电话。"
    place = place_meant(turn, text) if len(text) <= _BARE else None
    if place and (len(text) <= len(place) + 4 or text.startswith(_RIGHTS)):
        put(turn, "town", place)
        return "地方改好了。"
    item = item_told(turn, text) if len(text) <= _BARE and not grieves(text) else None
    if item in ITEMS and item != draft.item and not turn.answerer.is_question(text) and is_named(text, str(item)):
        put(turn, "item", item)
        return "项目改好了。"
    return None


def _is_number(text: str) -> bool:
    plain = normal_digits(text).removeprefix("+86")
    digits = [char for char in plain if char.isdigit()]
    return 7 <= len(digits) <= 12 and len(plain) - len(digits) <= 6 and not any("\u3400" <= char <= "\u9fff" for char in plain[-4:])

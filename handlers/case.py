"""我要反映: what happened, where, about what, whom to call; then a number, a department and a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.facts import facts_of_payment
from handlers.flow import RESUME
from handlers.menu import WORDS
from handlers.notices import offer
from handlers.place import place_of
from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, bare, number_in, one_of, phone, words
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS, Place, find_place, town_named
from knowledge.identity import find_phones, mask_phone
from knowledge.publicity import village_in_words
from knowledge.wording import beijing, day_and_weekday
from models.case import Attachment, Case
from models.filing import Draft, prepared

_STARTS = (
    "我要投诉", "我要举报", "我要反映", "我要信访", "我要上访", "我要咨询", "我想投诉", "我想举报", "我想反映", "我要告",
    "我要提意见", "我要建议", "我要申请公开", "投诉一下", "反映个事", "反映一下", "举报一下", "我要申请信息公开",
)  # fmt: skip
_ALONE = {"投诉", "举报", "反映", "信访", "建议", "申请公开", "我有事要反映", "找部门反映", "帮我反映", "请工作人员听"}
DONE = "说完了"
_ENDS = {DONE, "完了", "没了", "没有了", "就这些", "没有", "没别的了", "说完啦", "1"}
_SKIP = "不留电话"
_UNKNOWN_TOWN = "不清楚"
_YES, _NO_ITEM = "是这项", "都不是"
SUBMIT, CHANGE_WORDS, CHANGE_TOWN, CHANGE_ITEM, CHANGE_PHONE = "提交", "改内容", "改乡镇", "改项目", "改电话"
_MAX_PARTS = 12


def takes(turn: Turn) -> bool:
    """A wish to file something. A question about where to complain is answered by the article instead."""
    text = turn.word
    return turn.message.tap == "file" or text in _ALONE or text.startswith(_STARTS)


def case(turn: Turn) -> Reply:
    """File a case: asked step by step, shown once more, and only then written."""
    facts = turn.once("facts", lambda: facts_of_payment(turn))
    parts = _story(turn, facts)
    story = "\n".join(part["text"] for part in parts)
    place = place_of(turn, story)
    town, village = _where(turn, place, facts)
    item = _item(turn, story, facts)
    number = turn.ask(
        "phone", "留个电话吧，办的人有不明白的好问您。", phone(_SKIP),
        guess=lambda: next(iter(find_phones(story)), None) or facts.get("phone"),
    )  # fmt: skip
    draft = Draft(
        text=story, source="chat", item=item or None, town=town, village=village, phone=number or None,
        contact_name=facts.get("name"),
    )  # fmt: skip
    filing = prepared(turn.session, draft, turn.values.clocks, turn.now)
    choice = _confirmed(turn, draft, filing.department.full_name)
    if choice != SUBMIT:
        turn.talk.change("confirm", *_CHANGES[choice](turn))
        return case(turn)
    made, code = Case.file(turn.session, filing, follower=turn.follower)
    for part in parts:
        if part.get("media"):
            Attachment.keep(turn.session, turn.follower_id, part["kind"], part["media"], case_id=made.id)
    for media_id in turn.talk.answers.get("photos", []):
        Attachment.keep(turn.session, turn.follower_id, "image", media_id, case_id=made.id)
    return Reply(_receipt(turn, made, code), ("查进度", "查补贴"))


# ---------------------------------------------------------------- what happened


def _story(turn: Turn, facts: Mapping[str, str]) -> list[dict[str, str]]:
    parts: list[dict[str, str]] = []
    while len(parts) < _MAX_PARTS and not _is_told(turn, facts, parts):
        guess = (lambda: _said_already(turn, facts)) if not parts else None
        validator = Validator(_part(bool(parts)), (DONE,) if parts else ())
        part = turn.ask(f"what.{len(parts)}", _question(parts), validator, guess=guess)
        if part == DONE:
            break
        parts.append(part)
    return parts


def _is_told(turn: Turn, facts: Mapping[str, str], parts: list[dict[str, str]]) -> bool:
    # The facts of a payment say it all; 改内容 asks for more.
    more = f"what.{len(parts)}"
    return bool(facts and parts) and more not in turn.talk.answers and "what.1" not in turn.talk.changed


def _question(parts: list[dict[str, str]]) -> str:
    if not parts:
        return "请说说是什么事：哪一项、什么时候、差在哪。打字、说话、拍照都行。\n（随时可发“返回”或“取消”）"
    return f"记下了。还有要补充的接着发，照片也行；没有了就点“{DONE}”。"


def _part(may_end: bool) -> Callable[[Message], Any]:
    def read(message: Message) -> Any:
        text = message.text.strip()
        if may_end and bare(text) in _ENDS:
            return DONE
        if text in WORDS or text == RESUME:
            raise Unfit(_question([{}] if may_end else []))
        if message.kind == "image":
            return {"media": message.media_id, "kind": "image", "text": "〔照片〕"}
        if message.kind == "voice":
            return {"media": message.media_id, "kind": "voice", "text": text or "〔语音，请听录音〕"}
        if message.kind in ("location", "link"):
            return {"text": f"〔位置〕{text}" if message.kind == "location" else f"〔链接〕{text}"}
        if message.kind == "video":
            raise Unfit("视频收不了。请发照片，或者打字、说话告诉我。")
        return {"text": words(2)(message)}

    return read


def _said_already(turn: Turn, facts: Mapping[str, str]) -> dict[str, str] | None:
    if facts:
        return {"text": facts["story"]}
    # "我要投诉村会计…" says it all in the first message; a bare 我要投诉 after a complaint goes on from there.
    text = turn.text
    if any(text.startswith(start) and len(text) > len(start) + 1 for start in _STARTS):
        return {"text": text}
    return {"text": turn.said_before} if turn.said_before else None


# ---------------------------------------------------------------- where, about what


def _where(turn: Turn, place: Place | None, facts: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Township and village, as far as the story, a scanned code or the answer tells."""
    several = place.ambiguous_towns if place else ()
    question = f"叫{place.village}的村有{len(several)}个，您说的是哪个乡镇的？" if place and several else "这事在哪个乡镇？"
    told = place.town if place else None
    answer: str = turn.ask("town", question, _town(several), guess=lambda: told or facts.get("town"))
    if answer == _UNKNOWN_TOWN:
        return None, None
    named = find_place(answer)
    town, village = (named.town, named.village) if named else (answer, None)
    known = place.village if place and (place.town == town or town in several) else None
    known = known or (facts.get("village") if town == facts.get("town") else None)
    return town, village or known


def _town(several: tuple[str, ...]) -> Validator:
    options = [*(several or TOWNS), _UNKNOWN_TOWN]
    same = {"不知道": _UNKNOWN_TOWN, "不好说": _UNKNOWN_TOWN, "没有": _UNKNOWN_TOWN}
    pick = one_of(options, same)

    def read(message: Message) -> str:
        text = bare(message.text)
        place = None if number_in(text) or text in options else find_place(text)
        if place is not None and place.town:  # with the village, where it was said
            return f"{place.town}{village_in_words(place.town, place.village)}" if place.village else place.town
        town = town_named(text)
        return town.name if town else str(pick(message))

    return Validator(read, tuple(options))


def _item(turn: Turn, story: str, facts: Mapping[str, str]) -> str:
    if facts and "item" not in turn.talk.changed:
        return turn.talk.answers.setdefault("item", facts["item"])  # type: ignore[no-any-return]
    guess = turn.answerer.guess_item(story) or ""
    guess = guess if guess in ITEMS and "item" not in turn.talk.changed else ""
    question = f"说的是“{guess}”这项吗？是就点“{_YES}”，不是就发那一项的名字。" if guess else (
        f"说的是哪一项？把名字发来就行，比如“低保”“地补”；说不清就点“{_NO_ITEM}”。"
    )
    choices = (_YES, _NO_ITEM) if guess else (_NO_ITEM,)
    skip = None if guess else lambda: ""
    item: str = turn.ask("item", question, Validator(_named_item(turn, guess), choices), guess=skip)
    return item


def _named_item(turn: Turn, guess: str) -> Callable[[Message], str]:
    def read(message: Message) -> str:
        text = bare(message.text)
        position = number_in(text)
        if guess and (text in ("是", "对", "嗯", "是的", "对的", "没错", _YES) or position == 1):
            return guess
        if text in (_NO_ITEM, "说不清", "不知道", "不清楚", "不是", "不对") or position == (2 if guess else 1):
            return ""
        found = turn.answerer.guess_item(text)
        if found is None or found not in ITEMS:
            raise Unfit(f"没对上是哪一项。换个说法试试，说不清就点“{_NO_ITEM}”。", (_NO_ITEM,))
        return found

    return read


# ---------------------------------------------------------------- once more, and done



def _words_said(turn: Turn) -> list[str]:
    said = [name for name in turn.talk.answers if name.startswith("what.")]
    # What the data says of a payment stays; the resident's own words go with it.
    return ["what.1", *said[2:]] if turn.talk.answers.get("once:facts") else said


_CHANGES: Mapping[str, Callable[[Turn], list[str]]] = {
    CHANGE_WORDS: _words_said,
    CHANGE_TOWN: lambda _turn: ["town"],
    CHANGE_ITEM: lambda _turn: ["item"],
    CHANGE_PHONE: lambda _turn: ["phone"],
}


def shorten(text: str, most: int = 200) -> str:
    """The beginning of a long story; the case keeps all of it."""
    return text if len(text) <= most else text[:most] + "……（后面的也都记下了）"


def _confirmed(turn: Turn, draft: Draft, department: str) -> str:
    lines = [
        "请看一下对不对：",
        f"事情：{shorten(draft.text)}",
        f"地方：{draft.town or '不清楚'}{draft.village or ''}",
        f"项目：{draft.item or '没有指明'}",
        f"电话：{mask_phone(draft.phone) if draft.phone else '不留'}",
        f"交给：{department}",
        f"对就点“{SUBMIT}”，要改、要补充就点要改的。",
    ]
    same = {word: SUBMIT for word in ("对", "是", "没问题", "行", "好", "好的", "确认", "交", "提交吧", "没错")}
    choice: str = turn.ask("confirm", "\n".join(lines), one_of([SUBMIT, *_CHANGES], same))
    return choice


def _receipt(turn: Turn, made: Case, code: str) -> str:
    today = beijing(turn.now).date()
    lines = ["收下了，这就转给人办。", f"编号：{made.number}", f"查询码：{code}（别告诉别人）", f"由{made.department.full_name}负责答复。"]
    if made.due_at:
        lines.append(f"最晚{day_and_weekday(made.due_at, today)}答复您{'，日子先这么算着' if made.provisional else ''}。")
    elif made.kind == "举报":
        lines.append("举报要查实，没有固定期限；办完会告诉您。")
    if made.confidential:
        lines.append("您的身份会保密，不会告诉被反映的人。")
    if made.urgent:
        lines.append("看您这事急，已经标了加急。有危险请马上打110或120。")
    lines.append("有了答复会在这里告诉您。想看办到哪了，发“查进度”。")
    lines += [line for line in (offer(turn),) if line]
    return "\n".join(lines)

"""公示 in the chat: the sheet of items, the lists of one's own village, an objection to a list, a scanned village code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from handlers import case
from handlers.menu import START
from handlers.place import place_of
from handlers.turn import Reply, Turn
from handlers.validators import Message, Unfit, Validator, one_of, words
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS, Place, find_place, town_named, village_in_town
from knowledge.greetings import welcome
from knowledge.publicity import (
    NEVER,
    PLACE,
    WEB,
    bare_village,
    code_in,
    no_list_in_words,
    objects,
    place_of_scene,
    village_in_words,
    wants_lists,
)
from knowledge.wording import beijing, day
from models.publicity import ItemExposure, Publication
from models.resident import Resident
from models.village import FollowerPlace

_OURS = "我们村的公示"
_SHEET = {"一张单", "补贴清单", "补贴项目", "项目清单", "补贴项目清单", "补贴都有哪些", "都有哪些补贴", "有哪些补贴", "补贴有哪些"}
_WHOLE_TOWN = "全乡镇的都看"
_WHAT_IS_IT = "公示是什么意思"
_MOST = 4  # lists that can be objected to by a tap
_TOLD_BESIDE = 4  # characters beside a code that already say what is wrong


# ---------------------------------------------------------------- a village's code is scanned


def takes_scan(turn: Turn) -> bool:
    """Somebody follows through a village's code, or scans one."""
    message = turn.message
    scanned = message.kind == "event" and message.event in ("subscribe", "subscribe_scan", "scan")
    return scanned and place_of_scene(message.tap) is not None


def on_scan(turn: Turn) -> Reply:
    """Keep the village as a guess, and say what it is good for."""
    town, village = place_of_scene(turn.message.tap) or ("", "")
    FollowerPlace.remember(turn.session, turn.follower_id, town, village)
    here = f"您扫的是{town}{village_in_words(town, village)}的码。想看村里的公示，点“{_OURS}”。"
    if turn.message.event == "scan":
        return Reply(here, (_OURS, *START))
    turn.follower.subscribed = True
    return Reply(f"{welcome(turn.values.account_name, turn.values.hotline)}\n\n{here}", (_OURS, *START))


# ---------------------------------------------------------------- one sheet


def takes_sheet(turn: Turn) -> bool:
    """一张单: what subsidies there are."""
    return turn.word in _SHEET


def sheet(turn: Turn) -> Reply:
    """The items by group; the page says of each who gets it, how much, and by which document."""
    lines = [f"县里的惠民补贴有{len(ITEMS)}项："]
    for group in dict.fromkeys(item.group for item in ITEMS.values()):
        lines.append(f"【{group}】{'、'.join(item.name for item in ITEMS.values() if item.group == group)}")
    if turn.values.public_url:
        lines.append(f"谁能领、领多少、按什么文件，都在这张单上：{turn.values.public_url}/items")
    lines.append("想问哪一项，把名字发来就行。")
    return Reply("\n".join(lines), ("查补贴", _OURS))


# ---------------------------------------------------------------- the lists


def takes(turn: Turn) -> bool:
    """A wish to see lists, or the code of one."""
    return code_in(turn.text) is not None or wants_lists(turn.word)


def publicity(turn: Turn) -> Reply:
    """The lists that hang in the resident's village, or the one whose code was sent."""
    wanted = turn.once("wanted", lambda: _wanted(turn))
    if wanted["code"]:
        return _one(turn, wanted["code"])
    item = wanted["item"]
    if item and ItemExposure.of(turn.session, item) == NEVER:
        said = f"{no_list_in_words(item, NEVER)}\n查自己的，发“查补贴”；觉得有人领得不对，发“我要投诉”。"
        return Reply(said, ("查补贴", "我要投诉"))
    town, village = _where(turn, wanted)
    found = Publication.hanging(turn.session, beijing(turn.now).date(), town, village or None, item)
    return _told(turn, f"{town}{village_in_words(town, village)}", item, found)


def _wanted(turn: Turn) -> dict[str, str | None]:
    guess = turn.answerer.guess_item(turn.text)
    place = _known_place(turn)
    return {
        "code": code_in(turn.text), "item": guess if guess in ITEMS else None,
        "town": place.town if place else None, "village": place.village if place else None,
    }  # fmt: skip


def _known_place(turn: Turn) -> Place | None:
    """What the words or a scanned code tell; else where the one person lives for whom this user may look."""
    place = place_of(turn, turn.text)
    if place is not None or not turn.bindings:
        return place
    resident = turn.session.get(Resident, turn.bindings[-1].resident_id)
    if resident is None or not resident.town or not resident.village:
        return None
    return Place(resident.town, bare_village(resident.town, resident.village))


def _where(turn: Turn, wanted: dict[str, str | None]) -> tuple[str, str]:
    known = {"town": wanted["town"], "village": wanted["village"] or ""} if wanted["town"] else None
    place = turn.ask(
        "place", "您是哪个乡镇、哪个村的？一起发来，比如：万昌镇花家村。", Validator(_place, tuple(TOWNS)), guess=lambda: known
    )
    if place["village"]:
        return place["town"], place["village"]
    town = place["town"]
    village = turn.ask("village", f"{town}的哪个村？发村名就行。", Validator(_village(town), (_WHOLE_TOWN,)))
    return town, village


def _place(message: Message) -> dict[str, str]:
    found = find_place(message.text)
    if found is not None and found.ambiguous_towns:
        choices = tuple(f"{town}{found.village}村" for town in found.ambiguous_towns)
        raise Unfit(f"叫{found.village}的村有{len(choices)}个，点一下是哪个。", choices)
    town = (found and found.town) or (town.name if (town := town_named(message.text)) else None)
    if town is None:
        raise Unfit("没对上是哪个村。请把乡镇和村一起发来，比如：万昌镇花家村。", tuple(TOWNS))
    return {"town": town, "village": (found.village if found else None) or ""}


def _village(town: str) -> Callable[[Message], str]:
    def read(message: Message) -> str:
        text = message.text.strip()
        if text in (_WHOLE_TOWN, "1", "都看", "不知道", "不清楚"):
            return ""
        found = find_place(f"{town}{text}")
        if found is not None and found.town == town and found.village:
            return found.village
        if village_in_town(text, town):
            return bare_village(town, text)
        raise Unfit(f"{town}没有对上这个村，再看看村名？也可以看全乡镇的。", (_WHOLE_TOWN,))

    return read


def _told(turn: Turn, here: str, item: str | None, found: Sequence[Publication]) -> Reply:
    what = f"“{item}”的" if item else ""
    if not found:
        said = (
            f"{here}现在没有正在公示的{what}名单。公示期一过，名单就撤下来了。\n"
            f"想看以前的，或者该公示没公示，请问村里、乡镇，也可以打12345。"
        )
        return Reply(said, (_WHAT_IS_IT, "查补贴", "我要投诉"))
    lines = [f"{here}正在公示的{what}名单有{len(found)}份："]
    lines += [f"· {_in_words(turn, one)}" for one in found]
    lines.append("哪里不对，公示期内都能说：点下面的“异议”，或告诉村里、乡镇。")
    return Reply("\n".join(lines), tuple(f"异议 {one.code}" for one in found[:_MOST]))


def _in_words(turn: Turn, one: Publication) -> str:
    until = day(one.ends_on, beijing(turn.now).date())
    said = f"{one.item}（{one.period}），{one.persons}人，公示到{until}，编号{one.code}。"
    if one.exposure_now(turn.session) == WEB and turn.values.public_url:
        return f"{said}\n  看名单：{turn.values.public_url}/publicity/{one.code}"
    return f"{said}\n  名单贴在{village_in_words(one.town, one.village)}的{PLACE}。"


def _one(turn: Turn, code: str) -> Reply:
    found = Publication.by_code(turn.session, code)
    today = beijing(turn.now).date()
    if found is None or found.is_coming(today):
        return Reply(f"没有编号是{code}的公示。请对照公示单再看看编号。", (_OURS,))
    if not found.hangs(today) or found.exposure_now(turn.session) == NEVER:
        said = f"编号{code}的公示已经结束，名单撤下来了。要是还有意见，点下面告诉我，一样有人办。"
        return Reply(said, (f"异议 {code}", _OURS))
    where = f"{found.town}{village_in_words(found.town, found.village)}"
    return Reply(f"{where}：{_in_words(turn, found)}\n哪里不对，点下面的“异议”。", (f"异议 {code}", _OURS))


# ---------------------------------------------------------------- an objection is a case


def takes_objection(turn: Turn) -> bool:
    """公示有异议, 异议 GS-1024."""
    return objects(turn.text)


def objection(turn: Turn) -> Reply:
    """File a case with item, batch and village filled in, for whoever answers for the item."""
    first: str = turn.once("first", lambda: turn.text)
    code = code_in(first) or _which(turn)
    found = Publication.by_code(turn.session, code) if code else None
    if found is None:
        said = "没有对上是哪份公示。请看公示单上的编号，发“异议”加编号，比如：异议 GS-1024；没有编号，就点“我要投诉”直接说。"
        return Reply(said, ("我要投诉", _OURS))
    where = f"{found.town}{village_in_words(found.town, found.village)}"
    _fill(turn, "what.0", {"text": f"对公示名单有异议（{found.code}）：{found.item}，{found.period}，{where}。"}, again=True)
    _fill(turn, "town", found.town)
    _fill(turn, "item", found.item)
    if len(first) - len(found.code) > _TOLD_BESIDE and not wants_lists(first):
        _fill(turn, "what.1", {"text": first})
    turn.ask("what.1", _WRONG.format(code=found.code), Validator(_told_by))
    return case.case(turn)


_WRONG = "编号{code}这份名单，哪里不对？比如：我家亩数少了、谁家不该有、没有我家。打字、说话、拍照都行。"


def _told_by(message: Message) -> dict[str, str]:
    if message.kind in ("image", "voice") and message.media_id:
        said = "〔照片〕" if message.kind == "image" else message.text.strip() or "〔语音，请听录音〕"
        return {"media": message.media_id, "kind": message.kind, "text": said}
    return {"text": words(2)(message)}


def _fill(turn: Turn, name: str, value: Any, *, again: bool = False) -> None:
    """An answer that the list gives; not once the resident has chosen to change it, unless it belongs to the case."""
    if name not in turn.talk.answers and (again or name not in turn.talk.changed):
        turn.talk.answers[name] = value


def _which(turn: Turn) -> str | None:
    wanted = turn.once("wanted", lambda: _wanted(turn))
    town, village = _where(turn, wanted)
    found = Publication.hanging(turn.session, beijing(turn.now).date(), town, village or None)[:9]
    labels = {f"{one.item}（{one.period}）{one.code}": one.code for one in found}
    if len(labels) < 2:
        return next(iter(labels.values()), None)
    chosen: str = turn.ask("which", "是哪一份？", one_of(list(labels), find=code_in_label(labels)))
    return labels[chosen]


def code_in_label(labels: dict[str, str]) -> Callable[[str], str | None]:
    """Finds the label by a code that was typed."""
    return lambda text: next((label for label, code in labels.items() if code == code_in(text)), None)

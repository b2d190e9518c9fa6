"""What a case still needs beside the story: of which kind it is, where, about what, and who is complained about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from handlers.case_heard import or_heard, or_more
from handlers.case_rights import in_words
from handlers.case_story import VOICE, guess_of, has_words, item_told
from handlers.place import place_of
from handlers.turn import Turn
from handlers.validators import Message, Unfit, Validator, bare, number_in, one_of, phone
from knowledge.catalogue.departments import COORDINATOR, TOWNSHIP
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS, find_place, town_named
from knowledge.kinds import ALL_PLAIN, COMPLAINT, DISCLOSURE, INQUIRY, PLAIN, PROPOSAL, WRONG, kind_meant
from knowledge.routing import route
from knowledge.said import Said
from knowledge.unlisted import unlisted_village
from models.resident import SELF, Binding, Resident

UNKNOWN_TOWN = "不清楚"
_DOES_NOT_KNOW = re.compile(
    r"(?:我|俺)?(?:也|真|还)?(?:不知道|不清楚|不晓得|说不[清准好]|记不[清得住]|[搞弄整]不清楚?|不明白)(?:了|啊|呀|呢)?"
    r"(?:归|是|在|属于?|算|叫)?(?:哪一?个?|什么|啥)?(?:乡镇|乡|镇|村|地方)?(?:的|管|了)?"
)
_COUNTY_WIDE = (INQUIRY, PROPOSAL, DISCLOSURE)
NO_ITEM = "都不是"
SKIP = "不留电话"
_VILLAGE, _TOWNSHIP_PEOPLE, _OFFICE, _OTHERS = "村里的干部", "乡镇的干部", "县里部门的人", "邻居或别人"
_WHO = (_VILLAGE, _TOWNSHIP_PEOPLE, _OFFICE, _OTHERS, "不清楚")
_ROOM_OF_PLACE, _ROOM_OF_ITEM, _ROOM_OF_PHONE = 14, 12, 10  # characters of an answer that tells nothing else
_VAGUE_ITEM = {"说不清", "不知道", "不清楚", "不是", "不对", NO_ITEM, "没有"}


# ---------------------------------------------------------------- which kind


def kind_of(turn: Turn, story: str, said: Said, hint: str | None) -> str:
    """The kind: told by the words, by the opening, or chosen among plain words where neither tells."""
    chosen: str | None = turn.talk.answers.get("kind")
    if chosen is None and "kind" in turn.talk.changed:
        chosen = turn.ask("kind", "您想怎么办？", or_heard(turn, one_of(list(ALL_PLAIN))))
    told = route(story).kind
    if chosen is None and not said.clear and hint is None and has_words(story):
        chosen = turn.ask("kind", "您说的是哪一种？点一个就行。", or_heard(turn, one_of(list(PLAIN), _PLAINLY)))
    if chosen is None:
        if not has_words(story):
            return hint or INQUIRY  # who has only a voice is called back
        return kind_meant(told, hint, complaint=bool(turn.talk.answers.get("once:complains")))
    # 有人做得不对: an accusation, unless the words tell of a decision.
    return ALL_PLAIN[chosen]


_PLAINLY: Mapping[str, str] = {
    "我要咨询": "想问事", "咨询": "想问事", "问事": "想问事", "没到": "钱没到", "钱没收到": "钱没到", "有人不对": WRONG, "看文件": "想看文件",
}  # fmt: skip


def accused_by_choice(turn: Turn, said: Said) -> str | None:
    """Who does wrong, asked only of somebody who has said so by a tap and named nobody."""
    if turn.talk.answers.get("kind") != WRONG or said.accused:
        return None
    who: str = turn.ask("who", "说的是谁？点一个就行。我们不会让他经手这件事。", or_heard(turn, one_of(_WHO)))
    return who


def offices_of(who: str | None, story: str, item: str | None) -> tuple[str, ...]:
    """The short names of the departments that must not see it, for what was chosen."""
    if who == _TOWNSHIP_PEOPLE:
        return (TOWNSHIP,)
    if who == _OFFICE:
        return (ITEMS[item].department,) if item else route(story).departments[:1]
    return ()


def is_of_the_village(who: str | None) -> bool:
    """Whether the village's people are meant."""
    return who == _VILLAGE


# ---------------------------------------------------------------- where


def where(turn: Turn, story: str, facts: Mapping[str, str], kind: str) -> tuple[str | None, str | None]:
    """Township and village, as far as the story, a scanned code, the payment or the answer tells.

    A question, a proposal or a wish for papers that a county office answers needs none.
    """
    place = place_of(turn, story)
    several = place.ambiguous_towns if place else ()
    question = f"叫{place.village}的村有{len(several)}个，您说的是哪个乡镇的？" if place and several else "这事在哪个乡镇？"
    told = (place.town if place else None) or facts.get("town") or (None if several else _home(turn))
    needed = has_words(story) and (several or kind not in _COUNTY_WIDE or route(story).departments[:1] == (TOWNSHIP,))
    guess = guess_of(turn, "town", told or (None if needed else UNKNOWN_TOWN))
    validator = or_heard(turn, or_more(turn, "town", town(several), _ROOM_OF_PLACE))
    answer: str = turn.ask("town", question, validator, guess=guess)
    if answer == UNKNOWN_TOWN:
        return None, None
    named = find_place(answer)
    found, village = (named.town, named.village) if named and named.town else (answer, None)
    village = village or unlisted_village(answer, found)
    known = place.village if place and (place.town == found or found in several) else None
    known = known or unlisted_village(story, found) or (facts.get("village") if found == facts.get("town") else None)
    return found, village or known


def _home(turn: Turn) -> str | None:
    """The township of the one person for whom this WeChat user may look; of several it would be a lottery."""
    own = [each for each in turn.bindings if turn.session.get_one(Binding, each.binding_id).relation == SELF]
    person = own[0] if len(own) == 1 else None
    home = turn.session.get_one(Resident, person.resident_id).town if person else None
    return home if home in TOWNS else None


def town(several: tuple[str, ...]) -> Validator:
    """One of the townships, by name, number or village; 不清楚 is an answer too."""
    options = [*(several or TOWNS), UNKNOWN_TOWN]
    same = {"不知道": UNKNOWN_TOWN, "不好说": UNKNOWN_TOWN, "没有": UNKNOWN_TOWN, "说不清": UNKNOWN_TOWN, "不晓得": UNKNOWN_TOWN}
    pick = one_of(options, same)

    def read(message: Message) -> str:
        text = bare(message.text)
        if _DOES_NOT_KNOW.fullmatch(text):
            return UNKNOWN_TOWN
        place = None if number_in(text) or text in options else find_place(text)
        if place is not None and place.town:  # with the village, where it was said
            return in_words(place, text)
        found = town_named(text)
        return found.name if found else str(pick(message))

    return Validator(read, tuple(options))


# ---------------------------------------------------------------- about what, whom to call


def item_of(turn: Turn, story: str, said: Said, facts: Mapping[str, str], kind: str) -> str | None:
    """The item: of the payment, of the story, or asked where the words name no matter at all."""
    if facts and "item" not in (*turn.talk.changed, *turn.talk.said):
        return facts["item"]
    validator = or_more(turn, "item", Validator(_item(turn), (NO_ITEM,)), _ROOM_OF_ITEM)
    if "item" not in turn.talk.changed:
        validator = or_heard(turn, validator, "once:item_tried")  # asked once: what is no item then is told to a person
    tried = "once:item_tried" in turn.talk.answers
    talked_of = turn.once("talked_of", lambda: _talked_of(turn)) if kind == COMPLAINT else None
    nobodys = route(story).departments[:1] in ((COORDINATOR,), (TOWNSHIP,))  # who has no matter of its own
    needed = kind == COMPLAINT and has_words(story) and not said.names_matter and nobodys and not tried
    guess = guess_of(turn, "item", said.item or talked_of or (None if needed else ""))
    question = f"说的是哪一项？把名字发来就行，比如“低保”“地补”；说不清就点“{NO_ITEM}”。"
    answer: str = turn.ask("item", question, validator, guess=guess)
    return answer or None


def _talked_of(turn: Turn) -> str | None:
    """The item of which they have just asked why its money has not come."""
    topic = turn.topic
    return topic.item if topic and topic.aspect == "没收到" and topic.item in ITEMS else None


def _item(turn: Turn) -> Callable[[Message], str]:
    def read(message: Message) -> str:
        text = bare(message.text)
        if text in _VAGUE_ITEM or number_in(text) == 1:
            return ""
        found = item_told(turn, text)
        if found is None or found not in ITEMS:
            raise Unfit(f"没对上是哪一项。换个说法试试，说不清就点“{NO_ITEM}”。", (NO_ITEM,))
        return found

    return read


def phone_of(turn: Turn, story: str, said: Said, facts: Mapping[str, str]) -> str | None:
    """The telephone that was left; asked for only where there is nothing but a voice to go by, or to change it."""
    only_voice = VOICE in story and not has_words(story)
    question = "留个电话吧，听了录音给您回话。" if only_voice else "发一个电话吧，办的人有不明白的好问您。"
    known = said.phone or facts.get("phone") or (None if only_voice else "")
    validator = or_heard(turn, or_more(turn, "phone", phone(SKIP), _ROOM_OF_PHONE))
    number: str = turn.ask("phone", question, validator, guess=guess_of(turn, "phone", known))
    return number or None

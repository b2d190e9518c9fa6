"""What a story tells by itself, so that it need not be asked: place, item, year, money, whom it is for, whom it complains about.

Everything found is only proposed: the resident sees it and can change it before anything is filed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import Place, find_place
from knowledge.identity import find_phones, half_width, normal_digits
from knowledge.routing_accused import DOUBT, actors_in, charges_in
from knowledge.routing_reading import acts_in, matters_in, signs_in, tidy
from knowledge.said_numbers import amounts_in, day_in, years_in
from knowledge.when_meant import when_meant

_MARKS: Final = re.compile(r"〔[^〕]*〕")
_MOST_SHOWN: Final = 3
_TOGETHER: Final = re.compile(r"年(?:的|阴历|农历)?\s*(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月|年(?:的)?第?[1-4一二三四]季")


@dataclass(frozen=True, slots=True)
class Said:
    """What was drawn from a story. Money in 分; `accused` are the words for whoever is complained about.

    `for_whom` is what the person is to the writer (母亲). `clear`: the words say of themselves what they are about.
    """

    place: Place | None = None
    item: str | None = None
    years: tuple[int, ...] = ()
    when: str = ""
    amounts: tuple[int, ...] = ()
    phone: str | None = None
    accused: tuple[str, ...] = ()
    for_whom: str | None = None
    anonymous: bool = False
    clear: bool = False
    names_matter: bool = False


def said_in(text: str, today: date, guess: Callable[[str], str | None] | None = None) -> Said:
    """What the text tells. `guess` names the item of a text; it is called once."""
    words = _MARKS.sub("", text)
    item = guess(words) if guess and words.strip() else None
    signs, matters, accused = _recognised(words)
    years = years_in(words, today)
    return Said(
        place=find_place(text), item=item if item in ITEMS else None, years=years, when=_when(words, years, today),
        amounts=amounts_in(words)[:_MOST_SHOWN], phone=own_phone(words), accused=accused, for_whom=for_whom(words),
        anonymous=wants_no_name(words), clear=signs or matters or bool(accused), names_matter=matters or bool(accused),
    )  # fmt: skip


@lru_cache(maxsize=512)  # a flow asks again at each of its steps
def _recognised(words: str) -> tuple[bool, bool, tuple[str, ...]]:
    """Whether the words show a sign and a matter of ours, and the words for whoever is complained about for conduct."""
    clean = tidy(words)
    signs = signs_in(clean)
    found = charges_in(clean, signs, list(actors_in(clean)), acts_in(clean))
    charges = [charge for charge in found if charge.act.grade != DOUBT]
    called = dict.fromkeys(clean[charge.actor.start : charge.actor.end] for charge in charges)
    return bool(signs), bool(matters_in(clean)), tuple(name for name in called if name)[:_MOST_SHOWN]


def _when(words: str, years: tuple[int, ...], today: date) -> str:
    """The time as it is said back: 2025年10月12日, 2023年、2024年; empty where none was said."""
    if len(years) > 1:
        return "、".join(f"{year}年" for year in years)
    meant = when_meant(words, today)
    year = years[0] if years else meant.year if meant.narrows else None
    if year is None:
        return ""
    if years and not _TOGETHER.search(half_width(words)):
        return f"{year}年"  # of two things at two times
    if (day := day_in(words)) and day[0] == meant.month:
        return f"{year}年{day[0]}月{day[1]}日"
    if meant.month:
        return f"{year}年{meant.month}月"
    return f"{year}年第{meant.quarter}季度" if meant.quarter else f"{year}年"


# ---------------------------------------------------------------- whose telephone

_OTHERS: Final = re.compile(
    r"(?:他|她|会计|主任|书记|队长|村长|镇长|乡长|干部|骗子|对方|有人|自称|客服|经理|老板|接到|来电|来的|打来|显示|号码是)[^,，。;；!！?？]{0,8}$"
)
_OWN: Final = re.compile(r"(?:我|俺|咱|本人|联系|电话|手机|回电|号码?)[^,，。;；!！?？]{0,8}$")
_NUMBER: Final = re.compile(r"1[3-9](?:[ \-]?\d){9}")
_WORDS: Final = "[零〇一二三四五六七八九幺]"
_SPOKEN: Final = re.compile(rf"(?<!{_WORDS})[一幺][三四五六七八九](?:[ \-]?{_WORDS}){{9}}(?!{_WORDS})")
_ENDS: Final = re.compile(r"^[\s。.!！,，;；)）]*(?:$|\n|谢谢)")


def own_phone(text: str) -> str | None:
    """The mobile number that the writer left; one that calls, or is another's, is not taken."""
    plain = _SPOKEN.sub(lambda hit: normal_digits(hit[0]), half_width(text))
    phones = find_phones(plain)
    for hit in _NUMBER.finditer(plain):
        digits = re.sub(r"\D", "", hit[0])
        before, after = plain[: hit.start()], plain[hit.end() :]
        if digits not in phones or _OTHERS.search(before):
            continue
        if _OWN.search(before) or _ENDS.match(after):
            return digits
    return None


# ---------------------------------------------------------------- for whom, and by whom

_KIN: Final = (
    ("爸妈|父母|爹妈|爹娘|老人", "父母"), ("奶奶?", "奶奶"), ("爷爷?", "爷爷"), ("姥姥|外婆|姥娘", "姥姥"), ("姥爷|外公", "姥爷"),
    ("婆婆|老婆婆", "婆婆"), ("公公", "公公"), ("丈母娘|岳母", "岳母"), ("老丈人|丈人|岳父", "岳父"),
    ("老妈|妈妈?|娘(?!家)|母亲|老娘", "母亲"), ("老爸|爸爸?|爹|父亲|老爹", "父亲"), ("老伴", "老伴"), ("媳妇|老婆|爱人|妻子", "爱人"),
    ("丈夫|老公|当家的", "爱人"), ("儿子|小子", "儿子"), ("闺女|姑娘|女儿", "女儿"), ("孩子|小孩|娃", "孩子"), ("孙子|孙女", "孙辈"),
    ("大哥|哥哥?|弟弟?|兄弟", "兄弟"), ("姐姐?|妹妹?", "姐妹"), ("大爷|叔叔?|舅舅?|大伯|伯父", "长辈"), ("大娘|婶子?|姑姑?|姨|舅妈", "长辈"),
    ("邻居|隔壁(?:家|邻居)?(?:的?老?[\u3400-\u9fff]{1,2}(?:头|婶|娘|爷|大爷|大娘|叔|奶奶?|家))?|屯邻|屯亲", "邻居"),
)  # fmt: skip
_ELDERS: Final = {"父母", "奶奶", "爷爷", "姥姥", "姥爷", "婆婆", "公公", "岳母", "岳父", "母亲", "父亲", "长辈"}
_ANY: Final = "|".join(f"(?P<k{n}>{words})" for n, (words, _) in enumerate(_KIN))
_ON_BEHALF: Final = re.compile(
    rf"(?:替|帮|代|给|为)(?:一下)?(?:我|俺|咱)?(?:家|们)?(?:{_ANY})(?:来)?(?:办|问|反映|投诉|举报|申请|说|递|写|报|查|打听|要)"
)
_ABOUT: Final = re.compile(rf"^(?:[^,，。]{{0,6}}[,，。\s])?[^,，。]{{0,4}}?(?<!和)(?<!跟)(?<!与)(?:我|俺)家?(?:{_ANY})(?!家|和|跟|给我)")
_NO_NAME: Final = re.compile(
    r"(?<!不)(?<!非)匿名|(?:不|别)(?:想|要|用)?(?:留|写|登|署|说|提)(?:我|俺)?(?:的)?(?:姓名|名字|真名|大名|名(?!单|额|下))"
)


def for_whom(text: str) -> str | None:
    """For whom the writer speaks, if that is another: 替我妈问 → 母亲; a story that begins with 我爹 is about him."""
    clean = "".join(text.split())
    found = _ON_BEHALF.search(clean)
    if found:
        return _kin(found)
    about = _ABOUT.match(clean)
    kin = _kin(about) if about else None
    return kin if kin in _ELDERS else None


def _kin(found: re.Match[str]) -> str:
    return next(_KIN[n][1] for n in range(len(_KIN)) if found[f"k{n}"])


def wants_no_name(text: str) -> bool:
    """A wish to leave no name: 匿名, 不留名."""
    return bool(_NO_NAME.search(text))

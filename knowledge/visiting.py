"""回访 in words: whether it was done, and whether one is content; asked once after each answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

DONE, NOT_DONE, CONTENT, NOT_CONTENT = "办好了", "没办好", "满意", "不满意"
OUTCOMES: Final[Mapping[str, bool]] = {
    **dict.fromkeys((DONE, "办了", "办成了", "解决了", "好了", "已经办好了", "办完了"), True),
    **dict.fromkeys((NOT_DONE, "没办", "还没办", "没解决", "没有办", "没办成", "没有解决", "没给办", "没好"), False),
}
"""What counts as an answer to 办了没."""
_NOT: Final = re.compile(
    r"(?!.*没(?:事|问题|啥|什么|关系|毛病|错))(?:"
    r"(?:钱|事|这事|那事|也|都|根本|压根|还|就|可|一直|到现在|至今|还是|并|谁|人|哪|一分钱?|啥|呢|唉){0,5}没(?:(?:有)?(?:给|人|个)?(?:我|俺|咱)?(?:们)?"
    r"(?:办|解决|弄|整|处理|到账?|收到?|发|打|动静|变化|下来|信|用|人管|管|来|好|见着?|拿到?|成)\S{0,3}|有?[呢啊]?$)"
    r"|(?:还是|还|仍)(?:那样|老样子|那么回事|停着|不行|欠着)\S{0,2}|白说\S{0,2}|(?:净|就会|都是)?糊弄\S{0,3}|没用\S{0,2})"
)
_PARTLY: Final = re.compile(
    r"(?:办|给|发|补|打|到|弄|解决)(?:倒)?是(?:办|给|发|补|打|到|弄|解决)了?.{2,20}|(?:就|才|只|光)(?:给|办|补|发|打)了?.{1,12}|(?:钱|给的|补的|数|发的)?(?:还)?(?:不够|不对|差|少)(?:了|数|着|我|一|两|三|好|几|\d).{0,10}"
)
_DONE: Final = re.compile(
    r"(?:嗯|是|对|哦|谢谢)?(?:都|已经|早就|早|钱|事|这事|给我?|全){0,3}(?:办|弄|整|解决|处理|补|发|打|收|到)(?:好|妥|完|成|到|齐|清|利索|上|过来|账|卡里|下来){1,2}(?:了|啦|喽)(?:谢谢\S{0,2})?"
    r"|(?:钱)?(?:到|收到|下来|妥|好使|利索|办|解决)(?:账)?了(?:谢谢\S{0,2})?"
)


def outcome_in(text: str) -> bool | None:
    """Whether it was done, of a short answer in one's own words (根本没办, 钱到了, 办是办了钱不够数); None of any other."""
    if text in OUTCOMES:
        return OUTCOMES[text]
    bare = re.sub(r"[\s,，。.!！?？~～、]", "", text)
    if len(bare) > _LONGEST:
        return None
    if _NOT.fullmatch(bare) or _PARTLY.fullmatch(bare):
        return False
    return True if _DONE.fullmatch(bare) else None


VERDICTS: Final[Mapping[str, bool]] = {
    **dict.fromkeys((CONTENT, "挺满意", "很满意", "满意的", "还行", "可以", "挺好", "行", "好", "谢谢"), True),
    **dict.fromkeys((NOT_CONTENT, "不太满意", "很不满意", "不好", "不行"), False),
}
"""What counts as an answer to 满意吗."""
_LONGEST: Final = 20  # characters
MOST_ROUNDS: Final = 2  # a case is opened again so often; then the supervisor has it


def question(number: str) -> str:
    """What is sent: the number and nothing else, for phones are shared. The words can be tapped or typed."""
    return f"您的事（编号{number}）答复过了。办了没？点一个，或者打字：\n{_tap(DONE, 1)}　　{_tap(NOT_DONE, 2)}"


def _tap(word: str, number: int) -> str:
    # https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={number}">{word}</a>'

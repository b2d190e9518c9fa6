"""回访 in words: whether it was done, and whether one is content; asked once after each answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DONE, NOT_DONE, CONTENT, NOT_CONTENT = "办好了", "没办好", "满意", "不满意"
OUTCOMES: Final[Mapping[str, bool]] = {
    **dict.fromkeys((DONE, "办了", "办成了", "解决了", "好了", "已经办好了", "办完了"), True),
    **dict.fromkeys((NOT_DONE, "没办", "还没办", "没解决", "没有办", "没办成", "没有解决", "没给办", "没好"), False),
}
"""What counts as an answer to 办了没."""
VERDICTS: Final[Mapping[str, bool]] = {
    **dict.fromkeys((CONTENT, "挺满意", "很满意", "满意的", "还行", "可以", "挺好", "行", "好", "谢谢"), True),
    **dict.fromkeys((NOT_CONTENT, "不太满意", "很不满意", "不好", "不行"), False),
}
"""What counts as an answer to 满意吗."""
MOST_ROUNDS: Final = 2  # a case is opened again so often; then the supervisor has it


def question(number: str) -> str:
    """What is sent: the number and nothing else, for phones are shared. The words can be tapped or typed."""
    return f"您的事（编号{number}）答复过了。办了没？点一个，或者打字：\n{_tap(DONE, 1)}　　{_tap(NOT_DONE, 2)}"


def _tap(word: str, number: int) -> str:
    # https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={number}">{word}</a>'

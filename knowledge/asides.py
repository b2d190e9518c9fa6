"""What is said beside the matter: a nod, a thank-you, a sticker, 打错了, 人工, 好了没. None of it is part of a story."""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = r"[\s,，。.!！?？~～、…;；:：\"“”'‘’—\-]"
_TAIL: Final = r"(?:[啊呀呢哈吧嘛吗哦噢呗了啦喽的]|一下|您|你|们){0,3}"
_IDLE: Final = re.compile(
    r"(?:(?:你|您|大家)?好|早上好|晚上好|在(?:不在|吗|么|没|线)?|有人(?:吗|没|在)?|喂|哎|嗯|哦|噢|啊|呃|呵|哈|嘿|谢谢|感谢|多谢|辛苦|麻烦|知道|明白|懂|收到"
    r"|不知道|不清楚|不晓得|不懂|(?:打|发|点|按|摸|整)错|没事|没啥事?|等(?:一|会|下|我|着|我?看看)?(?:会儿?|下)?|稍等|别急|快点|回话|回我|咋不?回话?|怎么不回话?"
    r"|看看|我看看|试试|测试|ok|okk|yes|no)"
    + _TAIL, re.IGNORECASE,
)  # fmt: skip
_STICKER: Final = re.compile(r"\[[^\[\]]{1,6}\]|【收到不支持的消息类型[^】]*】")
_WORDS: Final = re.compile(r"[0-9a-z\u3400-\u9fff]", re.IGNORECASE)
_PERSON: Final = re.compile(
    r"(?:我)?(?:要|想|给我?|能不能|可以|请|帮我?)?(?:转|找|叫|接|换|有|来|喊)?(?:一?个|位)?(?:没有)?(?:人工|真人|活人)"
    r"(?:客服|服务|台|坐席|办理|接听|电话|说|唠|聊|谈|问){0,2}" + _TAIL
    + r"|(?:我)?(?:要|想|能不能|请|帮我)(?:找|叫|换|喊)(?:一?个|位)?人(?:说|唠|问|聊|谈|讲|来|接){0,2}" + _TAIL
    + r"|(?:打|找)?(?:谁|哪个|什么|啥)(?:的)?电话(?:能|可以)?找(?:到|着)?人" + _TAIL
    + r"|客服|找客服|找领导|找工作人员|(?:你|您)是(?:真人|人工|机器人|机器|电脑)" + _TAIL
)  # fmt: skip
_MINE: Final = (
    r"(?:那个|这个|上次|昨天|前天|上回|刚才|之前)?(?:我|俺|咱)?(?:们|家)?"
    r"(?:的|那|这|反映的?|投诉的?|举报的?|申请的?|问的|报的|说的|交的|递的){0,3}(?:件|个)?(?:事儿?|投诉|办件|问题|申请|情况|材料)?"
)
_HOW_FAR: Final = re.compile(
    _MINE + r"(?:现在|到底|都|还|已经|给)?(?:"
    r"(?:给我?)?(?:办|弄|整|处理|解决|查|落实|批|交|提交|报)?(?:好|完|成|妥|上去|下来)(?:了)?(?:没有?|吗|么|没呢|了没有?|了吗)"
    r"|(?:给我?)?(?:办|弄|整|处理|解决|查|落实)(?:了)?(?:没有?|吗|没呢)|(?:办|弄|整|查|处理|走|进行)?(?:到|得)(?:哪|啥|什么|哪一?步|什么程度|哪儿)(?:步|程度|地步)?了?"
    r"|(?:办|弄|整|查|处理|解决)?(?:得|的)?(?:咋样|怎么样|咋地|咋样儿|如何)(?:了)?|(?:有|出|来)(?:没有?)?(?:信儿?|消息|结果|回信|动静|答复|说法|下文)(?:了)?(?:没有?|吗|么|没呢)?"
    r"|(?:咋|怎么|为啥|为什么|一直)?(?:还|也|都|就)?(?:没|没有)(?:个)?(?:信儿?|消息|结果|回信|动静|答复|回音|人找我|人联系我|人理我|人给我打电话|下文|人管)"
    r"|(?:啥|什么)(?:时候|时间|时侯|前儿)(?:能|可以|给我?|才)?(?:办(?:好|完|成)?|答复|回信|回话|回复|有信儿?|有结果|有消息|解决)(?:我|俺)?|(?:几|哪)(?:天|时)(?:能|给|才)(?:办|答复|回信|有信儿?|有结果)\S{0,2}"
    r"|(?:你们)?(?:到底|还)?(?:管不管|办不办|给不给办|理不理|有没有人管)(?:我|了)?"
    r"|(?:还)?(?:要|得)?(?:等)?(?:多久|多长时间|几天|多少天)(?:能|才)?(?:办|答复|有信|有结果)?\S{0,2})" + _TAIL
)  # fmt: skip


def is_idle(text: str) -> bool:
    """Whether a message says nothing of any matter: 在吗, 谢谢了, 打错了, a sticker, marks alone."""
    bare = re.sub(_MARKS, "", _STICKER.sub("", text))
    return is_sticker(text) or (len(bare) <= 8 and re.fullmatch(rf"(?:{_IDLE.pattern}){{1,3}}", bare, re.IGNORECASE) is not None)


def is_sticker(text: str) -> bool:
    """Whether a message holds no letter, digit or character besides the names of stickers: [微笑], ？？？."""
    return not _WORDS.search(_STICKER.sub("", text))


def asks_for_a_person(text: str) -> bool:
    """人工, 找个人说, 你是机器人吗."""
    return _PERSON.fullmatch(re.sub(_MARKS, "", text)) is not None


def asks_how_far(text: str) -> bool:
    """Whether a message asks how one's own matter stands, and names none: 好了没, 我那个事办得咋样了, 咋还没信儿."""
    return _HOW_FAR.fullmatch(re.sub(_MARKS, "", text)) is not None


_ADDS: Final = re.compile(
    r"^(?:对了|哦对了?|忘了?说了?|忘了(?:告诉|写|讲)|刚才(?:忘|没|少|漏)|漏(?:了|说)|(?:再)?补充(?:一?[点下句个]|说明)?|还有(?:[一个件点]|就是|啊|呢|[,，\s])|再说[一个下句]|另外(?:[,，\s]|还)|再加[一个上句])"
)
_LEAST_ADDED: Final = 6  # characters


def adds_to_what_was_said(text: str) -> bool:
    """Whether a message goes on with something told before: 忘了说…, 对了，…, 还有个事…"""
    found = _ADDS.match(text.strip())
    return found is not None and len(text.strip()) - found.end() >= _LEAST_ADDED


_THIS: Final = r"(?:那|那个|这个?|我这个?|我那个?|我的){0,2}(?:事儿?|投诉|情况)?(?:都|到底|现在)?"
_HANDLING: Final = re.compile(
    _THIS + r"(?:(?:归|交给?|转给?|由)(?:了)?(?:谁|哪个?部门|哪儿?|哪个单位)(?:来)?(?:了|管|办|负责|处理)?"
    r"|(?:是|归)?谁(?:来)?(?:给我)?(?:管|办|负责|处理)(?:这个?|我这个?)?(?:事儿?)?"
    r"|(?:能|会)(?:不能|不会)?(?:给我|真)?(?:办|管|解决|处理)(?:这个?事儿?)?(?:好|成)?(?:了)?(?:吗|么|不|呢)"
    r"|(?:这么)?(?:说|反映|投诉|交上去)?(?:了)?(?:能)?(?:有用|好使|管用|算数)(?:吗|么|不)"
    r"|我?(?:还)?(?:用|要|得)(?:不用|不要)?我?(?:再)?(?:去|跑|带|拿|交)(?:镇|乡|县|村)?(?:里|上)?(?:一趟|啥|什么|材料|东西)?(?:吗|么|不|啥|什么)"
    r"|(?:然后|接下来|下一步|往后|后面|之后)(?:呢|咋办|怎么办|干啥)?|(?:还)?(?:要|收|花)(?:不要)?(?:钱|费)(?:吗|么|不))" + _TAIL
)  # fmt: skip
_LONGEST_ASKED: Final = 14


def asks_who_handles(text: str) -> bool:
    """Whether a few words ask what becomes of what was told, and of nothing else: 交给谁了, 能给我办吗, 还用去镇里吗, 然后呢."""
    bare = re.sub(_MARKS, "", text)
    return len(bare) <= _LONGEST_ASKED and _HANDLING.fullmatch(bare) is not None

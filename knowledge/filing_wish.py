"""A wish to file something, said in words of one's own: 你好，我要投诉…, 反映个问题…, 有个建议…

What stands behind the wish may be the story itself. Where and how one complains is a question, not the wish:
投诉找谁, 举报电话多少.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from knowledge.said import own_phone, wants_no_name

_GREETING: Final = (
    r"(?:(?:你们?好|您好|喂|哎|嗯|那个|同志|领导们?|老师|师傅|大姐|大妹子|各位|尊敬的\w{0,6}|打扰了?|麻烦(?:您|你)?|请问)"
    r"[啊呀哈呢好]?[,，。.!！:：\s]*)*"
)
_WHO: Final = r"(?:(?:本人|我们|俺们|咱们|我|俺|咱|群众)[,，]?)?(?:今天|现在|这次|就是|就|也|还)*"
_WISH: Final = r"(?:想要?|要|得|需要|打算|准备|来|可以|能不能|能)"
_HOW: Final = r"(?:再|先|来)?(?:匿名|实名)?(?:[向跟给和](?:你们|您|你|领导|上级|上头|上面|有关部门|县里|政府)|[帮给替代][^,，。\s]{1,6}?)?"
_THING: Final = r"(?P=verb)?(?:[一几]?[个件点条下些]|一下子)?"
_VERB: Final = r"(?P<verb>投诉|举报|检举|反映|反应|信访|上访|告状|提(?:[一几]?[个点条些])?(?:意见|建议)|建议|申请(?:政府)?(?:信息)?公开)"
_MATTER: Final = r"(?:[一几两]?[个件点条些]?(?:问题|情况|事情?儿?|意见|建议))"
_OPENINGS: Final = (
    re.compile(f"{_GREETING}{_WHO}{_WISH}{_HOW}{_VERB}{_THING}{_MATTER}?"),
    re.compile(f"{_GREETING}{_WHO}{_HOW}{_VERB}(?:一下|下|{_MATTER}|(?=[:：,，]))"),
    re.compile(f"{_GREETING}{_WHO}{_HOW}(?:匿名|实名){_VERB}{_MATTER}?"),
    re.compile(f"{_GREETING}{_WHO}(?:这[儿里边]?)?有{_MATTER}{_WISH}?{_HOW}{_VERB}{_THING}"),
    re.compile(f"{_GREETING}{_WHO}(?:这[儿里边]?)?有[一几两]?[个点条些](?P<verb>建议|意见)"),
    re.compile(f"{_GREETING}{_WHO}(?P<verb>建议|提[一几]?[个点条些](?:意见|建议))(?=[^的\\s].{{3}})"),
    re.compile(f"{_GREETING}{_WHO}{_WISH}{_HOW}(?P<verb>告)(?=[^诉知示别\\s])"),
)
_ASKED: Final = re.compile(
    f"{_GREETING}{_WHO}(?:{_WISH}{_HOW})?(?P<verb>咨询|问)(?:一下|下|个事儿?|点事儿?|件事儿?)?"
)
_HOW_TO: Final = re.compile(
    r"^[的]?(?:[,，]?(?:要|该|应该|得|到|去|往|打|找|用|在|需要|是))*(?:哪|谁|怎么|咋|啥|什么|多少|多久|几)|^的?(?:电话|热线|渠道|途径|流程|程序|办法|结果|平台|网站)"
)
_HOW_TO_LONGEST: Final = 14  # characters; what is longer tells a story that merely begins like this
_AT_THE_END: Final = re.compile(
    f"[,，。;；!！\\s](?P<wish>{_WHO}(?:想要?|要|得){_HOW}{_VERB}(?:他们?|她|你们|一下|这[事个]|[了啊吧]){{0,2}})[。.!！\\s]{{0,4}}$"
)
_LAST: Final = 40  # characters at the end that may hold the wish
_LEAST_TOLD: Final = 4  # characters before it
_REST: Final = re.compile(r"^[的了吧呢啊呀,，。.:：;；!！?？、\s]+")

_GRIEVED: Final = re.compile(
    r"没人[来管理问答接]|[都也就还]不[管理认]|不给[办发解说补]|推[来给脱诿]|踢皮球|凭[啥什]|合理吗|公[平道]|合法吗|[扣截]了|扣[钱下]|冒领|虚报|套[取补]|"
    r"截留|挪用|贪[污了]|刁难|吃拿|收[了我]?.{0,4}(?:钱|礼|好处)|关系户|优亲|亲戚|小舅子|大舅子|连襟|给了?他[家自]|"
    r"到现在[也还都]?[没不]|一直[也还都]?[没不]|两三?年[了都也]*没|要塌|没法住|断顿|断药|活不|逼|威胁|报复|不敢"
)


@dataclass(frozen=True, slots=True)
class FilingWish:
    """The words by which the wish is known, and what is told behind or before them (empty: nothing yet)."""

    opening: str
    told: str


def filing_wish(text: str) -> FilingWish | None:
    """The wish to complain, report, suggest, petition or see papers with which a message begins or ends; None without one."""
    for form in _OPENINGS:
        if found := form.match(text):
            rest = text[found.end() :]
            if len(rest) <= _HOW_TO_LONGEST and _HOW_TO.match(rest):
                return None
            return FilingWish(found[0], _REST.sub("", rest))
    last = _AT_THE_END.search(text, max(0, len(text) - _LAST))
    told = text[: last.start()].rstrip(",，。;；!！ \n") if last else ""
    return FilingWish(last["wish"], told) if last and len(told) >= _LEAST_TOLD else None


def question_behind(text: str) -> str | None:
    """What is asked behind 我想咨询一下, which is no wish to file anything; None where the message does not begin so."""
    found = _ASKED.match(text)
    return _REST.sub("", text[found.end() :]) if found else None


def tells_a_grievance(text: str) -> bool:
    """Whether something wrong happened to somebody: an article may answer it, yet a person should hear of it."""
    return _GRIEVED.search(text) is not None


_PLEAS: Final = re.compile(
    r"(?:请|求|望|盼|恳请|恳求|希望|拜托|麻烦)[^,，。]{0,10}(?:做主|公道|说法|调查|核实|核查|查清|查处|管[管一]|处理|解决|督促|过问|重视|反映上去)"
    r"|(?:给|替|为)(?:我|俺|咱|老百姓|农民)?(?:们|家)?(?:做做?主|[一个]?个?说法|[一个]?个?公道|讨个)"
)
_NOT_COME: Final = re.compile(r"[没未][给发到有收打拨领见得]|停了|少[了给发]|拖")
_CALL: Final = re.compile(r"(?:打|回|来)(?:一?个)?(?:电话|话|电)|联系(?:我|一下|下)|找我")
_ASKING: Final = re.compile(r"怎么|咋|吗|能不能|可以|行不|[?？]$")
_A_STORY: Final = 14  # characters
_SAME: Final = 6


def pleads(text: str) -> bool:
    """Whether a message tells of a wrong and wants it seen to without saying 投诉.

    请领导给做主; a telephone number to ring back; a wish that one's name be left out.
    """
    if len(text) < _A_STORY:
        return False
    wronged = tells_a_grievance(text) or _NOT_COME.search(text) is not None
    if wronged and (_PLEAS.search(text) or own_phone(text)):
        return True
    if _CALL.search(text) and own_phone(text):
        return True
    return wants_no_name(text) and not _ASKING.search(text)


def same_story(filed: str, told: str) -> bool:
    """Whether two stories are told in the same words, but for the opening and the marks."""
    one, other = _core(filed), _core(told)
    return len(one) >= _SAME and len(other) >= _SAME and (one == other or (one.startswith(other) and len(one) < len(other) + _SAME))


def _core(text: str) -> str:
    wish = filing_wish(text)
    return "".join(re.findall(r"[0-9a-zA-Z\u3400-\u9fff]", wish.told if wish and wish.told else text))

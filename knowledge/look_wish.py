"""A wish that we look for somebody's own money: 帮我查一下补贴, 看看俺家卡里进没进钱.

Said of money in general, in any order of words. Whatever is left over when these words are taken out (an item's name,
条件, 咋没到, 隔壁老王) makes it another matter, that is not decided here.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 30  # characters
_NOISE = re.compile(r"[\W_]+")
# By which the wish is known. 看 alone is no verb of looking: 我看钱少了.
_LOOK = (
    r"查[一个]?查|查询[一]?[下个]?|查看|[查瞅瞧][一个]?[下眼]子?|看一?下子?|看一?眼|看[一个]?看|瞅[一个]?瞅|瞧[一个]?瞧|核对[一]?下|核对|"
    r"翻[一个]?翻|翻[一]?下|对[一]?下账|查|瞅"
)
_MONEY = (
    r"(?:惠民|惠农|国家|政府|财政|上头|上面|公家|农业|种地)?(?:给的|发的|打的)?"
    r"(?:补贴|补助|补款|[补补]贴款|补助款|补助金|惠农钱|款项|款子?|钱数|钱|账目|账单|账|流水|明细账?|打款|到账|发放)"
)
_PLACE = r"(?:社保|银行|那张|这张)?(?:一卡通|卡|存折|折子|折|账户|账号|户头)(?:里头|里面|里边|里|上头|上面|上)?"
_CAME = (
    r"到没到账?|到账没到账|到账了?没有?|到账了?吗|到了?没有?|到了吗|[发打进来汇转]没[发打进来汇转](?:下来|进来|过来)?|"
    r"[发打进汇转]了?没有?|[发打进汇转]了吗|下没下来?|下来了?没有?|下来了?吗|进来了?没有?|[发打进](?:下来|进来|过来)了?没有?"
)
# What may stand around the two. Longer ones first: what begins alike is told apart by it.
_AROUND = (
    r"麻烦|劳驾|拜托|谢谢|您好|你好|请问|请|同志|师傅|老师|大姐|大哥|大夫|姑娘|小伙子|那个|这个|喂|哎|"
    r"能不能|能否|可不可以|可以不可以|行不行|好不好|中不中|可以吗|行吗|好吗|可以|能|想要|想|需要|打算|要|得|"
    r"帮个忙|帮帮忙|帮忙|帮着|帮|替|给|让|再|先|快|赶紧|来|去|一下|"
    r"我们|俺们|咱们|咱俩|我|俺|咱|您|你|本人|自己个儿|自己|自个儿?|名下|头上|家里人|家里|家|户|老两口|"
    r"(?:我|俺|咱)?(?:老伴儿?|爹|娘|爸爸?|妈妈?|父亲|母亲|父母|奶奶?|爷爷?|姥姥?|姥爷|媳妇儿?|儿子|闺女|孩子|孙子|孙女)|"
    r"今年|去年|前年|这两年|这几年|历年|往年|20\d\d年?|\d\d?月份?|[一二三四五六七八九十]+月份?|这个月|上个月|本月|上半年|下半年|"
    r"年|最近|近期|这阵子|眼下|现在|到底|究竟|目前|一共|总共|总计|合计|共|全部|所有|都|各项|各种|"
    r"有没有|有多少|多少|有几笔|几笔|几项|哪几[笔项]|哪几样|哪些|啥样的?|有啥|有什么|啥|什么|有|几个|几|"
    r"[领发给打进收到拿存得补][到过]?了?|的?明细|的?记录|的?情况|的?信息|的?结果|的?详情|发放|情况|"
    r"这笔|那笔|这些|那些|那点|那份|这份|那|这|笔|份|点|些|项|是|个|的|地|了|着|过|没有|没|"
    r"里头|里面|里|上|吗|嘛|么|呢|吧|呗|啊|呀|哈|哦|嘞|哩|咧|不|下|行|好|中"
)
_ABOUT_MONEY = re.compile(f"{_MONEY}|{_PLACE}|领[了到过]")
_KNOWN = re.compile(f"(?:{_LOOK}|{_MONEY}|{_PLACE}|{_CAME}|{_AROUND})")
_LOOKS = re.compile(_LOOK)
# 谁查过我的补贴, 没查着: a look that has been. 能不能领补贴: what one may have is a matter of policy.
_NO_WISH = re.compile(
    r"[查看]过|没[查看]|[查看]了|[查看]没[查看]|被[查看]|(?:能不能|能否|能|可以|可不可以|想要?|需要|打算|要)(?:再|都|也|去|来)?[领拿得享补]"
)


def wishes_a_look(text: str) -> bool:
    """Whether a message is nothing but the wish to see one's own money, of which no item is named."""
    said = _NOISE.sub("", text)
    if not 2 <= len(said) <= _LONGEST or _NO_WISH.search(said):
        return False
    return bool(_LOOKS.search(said) and _ABOUT_MONEY.search(said)) and _covered(said)


def _covered(said: str) -> bool:
    """Whether the known words, one after the other, are the whole of it, in whatever way they can be told apart."""
    reached = {0}
    for start in range(len(said)):
        if start in reached:
            reached.update(
                start + length
                for length in range(1, len(said) - start + 1)
                if _KNOWN.fullmatch(said, start, start + length)
            )
    return len(said) in reached

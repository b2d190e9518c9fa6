"""What is said in a run, and the words by which an answer is known to be the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bench.client import Sample
from bench.messages import Account

CONNECTIONS = 16
FOLLOWERS = CONNECTIONS * 100  # of each kind: who ask, and who are bound


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of one person, and words that its answer must have."""

    openid: str
    text: str
    expected: str


Script = list[list[Saying]]  # by connection
Talk = Callable[[int, int], Script]  # number of the round, messages wanted in all

# Leads, items and questions are combined to 1,280 sentences. Readings of short sentences are kept ready, so that one row
# says these and another says each sentence with a number that makes it new.
_LEADS = (
    "", "请问", "你好，", "问一下", "打听个事，", "想知道", "麻烦问下", "我想问问", "老师，", "帮我看看", "我家", "我妈",
    "我爸", "我们村", "邻居问", "今年", "听说", "咨询一下", "有个问题，", "您好请问",
)  # fmt: skip
_ITEMS = (
    "耕地地力保护补贴", "高龄津贴", "最低生活保障", "城乡居民养老保险", "玉米生产者补贴", "大豆生产者补贴",
    "困难残疾人生活补贴", "重度残疾人护理补贴",
)  # fmt: skip
_ASKED = ("给多少钱", "怎么申请", "要什么条件", "什么时候发", "找谁办", "需要什么材料", "归哪个部门管", "标准是多少")


def _question(n: int) -> str:
    n = n * 7919 % (len(_LEADS) * len(_ITEMS) * len(_ASKED))
    lead, item = n % len(_LEADS), n // len(_LEADS) % len(_ITEMS)
    return _LEADS[lead] + _ITEMS[item] + _ASKED[n // len(_LEADS) // len(_ITEMS)]


def echo(_round: int, wanted: int) -> Script:
    """Anything; it comes back."""
    return _each(wanted, lambda i, k: Saying(_name("echo", i, k), text := _question(k * CONNECTIONS + i), text))


def policy(_round: int, wanted: int) -> Script:
    """(a) A policy question in plain words: every answer from an article names its source."""
    return _each(wanted, lambda i, k: Saying(_name("ask", i, k), _question(k * CONNECTIONS + i), "出处"))


def fresh_policy(number: int, wanted: int) -> Script:
    """(a) The same in words that were never heard before."""
    def saying(i: int, k: int) -> Saying:
        n = k * CONNECTIONS + i
        return Saying(_name("ask", i, k), f"{_question(n)}，我排{number}{n:05}号", "出处")

    return _each(wanted, saying)


def look_up(_round: int, wanted: int) -> Script:
    """(b) A bound resident looks at this year's payments."""
    year = f"{datetime.now(ZoneInfo('Asia/Shanghai')).year}年"
    return _each(wanted, lambda i, k: Saying(_name("bound", i, k), "查补贴", year))


# (c) Filing a case. Each message answers the question that is open for its sender, so somebody must have brought each
# sender to that question first: openings are sent before the clock runs, then each connection takes its people through
# their steps, one person after the other. So at every moment sixteen people are at one step each, and no two messages
# of one person overlap. The story names an item, but no township and no telephone, so that every step is taken.
_OPENING = ("我要投诉", "什么事")
_STEPS = (("玉米补贴村里答应了一直没给，问了好几回也没人理", "乡镇"), ("万昌镇", "玉米"), ("改电话", "电话"), ("不留电话", "提交"))
_LAST = ("提交", "编号")


def openings(number: int, wanted: int) -> Script:
    """Everybody needed for so many steps starts to file."""
    return _each(-(-wanted // len(_STEPS)), lambda i, k: Saying(_filer(number, i, k), *_OPENING))


def steps(number: int, wanted: int) -> Script:
    """(c) Everybody answers one question after the other, up to the last screen."""
    return [[Saying(one.openid, *step) for one in line for step in _STEPS] for line in openings(number, wanted)]


def up_to_the_last(number: int, wanted: int) -> Script:
    """As many people as messages are wanted, each brought to the last screen; every answer is checked in its turn."""
    people = _each(wanted, lambda i, k: Saying(_filer(number, i, k), *_OPENING))
    return [[saying for one in line for saying in (one, *(Saying(one.openid, *s) for s in _STEPS))] for line in people]


def submissions(number: int, wanted: int) -> Script:
    """The last step: the case is filed, numbered, routed and dated."""
    return _each(wanted, lambda i, k: Saying(_filer(number, i, k), *_LAST))


def _filer(number: int, i: int, k: int) -> str:
    return f"filer-{number}-{i}-{k}"


def _name(kind: str, i: int, k: int) -> str:
    # A person always writes over the same connection.
    return f"{kind}-{(k * CONNECTIONS + i) % FOLLOWERS}"


def _each(wanted: int, make: Callable[[int, int], Saying]) -> Script:
    return [[make(i, k) for k in range(-(-wanted // CONNECTIONS))] for i in range(CONNECTIONS)]


def sealed(account: Account, script: Script) -> list[list[bytes]]:
    """The requests of a script."""
    return [[account.request(saying.openid, saying.text) for saying in line] for line in script]


def wrong(account: Account, script: Script, samples: Sequence[Sample]) -> list[str]:
    """What the sampled answers say where it is not what they should say."""
    found = []
    for sample in samples:
        saying, words = script[sample.connection][sample.position], account.words(sample.body)
        if saying.expected not in words:
            found.append(f"{saying.text} → {words[:200]!r} (without {saying.expected})")
    return found

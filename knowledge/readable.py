"""Whether an article can be understood when it is read aloud: what is too long, what is an office's word, what is missing.

`remarks` gives advice; `faults` what must be put right before anybody may read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from knowledge.article import Article, Section
from knowledge.figures import MARK, Figure
from knowledge.identity import find_id_numbers

LEAD_LENGTH: Final = 90  # characters; a lead stands alone in chat
SECTION_LENGTH: Final = 400
SENTENCE_LENGTH: Final = 40
LONGEST_SENTENCE: Final = 60
_LEAD_SENTENCES: Final = 3

# Words of the office that a villager does not use. A document's title may hold them.
OFFICE_WORDS: Final = (
    *("核拨", "兑付", "拨付", "划拨", "下达", "下拨", "代发", "发放对象", "补助对象", "受益人", "享受", "给付"),
    *("动态管理", "动态调整", "定期复核", "复核", "初审", "审定", "审批", "核定", "核减", "核查认定", "受理", "申报"),
    *("惠民惠农", "底册", "台账", "基期", "包干", "统筹", "口径", "补差", "渐退", "财政供养", "国库", "专项资金"),
    *("共同生活家庭成员", "家庭经济状况", "刚性支出", "支出型", "急难型", "低保边缘", "监护人", "照护", "占补平衡"),
    *("经营主体", "作业主体", "实施主体", "流转", "一次性告知", "兜底", "予以", "依法依规", "相关部门", "有关规定"),
    *("资格认证", "金融功能", "人脸识别", "户籍地", "经办", "逾期", "截留挪用", "应享尽享", "精准", "落实"),
)
BLAME: Final = ("您没有按", "您自己的错", "怪您没", "您应该早", "为什么不", "您违反", "不配合")
LEVELS_SAID: Final = {"国家": "国家", "吉林省": "省", "吉林市": "吉林市", "永吉县": "县"}
_PLAINER: Final = {
    "核拨": "发钱", "兑付": "发钱", "拨付": "发钱", "划拨": "打钱", "下达": "定下来", "下拨": "发下来", "享受": "领",
    "申报": "报", "受理": "收下", "审批": "批", "给付": "发", "逾期": "过了日子", "代发": "打钱", "复核": "再核对一次",
    "户籍地": "户口所在地", "监护人": "照看他的家里人", "资格认证": "每年证明人还在", "人脸识别": "对着手机刷脸",
}  # fmt: skip
_TITLE = re.compile(r"《[^》]*》")
_BARE_SUM = re.compile(
    r"\d[\d.,]*\s*(?:多|来)?\s*(?:元|块|角|毛|万|%|％|倍)|[一二三四五六七八九十百千]+(?:元|块钱|毛钱|万|倍)|百分之"
)
_BARE_TIME = re.compile(r"今年|去年|明年|本月|上个月|目前|最近一年")
_NEXT_STEP = re.compile(r"请|问|打1|找|发“")


class Remark(NamedTuple):
    """One thing to look at in a section. A `fault` must be put right; the rest is advice."""

    aspect: str
    said: str
    fault: bool = False


def words(section: Section) -> str:
    """All that a section says."""
    return f"{section.lead}\n{section.body}".strip()


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without the marks of lists and steps."""
    for sentence in re.split(r"[。！？；\n]", text):
        if stripped := re.sub(r"^(?:- |\d+\. )", "", sentence.strip()):
            yield stripped


def bare_sums(section: Section) -> list[str]:
    """Sums and rates that stand in the text itself instead of among the figures."""
    return _BARE_SUM.findall(MARK.sub("", section.written))


def office_words(section: Section) -> list[str]:
    """The office's words in a section, those in the titles of documents left out."""
    spoken = _TITLE.sub("", words(section))
    return [word for word in OFFICE_WORDS if word in spoken]


def remarks(article: Article) -> list[Remark]:
    """What there is to say of an article, section by section, the faults of each first."""
    found = [remark for section in article.sections.values() for remark in _of_section(article, section)]
    return sorted(found, key=lambda remark: (list(article.sections).index(remark.aspect), not remark.fault))


def _of_section(article: Article, section: Section) -> Iterator[Remark]:
    def advice(said: str) -> Remark:
        return Remark(section.aspect, said)

    yield from _faults(section)
    if len(section.lead) > LEAD_LENGTH:
        yield advice(f"第一段有{len(section.lead)}个字，最好不超过{LEAD_LENGTH}个：聊天里先出这一段。")
    if len(list(sentences(section.lead))) > _LEAD_SENTENCES:
        yield advice("第一段句子多了，最好一两句就答完。")
    if len(words(section)) > SECTION_LENGTH:
        yield advice(f"这一节有{len(words(section))}个字，最好不超过{SECTION_LENGTH}个。")
    for sentence in sentences(words(section)):
        if len(sentence) > SENTENCE_LENGTH:
            worse = "太长了，念到后头忘了前头" if len(sentence) > LONGEST_SENTENCE else "有点长"
            yield advice(f"这句有{len(sentence)}个字，{worse}，请断成两句：{sentence[:14]}…")
    for word in office_words(section):
        plainer = f"，比如“{_PLAINER[word]}”" if word in _PLAINER else "，或者马上解释一句"
        yield advice(f"“{word}”是机关里的词，老人听不懂。请换个说法{plainer}。")
    yield from map(advice, _manners(section))
    yield from map(advice, _figures_told(article, section))


def _faults(section: Section) -> Iterator[Remark]:
    if sums := bare_sums(section):
        yield Remark(
            section.aspect, f"“{sums[0]}”直接写在正文里了。钱数和比例请加到“数字”里，写上年份和文件，正文里引用它。", fault=True
        )
    if find_id_numbers(section.written):
        yield Remark(section.aspect, "里面有身份证号。文章人人看得到，请删掉。", fault=True)


def _manners(section: Section) -> Iterator[str]:
    text = words(section)
    for phrase in BLAME:
        if phrase in text:
            yield f"“{phrase}”听着像怪人，请换个说法。"
    if found := _BARE_TIME.search(text):
        yield f"“{found[0]}”过一年就不对了，请写清是哪一年。"
    last = re.split(r"[。；\n]", text.rstrip("。"))[-1]
    if not _NEXT_STEP.search(last):
        yield "最后一句请告诉他下一步：问谁，或者打哪个电话。"


def _figures_told(article: Article, section: Section) -> Iterator[str]:
    for paragraph in section.written.split("\n\n"):
        for figure in article.figures:
            if f"{{figure:{figure.key}}}" in paragraph and not _is_told(figure, paragraph):
                yield f"说“{figure.words}”的那一段，请写上是{figure.year}年、{figure.level}定的。"


def _is_told(figure: Figure, paragraph: str) -> bool:
    return f"{figure.year}年" in paragraph and LEVELS_SAID[figure.level] in paragraph

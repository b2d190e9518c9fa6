"""Who are you? What is asked for and why, how an answer is read, and what is said afterwards: chat, page and counter alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.errors import Refused
from knowledge.identity import IdNumber, IdNumberFault, find_id_numbers, half_width, normal_digits, parse_id_number

NOTICE_VERSION = 1  # of the words below; a higher one asks everybody anew

BOUND, NOT_MATCHED, LOCKED, SLOWED = "bound", "not_matched", "locked", "slowed"
CODE_SENT, WRONG_CODE, CODE_OLD, TOO_MANY = "code_sent", "wrong_code", "code_old", "too_many"

_FACTORS: Mapping[str, str] = {"name": "姓名", "card_tail": "社保卡账号最后4个数", "sms": "短信验证码"}

RELATIONS: Mapping[str, str] = {"self": "本人", "parent": "父母", "child": "孩子", "other": "其他"}

ASK_NUMBER = "请发身份证号（18位）。"
ASK_NAME = "姓名是什么？请发身份证上的姓名。"
ASK_TAIL = "社保卡银行账号的最后4个数是什么？看卡上或存折上的银行账号，发最后4个数，不是身份证号。"
ASK_GUARDIAN = "这是不满14岁孩子的号码。按规定，要孩子的监护人（父母，或替父母管孩子的人）才能查。您是监护人吗？"
ASK_RELATION = "要查的这个人是您的什么人？"
NOT_A_GUARDIAN = "那请让孩子的监护人来查，也可以由监护人带户口本到乡镇查。"
NOT_AGREED = "好，不查了。想问政策可以直接问，也可以带身份证到乡镇查。"
ENOUGH = "好，不查了，刚才填的都没留。什么时候想查，再发“查补贴”。"
WHY = (
    "身份证号只用来认人：对上了才给看，别人就看不到您的钱。\n"
    "我们不问银行卡密码，不要您转账。不放心就不发，带身份证到乡镇查也一样。"
)


def notice(county: str, hotline: str, proof: Iterable[str]) -> str:
    """What is told before the first number is taken (个人信息保护法 第17、30条): what, why, what for, how long, who."""
    asked = "、".join(["身份证号", *(_FACTORS[each] for each in proof if each in _FACTORS)])
    return (
        "查之前先认一下您是谁。\n"
        f"要什么：{asked}。\n"
        "为什么：对上了才给看，免得别人查到您的钱。\n"
        "做什么用：只用来核对身份、查补贴，不给别人。\n"
        "留多久：加密保存，发“我的信息”解除或取消关注就删；没对上的不留。\n"
        f"谁来管：{county}惠民补贴一卡通，有疑问打{hotline}。\n"
        "同意就点“同意”。不同意也行，带身份证到乡镇查。"
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a proof. `minutes` to wait, `left` tries, or the `resident_id` that is bound now."""

    kind: str
    minutes: int = 0
    left: int = 0
    resident_id: int = 0
    follower_id: int = 0


_SAID: Mapping[str, str] = {
    NOT_MATCHED: "没对上。再看看号码，或带身份证到乡镇。",
    LOCKED: "试的次数有点多了，为了保护大家的信息，先停一停。请明天再试，或带身份证到乡镇办。",
    SLOWED: "为了保护大家的信息，请过{minutes}分钟再试。着急的话，带身份证到乡镇办。",
    CODE_SENT: "前面填的要是都对得上，登记的手机会收到一条短信。请在5分钟内，把短信里的6个数字发来。",
    WRONG_CODE: "这6个数字没对上。再看看短信，还能试{left}次。",
    CODE_OLD: "验证码过了5分钟，不能用了。请发“查补贴”重新来。",
    TOO_MANY: "一个微信只能给{most}个人查，已经满了。要换人，先发“我的信息”解除一个。",
}


def told(outcome: Outcome, most: int = 0) -> str:
    """An outcome in words; the same words whether the person exists or not. `most`: persons for one WeChat user."""
    return _SAID[outcome.kind].format(minutes=outcome.minutes, left=outcome.left, most=most)


def another_is_bound(masked: str) -> str:
    """What everybody else learns who is bound to the same person."""
    return (
        f"提醒您：刚才又有一个微信通过了核对，可以查{masked}的补贴。\n"
        "是家里人就不用管。不认识的，发“我的信息”就能看到，可以把它解除。"
    )


def tried_in_vain(masked: str) -> str:
    """What everybody learns who is bound to a person for whom a proof failed: no more than that."""
    return (
        f"提醒您：有人用{masked}的身份证号来查补贴，没有对上，什么都没看到。\n"
        "是您或家里人试的就不用管。想看哪些微信能查，发“我的信息”。"
    )


def ended_at_the_counter(masked: str) -> str:
    """What a WeChat user learns whose binding was ended at the township."""
    return f"{masked}本人在乡镇要求，这个微信不能再查{masked}的补贴了。有疑问请问乡镇。"


def bound_now(masked: str) -> str:
    """What the chat says when the proof was given elsewhere: on the page, or at the counter."""
    return f"认好了：{masked}。发“查补贴”，或点下面的“我的钱”，就能看到每一笔。"


# ---------------------------------------------------------------- reading answers

_LEFT_OUT = re.compile(r"(身份证|户口本|号码|号)[^0-9]{0,6}(没带|不记得|忘|没有|不知道|找不到|丢)|^(不知道|不记得|忘了|没带|记不住)")
_SPOKEN_X = re.compile(r"(叉|艾克斯|埃克斯|爱克斯|×)\s*[。.]?$")


def read_number(text: str) -> IdNumber:
    """The ID number in an answer, also spoken, with words around it, or in the old form. Refused with help."""
    plain = _SPOKEN_X.sub("X", text.strip())
    if _LEFT_OUT.search(plain):
        raise Refused("身份证、户口本上都有这个号码，一般是18位，找到再发来就行。找不到，可以到乡镇或派出所问。")
    try:
        return parse_id_number(normal_digits(plain))
    except IdNumberFault as fault:
        found = find_id_numbers(plain)
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            raise Refused("这里有两个号码。一次查一个人，先发一个来。") from None
        digits = re.sub(r"[^0-9A-Za-z]", "", normal_digits(plain))
        if fault.code == "ID_CHARACTERS" and sum(char.isdigit() for char in digits) < 4:
            raise Refused("请发身份证号，18位数字。不着急，找到了再发；不查了，发“算了”。") from None
        if fault.code == "ID_CHARACTERS" and len(digits) > 8:  # words around it
            return parse_id_number(digits)
        raise


_NAME_LEAD = re.compile(r"^.{0,4}?(?:姓名|名字|叫)[是叫:：]*|^(?:我|他|她)是")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff](?:·?[\u3400-\u9fff\U00020000-\U0003ffff]){1,19}")
_NO_NAMES = re.compile(
    r"^(不|没|忘|啥|什么|为什么|为啥|咋|怎么|哪|这是|你|查[补我一询看钱进]|我的|我要|取消|返回|同意|好的|可以|是的|谢谢|您|麻烦|在吗|帮|请|急|补贴|低保|身份|姓名|号码|补助)"
)
_DOTS = str.maketrans("•・．.‧∙", "······")


def read_name(text: str) -> str:
    """A person's name as it stands on the ID card. Refused with help."""
    name = re.sub(r"[\s\u3000]", "", text).rstrip("。，,！!~～；;").translate(_DOTS).strip("·")
    name = _NAME_LEAD.sub("", name, count=1)
    if not _NAME.fullmatch(name) or _NO_NAMES.match(name) or (len(name) > 5 and "·" not in name):
        raise Refused("请只发姓名，跟身份证上的一样，比如：王桂兰。")
    return name


# The usual surnames, for names that nobody was asked for: what stands beside a number need not be one.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦"
    "申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司"
    "柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭"
    "窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺朴那富铁寇"
)
_NO_CARD = re.compile(r"没有?卡|卡.{0,3}(丢|没了|找不到|不在|坏)|不知道|不记得|忘了|看不清|没有存折|没办卡|找不到|没开|没激活")


def read_tail(text: str) -> str:
    """The last four digits of the account: typed, spoken, or cut from the whole account number. Refused with help."""
    if _NO_CARD.search(text):
        raise Refused("账号在社保卡或存折的正面，存折第一页也有。找不到，可以带身份证到银行或乡镇问。不查了就发“算了”。")
    with_words = re.sub(r"[\s\u3000\-—*＊·]", "", half_width(text).strip().rstrip("。.，,！!"))
    head = re.sub(r"[后末尾最]+[4四]|第[一二三四]", "四", with_words)  # the four of 后四位 is no digit of the number
    digits = normal_digits(re.sub(r"^.*?(?:四位数?字?|四个数?字?|尾号|账号|卡号|号码|是|为)+[是为:：]*", "", head))
    if _is_id_number(digits) or re.fullmatch(r"\d{3}[Xx]", digits):
        raise Refused("这是身份证号上的。这里要的是银行账号：看社保卡或存折上的长号码，发最后4个数。")
    if not (digits.isascii() and digits.isdigit()):
        raise Refused("请发社保卡或存折上银行账号的最后4个数字，不是身份证号。")
    if len(digits) == 4 or 12 <= len(digits) <= 22:
        return digits[-4:]
    raise Refused(f"要的是银行账号的最后4个数字，您发来的是{len(digits)}个。看卡上或存折上的长号码，发最后4个数。")


def _is_id_number(digits: str) -> bool:
    try:
        return bool(parse_id_number(digits))
    except IdNumberFault:
        return False


def looks_like_a_name(text: str) -> bool:
    """Whether a word that nobody asked for is a name: a usual surname, and two to four characters."""
    return 2 <= len(text) <= 4 and text[0] in _SURNAMES and bool(_NAME.fullmatch(text)) and not _NO_NAMES.match(text)


def read_code(text: str) -> str:
    """Six digits: typed, with blanks, spoken, or in the middle of the message that brought them. Refused with help."""
    digits = re.findall(r"(?<!\d)\d{6}(?!\d)", re.sub(r"[\s\u3000\-]", "", normal_digits(text)))
    if len(digits) != 1:
        raise Refused("请发短信里的6个数字。")
    return str(digits[0])


_WHOM = (
    ("self", re.compile(r"(给|替|帮|看|查)?(我自己|本人|自个儿?)")),
    ("parent", re.compile(r"(我|俺)?(妈|娘|爸|爹|母亲|父亲|爸妈|父母|老爸|老妈|公公|婆婆|丈人|岳父|岳母|公婆)")),
    ("child", re.compile(r"孩子|儿子|闺女|姑娘|女儿|娃|小孩")),
    ("other", re.compile(r"老伴|媳妇|老婆|老公|丈夫|妻子|爷爷|奶奶|姥姥|姥爷|外公|外婆|叔|舅|姑|姨|哥|姐|弟|妹|邻居|亲戚|孙子|孙女")),
)
_FOR = re.compile(r"^(我想|我要|想|要|能不能|能)?(给|帮|替|为).{1,8}?(查|看(?!病|护|孩|门|家))|^(查|看)(一下|下)?(我|俺)?\S{1,4}的(补贴|钱)")


def relation_in(text: str) -> str | None:
    """What the person is to the speaker, if the words say so: 我妈 → parent."""
    return next((name for name, words in _WHOM if words.search(text)), None)


def for_somebody_else(text: str) -> bool:
    """Whether the words ask to look for another person: 给我妈查一下."""
    return bool(_FOR.search(text)) and relation_in(text) not in (None, "self")

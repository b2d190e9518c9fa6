"""What a resident is told when the date of an answer moves, and why. Plain, and never more than is so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from knowledge.calendar import in_words
from knowledge.deadlines import Deadline
from knowledge.kinds import DISCLOSURE, PETITION, REPORT, way_in_words
from knowledge.wording import BEIJING

PAUSES: Mapping[str, str] = {
    "third": "征求第三方意见（政府信息公开条例第32条），这段时间不算",
    "organ": "征求其他机关意见（政府信息公开条例第33条），这段时间不算",
}
STOPPED: Mapping[str, str] = {
    "pause": "正在等别处的意见，等的这段时间不算在期限里。意见回来了，会告诉您最晚哪天答复。",
    "correction": "在等您补充材料，发“补充情况”补上就接着办。",
    "run_out": "请您补的材料过了日子还没收到。现在发“补充情况”补上也行；有难处，也这样说一声。",
}
_NAMES: Mapping[str, str] = {
    "咨询": "按“想问事”来办",
    "投诉": "按投诉来办",
    "建议": "按建议来办",
    REPORT: "按举报来办，会保密转给纪检部门",
    PETITION: "按信访的规矩来办。这只是换个办法办，不影响您，您的身份照样保密",
    DISCLOSURE: "按申请看文件（信息公开）来办",
}


def until(deadline: Deadline) -> str:
    """最晚2026年3月16日（星期一）答复您, with 日子先这么算着 where it is provisional."""
    if deadline.due_date is None:
        return "没有固定期限，办完会告诉您"
    return f"最晚{in_words(deadline.due_date)}答复您" + ("，日子先这么算着" if deadline.provisional else "")


def extended(number: str, deadline: Deadline, reason: str) -> str:
    """More time was granted."""
    return f"您的事（编号{number}）要多办几天，对不住。\n原因：{_ended(reason)}\n{until(deadline)}。"


def rescheduled(number: str, deadline: Deadline) -> str:
    """The year's holidays were published, and the date that was said for now is another one."""
    return f"今年的放假安排公布了，您的事（编号{number}）按它重新算过：{until(deadline)}。"


def paused(number: str, why: str) -> str:
    """The clock stands still."""
    whom = "有关的人或单位" if "第三方" in why else "别的机关"
    return f"您的申请（编号{number}）要先问问{whom}的意见，等意见的这段时间不算在期限里。意见回来了，会告诉您最晚哪天答复。"


def resumed(number: str, deadline: Deadline) -> str:
    """The clock goes on."""
    return f"您的申请（编号{number}），要问的意见回来了，接着办。{until(deadline)}。"


def to_correct(number: str, what: str, by: date) -> str:
    """The application is not complete yet; what is missing is wanted by a day."""
    return (
        f"您的申请（编号{number}）还差一点才能办：\n{_ended(what)}\n"
        f"请在{in_words(by)}前，在这里发“补充情况”补上。补上了，从那天起重新算日子。到时候补不齐、有难处，也请发来说一声。"
    )


def not_corrected(number: str, what: str, by: date) -> str:
    """The day is over and nothing has come: it can still come, and what happens otherwise."""
    return (
        f"您的申请（编号{number}），请您在{in_words(by)}前补的，还没有收到：\n{_ended(what)}\n"
        "还想要的，请尽快发“补充情况”补上；有难处，也这样说一声。一直没有信儿，这次申请就当您不要了，不再往下办。"
    )


def given_up(by: date) -> str:
    """The application counts as given up: why, and what one can do."""
    return (
        f"请您补的材料，到{in_words(by)}没有收到，也没有收到您说有什么难处。"
        "按政府信息公开条例第30条，这次申请当作您不要了，不再往下办。\n"
        "以后还想要，随时可以重新申请：发“我要反映”，说想看什么文件。"
    )


def corrected(number: str, deadline: Deadline) -> str:
    """The correction has arrived."""
    return f"您补的材料收到了（编号{number}），从今天起重新算日子。{until(deadline)}。"


def confirmed(number: str, deadline: Deadline) -> str:
    """Both sides have confirmed the application."""
    return f"您的申请（编号{number}）已经跟您确认收到。{until(deadline)}。"


def other_kind(number: str, kind: str, deadline: Deadline, reason: str) -> str:
    """The case is handled as another kind."""
    return f"您的事（编号{number}）换个办法办：{_NAMES[kind]}。\n原因：{_ended(reason)}\n编号不变，{until(deadline)}。"


def shown_the_way(kind: str, reason: str) -> str:
    """The county takes this kind elsewhere: where and how."""
    return f"{way_in_words(kind)}\n为什么：{_ended(reason)}\n要一张写好的移交单，请告诉经办的部门，或到乡镇窗口打印。"


def noon(day: date) -> datetime:
    """A day as a moment, in UTC: noon in Beijing, so that it is that day wherever one looks."""
    return datetime.combine(day, time(12), BEIJING).astimezone(UTC)


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else text + "。"

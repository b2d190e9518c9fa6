"""How the console says states, events and acts to staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge import money, wording
from models.base import now
from models.case import OPEN, Case
from models.delivery import WAITING, Delivery

KINDS = ("咨询", "投诉", "举报", "信访", "信息公开申请", "建议")
SOURCES: Mapping[str, str] = {"chat": "微信", "hotline": "热线代登记"}
STATUS: Mapping[str, str] = {"filed": "待接办", "accepted": "办理中", "answered": "已答复", "withdrawn": "群众已撤回"}
EVENTS: Mapping[str, str] = {
    "filed": "群众提交", "accepted": "接办", "answered": "答复群众", "transferred": "转办", "added": "群众补充",
    "withdrawn": "群众撤回", "noted": "内部备注", "called": "热线已电话告知", "rang": "热线打电话，没打通",
}  # fmt: skip
DELIVERIES: Mapping[str, tuple[str, str]] = {
    "waiting": ("正在发送", "progress"),
    "sending": ("正在发送", "progress"),
    "sent": ("已发到微信", "good"),
    "uncertain": ("没确认送到，等群众下次来信时再带上", "wait"),
    "riding": ("随回复带给群众，等确认", "progress"),
    "delivered": ("已送达", "good"),
    "calling": ("微信送不到，等热线打电话", "bad"),
    "called": ("已打电话告知", "good"),
}
_LATER = ("等群众下次来信时带上", "wait")
_NOTIFIED = ("已提醒群众有答复，等他来信时送到", "wait")

ACTIONS: Mapping[str, str] = {
    "login.try": "尝试登录", "login": "登录", "logout": "退出", "password.change": "改密码", "denied": "被拒：没有权限",
    "case.list": "看办件列表", "case.view": "看办件", "case.file": "登记办件", "case.accept": "接办", "case.answer": "答复",
    "case.transfer": "转办", "case.note": "内部备注", "case.add": "群众补充", "case.withdraw": "群众撤回",
    "case.reveal": "显示联系人", "case.attachment": "看照片、听录音", "case.receipt": "看登记回执",
    "call.list": "看电话名单", "call.open": "打开待打电话", "call.done": "已电话告知", "call.missed": "电话没打通",
    "message.list": "看没答上的消息", "message.handled": "处理没答上的消息", "audit.read": "看操作记录",
    "staff.create": "新建人员", "staff.post": "改岗位", "staff.switch": "启用、停用人员", "staff.reset": "重置密码",
    "department.create": "新建部门", "department.change": "改部门", "article.publish": "发布文章",
    "payments.import": "导入发放明细", "payments.withdraw": "撤下发放文件", "payments.drop": "撤回不见了的明细",
    "payments.keep": "留着不见了的明细", "payments.vanished": "看不见了的明细", "upload.begin": "上传发放文件",
    "upload.view": "看上传文件的检查结果", "upload.confirm": "确认入库", "upload.give_up": "放弃上传的文件",
    "upload.report": "下载检查报告", "publicity.hang": "挂出公示名单", "publicity.down": "撤下公示名单",
    "publicity.view": "看公示名单", "publicity.print": "打印公示名单", "exposure.decide": "改公示范围", "code.ask": "要村二维码",
    "resident.view": "代查补贴", "resident.failed": "代查没对上", "person.confirm": "当面核对身份",
    "registers.households": "导入户籍", "registers.deaths": "导入死亡名单", "registers.returns": "导入银行回盘",
    "registers.withdraw": "撤下户籍、死亡名单", "returns.list": "看银行退回名单", "returns.view": "看一笔退回",
    "returns.work": "办理一笔退回", "returns.reveal": "显示退回的号码和账号", "returns.export": "导出重新报送表",
    "returns.match": "核对待认领的退回", "returns.claim": "认领一笔退回", "returns.dismiss": "不认领一笔退回",
    "finding.list": "看核查线索", "finding.view": "看一条线索", "finding.clear": "处理一条线索", "finding.reveal": "显示线索里的号码",
    "inspection.export": "导出检查材料",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Left:
    """The time left for an answer in words, and how pressing it is: late, today, soon, calm or done."""

    words: str
    grade: str


def left(case: Case) -> Left:
    """How long the department still has."""
    if case.status not in OPEN:
        return Left(STATUS[case.status], "done")
    if case.due_at is None:
        return Left("没有规定期限", "calm")
    days = (wording.beijing(case.due_at).date() - wording.beijing(now()).date()).days
    if case.due_at < now():
        return Left(f"超期{-days}天" if days else "今天刚超期", "late")
    if days <= 1:
        return Left("今天到期" if days == 0 else "明天到期", "today")
    return Left(f"还剩{days}天", "soon" if days <= 3 else "calm")


def delivery(row: Delivery) -> tuple[str, str]:
    """Where an answer has got to, and its colour. What could not be pushed waits for the person's next message."""
    if row.status == WAITING and row.notified_at is not None:
        return _NOTIFIED
    if row.status == WAITING and row.attempts:
        return _LATER
    return DELIVERIES.get(row.status, (row.status, "progress"))


def yuan(fen: int) -> str:
    """1,081.18元."""
    return money.yuan(fen)


def when(written: str) -> datetime:
    """A moment that was kept as text."""
    return datetime.fromisoformat(written)


def moment(value: datetime) -> str:
    """12月3日 14:05."""
    return wording.moment(value, wording.beijing(now()).date())


def day(value: datetime) -> str:
    """12月3日(星期四)."""
    return wording.day_and_weekday(value, wording.beijing(now()).date())


_NAMES: Mapping[str, str] = {
    "cases": "办件", "calls": "待打电话", "messages": "没答上的消息", "failures": "没答上的消息", "audit": "操作记录",
    "people": "人员和部门", "articles": "政策文章和发放数据", "hotline": "政策检索", "filing": "代登记", "proving": "代查补贴", "failed": "没答上的",
}  # fmt: skip


def subject(written: str) -> str:
    """A subject of the audit log, as staff say it."""
    kind, _, name = written.partition(":")
    words = {
        "case": "办件", "staff": "人员", "department": "部门", "article": "文章", "page": "页面", "message": "消息",
        "list": "列表", "batch": "发放批次", "upload": "上传的文件", "publicity": "公示", "item": "项目", "resident": "群众",
        "register": "名单文件", "finding": "线索",
    }  # fmt: skip
    return f"{words.get(kind, kind)} {_NAMES.get(name.partition('.')[0], name)}".strip()

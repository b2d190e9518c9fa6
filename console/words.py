"""How the console says states, events and acts to staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge import money, wording
from models.base import now
from models.case import OPEN, Case
from models.case_event import CaseEvent
from models.delivery import WAITING, Delivery

KINDS = ("咨询", "投诉", "举报", "信访", "信息公开申请", "建议")
SOURCES: Mapping[str, str] = {"chat": "微信", "hotline": "热线代登记", "12345": "12345转来", "village": "村里代办", "counter": "乡镇代办"}
STATUS: Mapping[str, str] = {"filed": "待接办", "accepted": "办理中", "answered": "已答复", "withdrawn": "群众已撤回"}
EVENTS: Mapping[str, str] = {
    "filed": "群众提交", "accepted": "接办", "answered": "答复群众", "transferred": "转办", "added": "群众补充",
    "offered": "请对方接收", "declined": "对方没有接收", "taken_back": "收回转办", "unanswered": "对方没有在期限里答复", "returned": "退单",
    "assigned": "分派", "reassigned": "按回避规定换部门", "handed": "移交外单位", "help_asked": "请协办", "helped": "协办意见",
    "barred": "设回避", "unbarred": "解除回避",
    "withdrawn": "群众撤回", "noted": "内部备注", "called": "热线已电话告知", "rang": "热线打电话，没打通",
    "extended": "批准延期", "not_extended": "延期没批", "paused": "暂停计时", "resumed": "接着计时", "to_correct": "请申请人补正",
    "corrected": "收到补正", "not_corrected": "补正的日子过了，没有收到",
    "confirmed": "和申请人确认收到", "rekinded": "改办件类别", "notice": "出告知书", "to_approve": "答复报负责人看",
    "answer_returned": "答复退回修改", "rescheduled": "放假安排公布，重新算了日子", "late_accept": "逾期没接办，已报督办",
    "late_answer": "逾期没答复，已报督办",
    "reopened": "群众说没办好，重新打开", "complained": "群众还说没办好，已交督办", "urgent": "补充的话看着急，标了加急",
    "lost": "照片或录音没取到，已请群众再发",
    "merged": "和别的办件并在一起办", "unmerged": "分开单独办", "handed_over": "换人经办", "work_order": "12345工单",
}  # fmt: skip
_TOWARDS: Mapping[str, str] = {
    "offered": "请{}接收", "unanswered": "{}没有在期限里答复", "assigned": "分派给{}", "reassigned": "按回避规定换到{}", "help_asked": "请{}协办",
}
# Why a case waits for the coordinator's word; staff read it on the case.
TRIAGE: Mapping[str, str] = {
    "doubt": "拿不准归哪个部门，等统筹部门分派。", "elsewhere": "说的是岔路河镇，归中新食品区管，等统筹部门移交。",
    "barred": "原来的部门要回避，等统筹部门重新分派。", "returned": "退单了，等统筹部门定；定下来之前还由原部门负责。",
    "unanswered": "对方一个工作日没有答复接收，等统筹部门定；定下来之前还由原部门负责。",
}
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

OUTCOMES: Mapping[str, str] = {
    "answered": "当场答复了", "filed": "登记了办件", "not_found": "没查到，告诉他去哪问", "elsewhere": "不归这里管，指了去处",
    "broken": "断线，没说完",
}  # fmt: skip
TEXTS: Mapping[str, tuple[str, str]] = {
    "waiting": ("正在发", "progress"), "sending": ("正在发", "progress"), "sent": ("已发出", "good"),
    "refused": ("没发成，请打电话念给他", "bad"), "uncertain": ("没确认发出，请打电话问他收到没有", "wait"),
}  # fmt: skip

ACTIONS: Mapping[str, str] = {
    "login.try": "尝试登录", "login.code": "输登录验证码", "login": "登录", "logout": "退出", "password.change": "改密码", "denied": "被拒：没有权限",
    "case.list": "看办件列表", "case.view": "看办件", "case.reopen": "群众说没办好，重新打开", "case.complain": "群众还说没办好",
    "case.merge": "并在一起办",
    "case.unmerge": "分开单独办", "visit.list": "看回访", "visit.sealed": "看保密查看记录", "hot.seen": "看过热点",
    "case.file": "登记办件", "case.accept": "接办", "case.answer": "答复",
    "case.offer": "请别的部门接收", "case.decline": "不接收", "case.take_back": "收回转办", "case.return": "退单", "case.assign": "分派",
    "routing.propose": "提出分派改进", "routing.measure": "试算分派改进", "routing.strike": "划掉分派改进的例子",
    "routing.restore": "把例子算回来", "routing.approve": "采用分派改进", "routing.decline": "不采用分派改进",
    "routing.roll_back": "退回分派改进",
    "case.hand_outside": "移交外单位", "case.ask_help": "请协办", "case.help": "给协办意见", "case.bar": "设回避", "case.unbar": "解除回避",
    "case.slip": "打印移交单",
    "case.transfer": "接收转办", "case.note": "内部备注", "case.add": "群众补充", "case.withdraw": "群众撤回",
    "case.reveal": "显示联系人", "case.attachment": "看照片、听录音", "case.receipt": "看登记回执",
    "call.list": "看电话名单", "call.open": "打开待打电话",
    "phone.begin": "接电话", "phone.end": "电话收尾", "phone.list": "看电话记录", "phone.view": "看一个电话的记录",
    "case.text": "发短信告诉编号", "article.send": "发文章到微信", "call.done": "已电话告知", "call.missed": "电话没打通",
    "gap.give": "转交待补的问题", "gap.close": "办结待补的问题", "gap.reopen": "重新打开待补的问题", "gap.draft": "给待补的问题起草稿",
    "message.list": "看没答上的消息", "message.handled": "处理没答上的消息", "audit.read": "看操作记录",
    "staff.create": "新建人员", "staff.post": "改岗位", "staff.switch": "启用、停用人员",
    "staff.reset": "重置密码", "staff.totp": "重置登录验证", "staff.hand_over": "交接并停用", "case.hand_over": "交接办件",
    "totp.begin": "开始配手机", "totp.confirm": "配好手机验证", "totp.codes": "换备用码", "totp.off": "关登录验证", "item.owner": "改项目归谁",
    "order.list": "看12345工单", "order.import": "收12345工单", "order.same": "工单并到已有办件", "order.hand_back": "交回12345答复",
    "statistics.export": "下载统计表", "audit.export": "导出操作记录",
    "department.create": "新建部门", "department.change": "改部门", "department.duty_phone": "改部门值班手机",
    "article.publish": "批准、发布文章",
    "article.draft": "起草文章", "article.import": "从文件导入文章", "article.submit": "交文章复核", "article.send_back": "退回文章",
    "article.drop": "丢掉文章草稿", "article.cancel": "撤销等着起用的文章", "article.confirm": "核实文章",
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
    "clock.ask": "报延期", "clock.grant": "批准延期", "clock.refuse": "不批延期", "clock.stop": "暂停计时", "clock.go_on": "接着计时",
    "clock.correct": "请申请人补正", "clock.corrected": "收到补正", "clock.run_out": "补正的日子过了", "clock.given_up": "视为放弃申请",
    "clock.confirm": "和申请人确认收到", "case.kind": "改办件类别",
    "case.way": "告诉群众该去哪办", "answer.ask": "答复报负责人看", "answer.approve": "同意发出答复", "answer.return": "答复退回修改",
    "answer.strangers": "确认答复里可以有的名字、号码", "notice.issue": "出告知书", "notice.view": "看告知书", "notice.save": "下载告知书",
    "notice.void": "作废告知书", "canned.write": "写常用答复", "canned.switch": "启用、停用常用答复", "reminder.seen": "看过到期提醒",
    "approval.list": "看待批", "inspection.export": "导出检查材料",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Left:
    """The time left for an answer in words, and how pressing it is: late, today, soon, calm or done."""

    words: str
    grade: str


_STANDING: Mapping[str, Left] = {"correction": Left("等补正", "calm"), "run_out": Left("补正逾期", "late")}


def left(case: Case) -> Left:
    """How long the department still has."""
    if case.status not in OPEN:
        return Left(STATUS[case.status], "done")
    if case.stopped:
        return _STANDING.get(case.stopped, Left("暂停计时", "calm"))
    if case.due_at is None:
        return Left("没有规定期限", "calm")
    days = (wording.beijing(case.due_at).date() - wording.beijing(now()).date()).days
    if case.due_at < now():
        return Left(f"超期{-days}天" if days else "今天刚超期", "late")
    if days <= 1:
        return Left("今天到期" if days == 0 else "明天到期", "today")
    return Left(f"还剩{days}天", "soon" if days <= 3 else "calm")


def event(row: CaseEvent) -> str:
    """What happened, and to which department it led."""
    if row.to_department is None:
        return EVENTS[row.what]
    return _TOWARDS.get(row.what, f"{EVENTS[row.what]}到{{}}").format(row.to_department.name)


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
    "cases": "办件", "calls": "待打电话", "phone": "电话记录", "messages": "没答上的消息", "failures": "没答上的消息", "audit": "操作记录",
    "people": "人员和部门", "succession": "交接", "totp": "登录验证", "county": "县里的设置", "orders": "12345工单",
    "work_orders": "12345工单", "statistics": "统计", "overview": "督办总览", "articles": "政策文章和发放数据",
    "hotline": "政策检索", "filing": "代登记", "proving": "代查补贴", "failed": "没答上的",
}  # fmt: skip


def subject(written: str) -> str:
    """A subject of the audit log, as staff say it."""
    kind, _, name = written.partition(":")
    words = {
        "case": "办件", "staff": "人员", "department": "部门", "article": "文章", "page": "页面", "message": "消息",
        "list": "列表", "batch": "发放批次", "upload": "上传的文件", "publicity": "公示", "item": "项目", "hot": "热点", "resident": "群众",
        "register": "名单文件", "finding": "线索", "call": "电话", "gap": "待补的问题", "order": "12345工单",
    }  # fmt: skip
    return f"{words.get(kind, kind)} {_NAMES.get(name.partition('.')[0], name)}".strip()

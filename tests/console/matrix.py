"""Who gets in where: every role × every route of the console × a case of the own department, of another, and one that
complains about oneself or one's own department.

A new route is one line in TABLE: `"endpoint": everybody who gets in`, by the letters of PEOPLE; and where the address is
about one case `"endpoint": about(permission, own, other)`: who has the permission at all, and who of these gets in with a
case of the own department and with another's. Nobody ever gets in with a case that complains about them: that is no column
to fill in. What an address needs besides the case's number is made in `tests.console.matrix_cases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# letter: user name, name, role, department, village
PEOPLE: Mapping[str, tuple[str, str, str, str | None, str | None]] = {
    "c": ("lin", "林芳", "clerk", "民政局", None),
    "t": ("jiang", "姜敏", "clerk", "口前镇", None),
    "h": ("hao", "郝正", "head", "民政局", None),
    "l": ("zhao", "赵晓", "hotline", None, None),
    "s": ("qian", "钱进", "supervisor", "财政局", None),
    "o": ("feng", "冯立", "coordinator", "财政局", None),
    "v": ("cun", "丛生", "village", "口前镇", "四间"),
    "d": ("shu", "舒静", "data", None, None),
    "a": ("sun", "孙悦", "admin", None, None),
    "u": ("shen", "沈明", "auditor", None, None),
}


@dataclass(frozen=True, slots=True)
class About:
    """Of a route about one case: who has the permission, and who gets in with a case of the own department, or another's.

    `accused`: what whoever has the permission is answered for a case that complains about them: it is not there (404), or
    nothing was done and one is led back to the list (302).
    """

    permission: str
    own: str
    other: str
    accused: int = 404


about = About

EVERYBODY = "cthlsovdau"
CASES = "cthso"  # who handles cases or oversees them
SEES = about("cthsov", own="cthsov", other="so")
LOOKS = about(CASES, own=CASES, other="so")
HANDLES = about(CASES, own=CASES, other="")  # the department alone; supervisor and coordinator are of one, too
ASKED = about(CASES, own="", other="")  # only whoever was asked: tested with the acts themselves
ASSIGNS = about("so", own="so", other="so")
APPROVES = about("hs", own="hs", other="s")
PHONES = about("ls", own="ls", other="ls")
TICKS_OFF = about("ls", own="ls", other="ls", accused=302)

# What a form must hold at least so that the act looks at the case at all.
FORMS: Mapping[str, Mapping[str, str]] = {"similar.answer": {"text": "核实过了，已经办好。"}}
TABLE: Mapping[str, str | About] = {
    # everybody's own account
    "home.home": EVERYBODY, "signing.log_out": EVERYBODY, "signing.password_page": EVERYBODY, "signing.change": EVERYBODY,
    # cases
    "cases.queue": "cthsov", "cases.accept_many": CASES, "cases.show": SEES, "cases.note": SEES, "cases.attachment": SEES,
    "cases.accept": HANDLES, "cases.reveal": LOOKS,
    "handling.transfer": HANDLES, "handling.take_back": HANDLES, "handling.give_back": HANDLES, "handling.ask_help": HANDLES,
    "handling.take": ASKED, "handling.decline": ASKED, "handling.give_part": ASKED, "handling.slip": LOOKS,
    "handling.bar": ASSIGNS, "handling.unbar": about("s", own="s", other="s"),
    "triage.desk": "so", "triage.assign": "so", "triage.assign_one": ASSIGNS, "triage.hand_outside": ASSIGNS,
    "routing_changes.desk": "o", "routing_changes.show": "o", "routing_changes.strike": "o", "routing_changes.approve": "o",
    "routing_changes.decline": "o", "routing_changes.roll_back": "o",
    # their answers, clocks and notices
    "answering.show": HANDLES, "answering.answer": HANDLES, "answering.draft": HANDLES,
    "clocks.extension": HANDLES, "clocks.stop": HANDLES, "clocks.go_on": HANDLES, "clocks.ask_correction": HANDLES,
    "clocks.corrected": HANDLES, "clocks.given_up": HANDLES, "clocks.confirm": HANDLES, "clocks.kind": about(CASES, own=CASES, other="so"),
    "case_notices.new": HANDLES, "case_notices.preview": HANDLES, "case_notices.issue": HANDLES,
    "case_notices.show": HANDLES, "case_notices.docx": HANDLES, "case_notices.void": HANDLES,
    "approvals.queue": "hs", "approvals.grant": APPROVES, "approvals.refuse": APPROVES, "approvals.approve": APPROVES,
    "approvals.give_back": APPROVES, "reminders.desk": CASES, "reminders.seen": HANDLES,
    "canned.texts": "cthsoa", "canned.new": "cthsoa", "canned.save": "cthsoa",
    "canned.show": "cthsoa", "canned.switch": "cthsoa",
    # handled together, asked afterwards
    "similar.join": HANDLES, "similar.part": HANDLES, "similar.answer": HANDLES, "similar.hot": "so", "similar.hot_seen": "so",
    "overview.show": "s", "statistics.show": "s", "statistics.cases": "s", "statistics.file": "s",
    "work_orders.desk": "sod", "work_orders.bring": "sod", "work_orders.another": "sod", "work_orders.same": "sod",
    "work_orders.answers": "sod",
    "visits.desk": "so", "visits.sealed": "s", "visits.by_phone": TICKS_OFF,
    # the hotline
    "calls.call_list": "ls", "calls.call": PHONES, "calls.missed": TICKS_OFF, "calls.told": TICKS_OFF,
    "hotline.desk": "cthlsovda", "hotline.search": "cthlsovda", "hotline.gap": "cthlsovda", "hotline.opened": "cthlsovda",
    "hotline.pin": "cthlsovda", "filing.form": "lv", "filing.preview": "lv", "filing.file": "lv", "filing.filed": "lv",
    "filing.text": "lv", "proving.desk": "tl", "proving.look": "tl", "proving.confirm": "t",
    "caller.identify": "tl", "caller.person": "tl", "caller.change": "tl", "caller.why": "tl", "caller.send": "l",
    "call_notes.calls": "ls", "call_notes.show": "ls", "call_notes.begin": "l", "call_notes.end": "l", "call_notes.note": "l",
    "failures.messages": "s", "failures.handled": "s",
    # knowledge
    "articles.versions": "ctsa", "articles.version": "ctsa", "articles.approve": "cts", "articles.cancel": "cts",
    "articles.send_back": "cts", "articles.confirm": "ct", "editing.page": "ctsa", "editing.begin": "cta", "editing.edit": "cta",
    "editing.save": "cta", "editing.unsaved_page": "cta", "editing.preview": "cta", "editing.submit": "cta",
    "editing.take_back": "cta", "editing.drop": "cta", "editing.still_right": "cta",
    "gaps.overview": "ctsa", "gaps.show": "ctsa", "gaps.close": "ctsa", "gaps.draft": "ctsa", "gaps.give": "ctsa",
    "gaps.reopen": "ctsa",
    # people, and what they did
    "people.staff_list": "a", "people.new_staff": "a", "people.create_staff": "a", "people.person": "a", "people.give_post": "a",
    "people.switch": "a", "people.reset": "a", "people.reset_totp": "a", "people.department_list": "a", "people.department": "a",
    "people.change_department": "a", "people.duty_phone": "a", "audit.log": "u", "audit.export": "u",
    "county.show": "a", "county.item": "a", "county.give": "a", "succession.choose": "a", "succession.give": "a",
    "totp.own": EVERYBODY, "totp.begin": EVERYBODY, "totp.new_codes": EVERYBODY, "totp.confirm": EVERYBODY, "totp.off": EVERYBODY,
    # money
    "batches.overview": "d", "batches.show": "d", "batches.drop": "d", "batches.keep": "d", "batches.withdraw": "d",
    "uploads.new": "d", "uploads.begin": "d", "uploads.show": "d", "uploads.answer": "d", "uploads.confirm": "d",
    "uploads.give_up": "d", "uploads.piece": "d", "uploads.progress": "d", "uploads.received": "d", "uploads.report": "d",
    "unclaimed.files": "d", "unclaimed.bring": "d", "unclaimed.unclaimed": "d", "unclaimed.one": "d", "unclaimed.claim": "d",
    "unclaimed.dismiss": "d", "returns.queue": "tsd", "returns.show": "tsd", "returns.work": "tsd", "returns.reveal": "tsd",
    "returns.export": "d", "findings.queue": "s", "findings.show": "s", "findings.clear": "s", "findings.reveal": "s",
    "findings.inspection": "su", "findings.export_inspection": "su",
    "publicity_desk.lists": "ctd", "publicity_desk.show": "ctd", "publicity_desk.take_down": "ctd", "publicity_desk.new": "ctd",
    "publicity_desk.hang": "ctd", "publicity_desk.printed": "ctd", "publicity_desk.exposures": "d", "publicity_desk.exposure": "d",
    "publicity_desk.decide": "d", "village_codes.codes": "ctd", "village_codes.ask": "ctd", "village_codes.poster": "ctd",
    "village_cards.desk": "td", "village_cards.printed": "td",
}  # fmt: skip

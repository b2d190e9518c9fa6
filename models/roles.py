"""What each role may do, and which duties one person must never hold together (三员分立).

Three duties are kept apart: who gives people their accounts (系统管理员), who reads what everybody did (安全审计员), and who
works with cases and payments (业务、数据人员). No role holds two of them, checked when this module is loaded; that one person
holds no two accounts of the first two is checked in `models.staff`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Permission(StrEnum):
    """What one may do, by name. Every route of the console asks for one of these."""

    CASES = "cases"  # see and handle the cases of one's own department
    ALL_CASES = "all_cases"  # see every case that is not barred to one's own department
    TRIAGE = "triage"  # give a case to any department, and keep out whom it complains about
    LEARN_ROUTING = "learn_routing"  # decide which transfers the routing learns from
    APPROVE = "approve"  # grant an extension, and let an answer go out, that somebody else asks for
    LIFT_BARS = "lift_bars"  # let in again who was kept out of a case
    VILLAGE_CASES = "village_cases"  # see the cases of one's own village, but those about it
    SEALED_PERSON = "sealed_person"  # see who filed a confidential case, with a reason
    FAILED_MESSAGES = "failed_messages"  # messages that the service could not answer
    FILE_FOR_CALLER = "file_for_caller"
    SEARCH_KNOWLEDGE = "search_knowledge"
    CALL_LIST = "call_list"  # people who could not be reached by WeChat
    TAKE_CALLS = "take_calls"  # take calls at the hotline's desk, and see one's own
    ALL_CALLS = "all_calls"  # see the calls that others have taken
    EDIT_KNOWLEDGE = "edit_knowledge"  # write drafts of any article
    WRITE_ARTICLES = "write_articles"  # write drafts of the own department's articles, and confirm what they say
    REVIEW_ARTICLES = "review_articles"  # approve what somebody else wrote
    GAPS = "gaps"  # what was asked in vain of the own department's items
    ALL_GAPS = "all_gaps"  # all that was asked in vain, and whose it is
    PAYMENTS = "payments"  # import payment files
    PUBLISH = "publish"  # hang, print and take down publicity lists of one's own township or items
    EXPOSURE = "exposure"  # decide how widely the lists of each item are shown
    LOOK_UP = "look_up"  # look up a person's payments for them, after the proof questions
    CONFIRM_PERSON = "confirm_person"  # bind a phone over the counter, with the ID card in one's hand
    STAFF = "staff"  # departments, staff, and which department owns an item
    AUDIT = "audit"  # read the audit log
    INSPECT = "inspect"  # make the file for an inspector, persons masked
    OVERSEE = "oversee"  # the overview, the statistics, and who looked at sealed persons
    WORK_ORDERS = "work_orders"  # take in the work orders of 12345 and answer them back
    RETURNS = "returns"  # the working list of payments that the bank sent back
    FINDINGS = "findings"  # what the checks across batches found
    PRINT_CARDS = "print_cards"  # print the 明白卡 of a village for those without a phone


ROLES: Mapping[str, frozenset[Permission]] = {
    "clerk": frozenset({Permission.CASES, Permission.SEARCH_KNOWLEDGE, Permission.PUBLISH, Permission.GAPS,
                        Permission.WRITE_ARTICLES, Permission.REVIEW_ARTICLES}),
    "head": frozenset({Permission.CASES, Permission.APPROVE, Permission.SEARCH_KNOWLEDGE}),
    "hotline": frozenset(
        {Permission.SEARCH_KNOWLEDGE, Permission.FILE_FOR_CALLER, Permission.CALL_LIST, Permission.LOOK_UP, Permission.TAKE_CALLS}
    ),
    "supervisor": frozenset(
        {Permission.CASES, Permission.ALL_CASES, Permission.APPROVE, Permission.TRIAGE, Permission.LIFT_BARS, Permission.SEALED_PERSON,
         Permission.FAILED_MESSAGES, Permission.SEARCH_KNOWLEDGE, Permission.CALL_LIST, Permission.ALL_CALLS, Permission.OVERSEE,
         Permission.INSPECT, Permission.RETURNS, Permission.FINDINGS, Permission.WORK_ORDERS,
         Permission.GAPS, Permission.ALL_GAPS, Permission.REVIEW_ARTICLES}
    ),
    "coordinator": frozenset({Permission.CASES, Permission.ALL_CASES, Permission.TRIAGE, Permission.SEARCH_KNOWLEDGE,
                              Permission.WORK_ORDERS, Permission.LEARN_ROUTING}),
    "village": frozenset({Permission.VILLAGE_CASES, Permission.FILE_FOR_CALLER, Permission.SEARCH_KNOWLEDGE}),
    "data": frozenset(
        {Permission.PAYMENTS, Permission.PRINT_CARDS, Permission.SEARCH_KNOWLEDGE, Permission.RETURNS, Permission.PUBLISH,
         Permission.EXPOSURE, Permission.WORK_ORDERS}
    ),
    "admin": frozenset(
        {Permission.STAFF, Permission.SEARCH_KNOWLEDGE, Permission.EDIT_KNOWLEDGE, Permission.GAPS,
         Permission.ALL_GAPS}
    ),
    "auditor": frozenset({Permission.AUDIT, Permission.INSPECT}),
}  # fmt: skip

ROLE_NAMES: Mapping[str, str] = {
    "clerk": "经办人员", "hotline": "热线坐席", "supervisor": "督办人员", "data": "数据人员", "admin": "系统管理员", "auditor": "审计人员",
    "head": "部门负责人", "coordinator": "统筹人员", "village": "村级代办员",
}  # fmt: skip

# Besides, for the clerks of a township.
AT_THE_COUNTER = frozenset(
    {Permission.LOOK_UP, Permission.CONFIRM_PERSON, Permission.RETURNS, Permission.PRINT_CARDS}
)

ADMIN, AUDITOR = "admin", "auditor"
VILLAGE, COORDINATOR = "village", "coordinator"
OF_A_DEPARTMENT = ("clerk", "head", COORDINATOR, VILLAGE)  # the roles that are nothing without one
# Neither personal nor about a person: of these, any duty may have some.
_OF_ALL = frozenset({Permission.SEARCH_KNOWLEDGE, Permission.EDIT_KNOWLEDGE, Permission.INSPECT, Permission.GAPS,
                     Permission.ALL_GAPS})
_DUTIES: Mapping[str, frozenset[Permission]] = {
    "系统管理": frozenset({Permission.STAFF}),
    "安全审计": frozenset({Permission.AUDIT}),
    "业务和数据": frozenset(Permission) - {Permission.STAFF, Permission.AUDIT} - _OF_ALL,
}


def duties_of(permissions: Iterable[Permission]) -> frozenset[str]:
    """Which of the three duties somebody with these permissions holds."""
    given = frozenset(permissions)
    return frozenset(duty for duty, of_it in _DUTIES.items() if given & of_it)


def keep_apart(roles: Mapping[str, frozenset[Permission]]) -> None:
    """RuntimeError if a role holds two of the three duties: the service does not start like that."""
    for role, permissions in roles.items():
        if len(held := duties_of(permissions)) > 1:
            raise RuntimeError(f"role {role} holds duties that no one person may hold together: {', '.join(sorted(held))}")


keep_apart(ROLES)

"""What a bank's return file says of each line: paid, sent back, or nothing that can be trusted.

Banks write a word, a code, or both, and mean opposite things by the same code: a code that is not plain by itself is
judged by the reasons that stand beside it in this file, and where these do not tell, it is asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from knowledge.failures import advice_for

PAID, SENT_BACK = "成功", "失败"
OF_RESULT = "结果:"  # 结果:01=失败
_BAD = re.compile(r"不成功|未成功|失败|退[回票款汇]|拒|错误|有误|未入账|未到账|不符|不存在|不一致|异常|无法|作废|fail|err|reject|return", re.I)
_GOOD = re.compile(r"成功|已入账|已到账|已发放|入账正常|正常入账|处理完[成毕]|success|succ|\bok\b", re.I)
_SAYS_ALL_FAILED = re.compile(r"失败|不成功|未成功|退[回票款]")
_PLAIN = {"0" * length: PAID for length in range(2, 13)} | {"A" * 7: PAID, "S": PAID, "F": SENT_BACK, "E": SENT_BACK}
_EITHER = frozenset("01YNT")  # codes that are success at one bank and failure at another
_CODE = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ONLY_A_VERDICT = re.compile(r"(?:交易|处理|入账|代发|发放|支付|转账|划款|付款)?(?:失败|不成功|未成功|退回|退票|错误)")


def in_words(text: str) -> str | None:
    """What a text says by itself: a reason for sending back, or a word of success; None for a bare code or nothing."""
    if not text:
        return None
    if _BAD.search(text) or is_known_reason(text):
        return SENT_BACK
    return PAID if _GOOD.search(text) else None


def is_known_reason(text: str) -> bool:
    """Whether we know what to advise for this reason."""
    return advice_for(text) is not advice_for(None)


def says_all_failed(texts: Iterable[str]) -> bool:
    """Whether a title, a sheet's name or a file's name says that the file lists failures only."""
    return any(_SAYS_ALL_FAILED.search(text) for text in texts)


class Results:
    """Judges the lines of one file. Give it all pairs of result and reason first."""

    def __init__(self, pairs: Iterable[tuple[str, str]], given: Mapping[str, str], *, all_failed: bool) -> None:
        self._said = {key[len(OF_RESULT) :].upper(): _verdict(value) for key, value in given.items() if key.startswith(OF_RESULT)}
        self._all_failed = all_failed
        reasons: defaultdict[str, set[str | None]] = defaultdict(set)
        for result, reason in pairs:
            if _CODE.fullmatch(result):
                reasons[result.upper()].add(in_words(reason))
        self._reasons = reasons
        self._has_plain_success = any(_PLAIN.get(code) == PAID for code in reasons)

    def verdict(self, result: str, reason: str) -> tuple[str | None, str]:
        """Paid or sent back, or None with the code of what is wrong."""
        by_result, by_reason = self._of_result(result), in_words(reason)
        if by_result == PAID and by_reason == SENT_BACK:
            return None, "RESULT_CONFLICT"
        if by_result:
            return by_result, ""
        if by_reason and not result:
            return by_reason, ""
        if not result and self._all_failed:
            return SENT_BACK, ""
        return None, "RESULT_UNKNOWN" if result else "RESULT_MISSING"

    def _of_result(self, result: str) -> str | None:
        if not result:
            return None
        code = result.upper()
        found = self._said.get(code) or _PLAIN.get(code)
        if found is None and not _CODE.fullmatch(result):
            return in_words(result)
        return found or in_words(result) or self._of_code(code)

    def _of_code(self, code: str) -> str | None:
        """What a bare code means in this file."""
        said = self._reasons[code]
        if said == {SENT_BACK} or (self._has_plain_success and PAID not in said):
            return SENT_BACK
        if code in _EITHER and said <= {PAID, None}:
            others = [reasons for other, reasons in self._reasons.items() if other != code]
            if PAID in said or any(reasons == {SENT_BACK} for reasons in others):
                return PAID
        return None


def reason_of(result: str, reason: str) -> str:
    """The bank's reason in its own words; empty where it gave but a verdict or a code."""
    for text in (reason, result):
        if text and not _ONLY_A_VERDICT.fullmatch(text) and not _CODE.fullmatch(text):
            return text[:128]
    return ""


def _verdict(value: str) -> str | None:
    return value if value in (PAID, SENT_BACK) else None

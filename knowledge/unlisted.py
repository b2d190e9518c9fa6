"""A village or hamlet that the county's list does not hold, as people name it: 万昌镇李家村, 是小王家屯.

Natural hamlets (屯) stand in no list, and yet tell the office where to go.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from knowledge.catalogue.places import TOWNS

_NAME: Final = r"(?P<name>[\u3400-\u9fff]{1,4}?(?:村|屯(?!村)|社区))(?!民|医)"
_ALONE: Final = re.compile(rf"^(?:就)?(?:是|在|住|家)?(?:在)?{_NAME}(?:的|那边|那儿|那里)?$")
_NO_NAME: Final = re.compile(r"[的了我俺咱你他她们这那哪个各每全本某有没是到去里外和跟把被给]|^(?:农|乡|镇|区|同|邻|城中|贫困)")


def unlisted_village(text: str, town: str | None) -> str | None:
    """The name with its 村 or 屯 that stands behind the township, or alone in the text; None without one."""
    clean = "".join(text.split())
    hits = [_ALONE.match(clean)] + ([_behind(town).search(clean)] if town in TOWNS else [])
    return next((hit["name"] for hit in hits if hit and not _NO_NAME.search(hit["name"])), None)


@cache
def _behind(town: str) -> re.Pattern[str]:
    called = sorted({town, *TOWNS[town].aliases}, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, called))})[镇乡]?{_NAME}")

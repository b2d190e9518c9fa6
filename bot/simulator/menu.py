"""The custom menu: its shape and limits.

Source: "创建自定义菜单": one to three entries of at most 16 bytes, each with at most five of at most 60 bytes; key
128, url 1024 bytes. A fault in a sub-entry has a code of its own.
"""

from __future__ import annotations

from typing import Any

from bot.simulator.errors import ApiRefusal

_KEYED = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
_LINKED = {"view", "miniprogram"}
_OTHER = {"media_id", "view_limited", "article_id", "article_view_limited"}

# name, type, key, url: the codes for an entry and for a sub-entry
_TOP = {"name": 40018, "type": 40017, "key": 40019, "url": 40020, "bytes": 16}
_SUB = {"name": 40025, "type": 40024, "key": 40026, "url": 40027, "bytes": 60}

Button = dict[str, Any]


def checked(body: dict[str, Any]) -> list[Button]:
    """The menu's buttons as menu/get gives them back; ApiRefusal where a rule is broken."""
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiRefusal(40016)
    return [_entry(button) for button in buttons]


def _entry(button: Any) -> Button:
    if not isinstance(button, dict):
        raise ApiRefusal(47001)
    subs = button.get("sub_button") or []
    if not subs:
        return {**_single(button, _TOP), "sub_button": []}
    _check_name(button, _TOP)
    if not isinstance(subs, list) or len(subs) > 5:
        raise ApiRefusal(40023)
    if any(not isinstance(sub, dict) or sub.get("sub_button") for sub in subs):
        raise ApiRefusal(40022)
    return {"name": button["name"], "sub_button": [{**_single(sub, _SUB), "sub_button": []} for sub in subs]}


def _single(button: Button, codes: dict[str, int]) -> Button:
    _check_name(button, codes)
    kind = button.get("type")
    if kind not in _KEYED | _LINKED | _OTHER:
        raise ApiRefusal(codes["type"])
    if kind in _KEYED and not 1 <= _size(button.get("key")) <= 128:
        raise ApiRefusal(codes["key"])
    if kind in _LINKED and not 1 <= _size(button.get("url")) <= 1024:
        raise ApiRefusal(codes["url"])
    return {name: value for name, value in button.items() if name != "sub_button"}


def _check_name(button: Button, codes: dict[str, int]) -> None:
    if not 1 <= _size(button.get("name")) <= codes["bytes"]:
        raise ApiRefusal(codes["name"])


def _size(value: Any) -> int:
    return len(value.encode()) if isinstance(value, str) else 0


def button_at(buttons: list[Button], target: str) -> Button | None:
    """The button with this key, address, or name; entries that only open a list are not buttons."""
    singles: list[Button] = [single for button in buttons for single in (button["sub_button"] or [button])]
    for field in ("key", "url", "name"):
        for single in singles:
            if single.get(field) == target:
                return single
    return None

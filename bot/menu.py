"""The account's menu. Its keys are those that handlers/menu.py turns into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.wechat import WeChat


def _click(name: str, key: str) -> dict[str, str]:
    return {"type": "click", "name": name, "key": key}


MENU: Mapping[str, Any] = {
    "button": [
        _click("我的钱", "lookup"),
        {"name": "问政策", "sub_button": [_click("问政策", "policy"), _click("热线电话", "hotline")]},
        {
            "name": "我要反映",
            "sub_button": [_click("我要投诉", "file"), _click("查进度", "progress"), _click("我的信息", "privacy")],
        },
    ]
}


def create_menu(wechat: WeChat) -> None:
    """Publish the menu; followers see it within a day, or at once when they follow anew."""
    wechat.create_menu(MENU)

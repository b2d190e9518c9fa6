"""The platform's XML: built as it is sent, read as it comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

Field = str | int | float | Mapping[str, "Field"] | Sequence[Mapping[str, "Field"]]

# XML 1.0 has no place for these; the phone drops them before sending.
_UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadXml(ValueError):
    """The answer is not the XML that the platform understands."""


def sendable(text: str) -> str:
    """The text without the characters that no phone can send."""
    return _UNSENDABLE.sub("", text)


def build(fields: Mapping[str, Field], tag: str = "xml") -> str:
    """One element: texts as CDATA, numbers bare, mappings nested, a sequence as repeated elements."""
    return f"<{tag}>{''.join(_element(name, value) for name, value in fields.items())}</{tag}>"


def _element(name: str, value: Field) -> str:
    if isinstance(value, str):
        return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, Mapping):
        return build(value, name)
    return "".join(build(each, name) for each in value)


def read(body: bytes) -> ElementTree.Element:
    """The <xml> element of a reply; BadXml when it is anything else. Document types are refused."""
    try:
        text = body.decode("utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadXml("回复里有不允许的 DOCTYPE。")
        # Internal entities cannot occur without a document type, and external ones are never fetched.
        root = ElementTree.fromstring(text)  # noqa: S314
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise BadXml("回复不是正确的 XML。") from None
    if root.tag != "xml":
        raise BadXml("回复的最外层不是 <xml>。")
    return root


def text_of(element: ElementTree.Element, path: str) -> str:
    """The text at a path, '' when it is not there."""
    return element.findtext(path) or ""

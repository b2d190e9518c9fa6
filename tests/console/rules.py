"""The house's rules for every page, checked on each one that a test opens."""

from __future__ import annotations

from html.parser import HTMLParser

from knowledge.identity import find_id_numbers

_FIELDS = {"input", "select", "textarea"}
_NEEDS_NO_LABEL = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """What of a page the rules look at."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = self.lang = self.text = ""
        self.headings = 0
        self.fields: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.forms: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self._tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        self._tags.append(tag)
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))
        if tag == "html":
            self.lang = attributes.get("lang") or ""
        self.headings += tag == "h1"
        if tag == "label":
            self.labels.add(attributes.get("for"))
        if tag == "form":
            self.forms.append(attributes | {"fields": ""})
        if tag in _FIELDS:
            self.fields.append(attributes)
            if self.forms:
                self.forms[-1]["fields"] = f"{self.forms[-1]['fields']} {attributes.get('name')}"
        if (tag == "script" and not attributes.get("src")) or tag == "style" or "style" in attributes:
            self.inline.append(tag)
        self.inline += [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "action"):
            address = attributes.get(name) or ""
            if tag != "a" and address.startswith(("http:", "https:", "//")):
                self.inline.append(address)

    def handle_data(self, data: str) -> None:
        if self._tags and self._tags[-1] == "title":
            self.title += data
        self.text += data


def check(html: str) -> None:
    """AssertionError with what breaks the rules. A fragment (for htmx) is checked for what a fragment can break."""
    page = Page(html)
    whole = "<html" in html
    assert not page.inline, f"inline script or style, or another host: {page.inline}"
    assert not find_id_numbers(page.text), "a full identity number"
    assert len(page.ids) == len(set(page.ids)), "two elements with one id"
    for field in page.fields:
        if field.get("type") not in _NEEDS_NO_LABEL:
            assert field.get("id") in page.labels or field.get("aria-label"), f"no label: {field}"
    for form in page.forms:
        if form.get("method") == "post":
            assert "csrf_token" in (form["fields"] or "").split(), f"no token: {form.get('action')}"
    if whole:
        assert page.lang == "zh-CN"
        assert " · " in page.title
        assert page.title.split(" · ")[0].strip()
        assert page.headings == 1, f"{page.headings} h1"

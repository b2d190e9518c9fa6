"""A message as it is written and as it sounds: homophones, typed pinyin and initials become comparable.

Every character (and every syllable typed in letters) gets one sign for its sound, so that the written and the
sounding text have the same length and one search serves both. Tones are dropped, and the pairs that speech
recognition and northern speech confuse fall together: zh-z, ch-c, sh-s, ng-n after a, e and i.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Phrase readings and copies would cost 40 MB; single characters are all that is needed here.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

from pypinyin.constants import PINYIN_DICT

# Characters whose first reading in the dictionary is not the one that residents mean.
_READINGS: Final = {
    "畜": "xu",
    "长": "chang",
    "着": "zhao",
    "地": "di",
    "得": "de",
    "行": "xing",
    "参": "can",
    "都": "dou",
    "了": "le",
}
_COMMON = range(0x4E00, 0x9FA6)
_FIRST_SIGN: Final = 0xE000
_LONGEST_SYLLABLE: Final = 6
_MERGED: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_ENDINGS: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))

_LETTERS = re.compile(r"[a-zü]+(?:[1-5](?![0-9]))?(?:['\s]*[a-zü]+(?:[1-5](?![0-9]))?)*")
_WORD = re.compile(r"[a-zü]+")
_BETWEEN_LETTERS = re.compile(r"(?<=[a-z])\s*(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])\s*(?=[a-z])")
_BLANKS = re.compile(r"\s+")


def _toneless(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(letter for letter in letters if letter.isascii())


def _merged(syllable: str) -> str:
    for written, heard in _MERGED:
        syllable = heard + syllable.removeprefix(written) if syllable.startswith(written) else syllable
    for written, heard in _ENDINGS:
        syllable = syllable.removesuffix(written) + heard if syllable.endswith(written) else syllable
    return syllable


def _tables() -> tuple[dict[str, str], dict[int, str], dict[int, str]]:
    """The sign of each syllable as typed, the sign of each character, and each sign's first letter."""
    signs: dict[str, str] = {}
    of_syllable: dict[str, str] = {}
    of_character: dict[int, str] = {}
    initials: dict[int, str] = {}
    for code in _COMMON:
        readings = PINYIN_DICT.get(code, "").split(",")
        first = _READINGS.get(chr(code)) or _toneless(readings[0])
        for reading in (first, *(_toneless(other) for other in readings[1:])):
            if reading and reading.isalpha():
                sign = signs.setdefault(_merged(reading), chr(_FIRST_SIGN + len(signs)))
                of_syllable[reading] = sign
                initials.setdefault(ord(sign), reading[0])
        if first:
            of_character[code] = of_syllable[first]
    of_syllable["shei"] = of_syllable["shui"]
    of_syllable |= {"lü": of_syllable["lv"], "nü": of_syllable["nv"]}
    for grunt in ("m", "n", "r", "ng", "hm", "hng"):
        of_syllable.pop(grunt, None)
    return of_syllable, of_character, initials


_OF_SYLLABLE, _OF_CHARACTER, _INITIALS = _tables()


_SYLLABLES: Final = {sign: syllable for syllable, sign in reversed(_OF_SYLLABLE.items())}
_SPELLED = re.compile(r"<([a-z]+)>")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, unit by unit: `written` holds characters, and for a syllable typed in letters its sign;
    `sounds` holds the signs, with digits and punctuation as they are. Both have the same length."""

    written: str
    sounds: str
    typed: bool  # some of it was typed as pinyin


def tidy(text: str) -> str:
    """Half-width, lower case, without invisible characters; a blank between Chinese words becomes a pause."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _BETWEEN_LETTERS.sub("", text)
    return _BLANKS.sub(" ", "".join(sign for sign in text if sign.isprintable() or sign.isspace())).strip()


def sound_of(text: str) -> str:
    """The signs of a word in characters."""
    return text.translate(_OF_CHARACTER)


def initials_of(text: str) -> str:
    """First letters, as in typing only them: 低保 gives db; digits and letters stay."""
    return text.translate(_OF_CHARACTER).translate(_INITIALS)


def hear(text: str) -> Heard:
    """The message in both shapes."""
    text = tidy(text)
    if text.isascii() or _WORD.search(text):
        written = _LETTERS.sub(lambda run: "".join(_signs(run[0])), text)
        return Heard(written, written.translate(_OF_CHARACTER), written != text)
    return Heard(text, text.translate(_OF_CHARACTER), False)


def _signs(run: str) -> Iterator[str]:
    """The signs of a run of letters; a word that is no pinyin stays as it is."""
    for word in _WORD.findall(run):
        syllables = _split(word)
        yield from (_OF_SYLLABLE[syllable] for syllable in syllables) if syllables else (word,)


@lru_cache(maxsize=512)
def _split(word: str) -> tuple[str, ...]:
    """A word as pinyin syllables, as few as possible, the longer one first; empty if it is no pinyin."""
    best: dict[int, tuple[str, ...]] = {len(word): ()}
    for start in range(len(word) - 1, -1, -1):
        for length in range(min(_LONGEST_SYLLABLE, len(word) - start), 0, -1):
            syllable, rest = word[start : start + length], best.get(start + length)
            if rest is not None and syllable in _OF_SYLLABLE and not 0 < len(best.get(start, ())) <= len(rest) + 1:
                best[start] = (syllable, *rest)
    return best.get(0, ())


def spelled(text: str) -> str:
    """The signs of sounds in a text written as <di><bao>, for files: the signs themselves may change."""
    return "".join(f"<{_SYLLABLES[sign]}>" if sign in _SYLLABLES else sign for sign in text)


def unspelled(text: str) -> str:
    """What `spelled` was given."""
    return _SPELLED.sub(lambda found: _OF_SYLLABLE[found[1]], text)

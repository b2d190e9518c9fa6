"""Passwords of staff: argon2id at rest, a few rules that can be said in one sentence, and one-time passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge.errors import Refused

SHORTEST = 10
_LONGEST = 128
# 19 MiB, two passes: the OWASP setting for argon2id; about 35 ms a log-in.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified where there is no such user, so that the answer takes as long and tells nothing.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
# Without letters and digits that look alike when written down: 0 o, 1 l i.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Hashed:
    """A checked password as it is stored: hashing takes its time, and the writer of the database should not wait for it."""

    value: str


def ready(password: str, username: str) -> Hashed:
    """To be done before the transaction that stores it. Refused with the rule that the password breaks."""
    return Hashed(hashed(checked(password, username)))


def stored(password: str | Hashed, username: str) -> str:
    """What goes into the database, hashed now if it is not yet."""
    return password.value if isinstance(password, Hashed) else ready(password, username).value


def hashed(password: str) -> str:
    """The hash that is stored."""
    return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the one behind the hash; without a hash it takes the same time and is False."""
    try:
        return _hasher.verify(stored or _NOBODY, password[:_LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def checked(password: str, username: str) -> str:
    """The password, if it may be used. Refused with the rule that it breaks."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise Refused(f"密码至少{SHORTEST}个字符，最多{_LONGEST}个。可以用一句好记的话。")
    if username.lower() in password.lower():
        raise Refused("密码里不要带用户名。")
    if len(set(password)) < 5 or password.isdigit():
        raise Refused("这个密码太好猜了。请用字母、数字混着来，别用一串数字或重复的字。")
    return password


def one_time(username: str = "") -> str:
    """A password to be read out or written down, changed at the first log-in: kd7m-w3xh-r9qf. Without the user name in it."""
    while True:
        made = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        if not username or username.lower() not in made:
            return made

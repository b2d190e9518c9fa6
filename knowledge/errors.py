"""What can go wrong, as one tree.

    Fault                     has `.said`: what the person is told, and what to do next
    ├── Refused               a rule of ours says no; nothing was changed
    │   ├── NotAllowed        the person may not do or see this
    │   └── NotThere          no such case, resident or article for this person
    ├── Busy                  the database or a lock could not be had in time; trying again helps
    └── PlatformFault         WeChat's side answered with an error, or not at all
        ├── OutOfWindow       no customer message may be sent to this person now
        ├── NoConsent         the person has not agreed to this notice, or has used it up
        ├── Unreachable       the person cannot be reached by WeChat at all
        ├── TryLater          nothing was sent; the same call may work later
        └── OutcomeUnknown    it may or may not have been sent
"""

from __future__ import annotations


class Fault(Exception):
    """A fault of ours. `said` is plain Chinese for the person concerned and holds no personal data."""

    said = "刚才没办成。请过一会儿再试，或打12345。"

    def __init__(self, said: str | None = None) -> None:
        if said is not None:
            self.said = said
        super().__init__(self.said)


class Refused(Fault):
    """A rule of ours says no; nothing was changed."""

    said = "这一步现在办不了。"


class NotAllowed(Refused):
    """The person may not do or see this."""

    said = "您没有办这件事的权限。需要的话，请找管理员。"


class NotThere(Refused):
    """There is no such thing, or not for this person; the two are never told apart."""

    said = "没有找到。请核对编号再试。"


class Busy(Fault):
    """The database or a lock could not be had in time."""

    said = "现在办理的人多，请过一会儿再试一次。"


class PlatformFault(Fault):
    """WeChat's side answered with an error code, or not at all."""

    said = "微信那边暂时没有接通。"

    def __init__(self, said: str | None = None, code: int | None = None) -> None:
        self.code = code
        super().__init__(said)


class OutOfWindow(PlatformFault):
    """No customer-service message may be sent to this person now (45015, 45047)."""


class NoConsent(PlatformFault):
    """The person has not agreed to this notice, or the agreement is used up (43101)."""


class Unreachable(PlatformFault):
    """The person cannot be reached by WeChat (unfollowed, unknown)."""


class TryLater(PlatformFault):
    """Nothing was sent; the same call may work later."""


class OutcomeUnknown(PlatformFault):
    """The connection broke after the request left: it may or may not have been sent."""

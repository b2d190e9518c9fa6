"""How sure the routing is of each department that it names: what the coordinator's desk sees, and from where on it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CLEAR = 2.0  # a matter is spoken of outright from here on
_UNSEEN, _DOUBTED, _ALIKE, _BY_RULE = 0.3, 0.4, 0.45, 0.8
_CLEAR_LEAST, _CLEAR_SPAN = 0.5, 0.4
_WEAK_LEAST, _WEAK_SPAN = 0.3, 0.3
_OF_THE_REST = (0.6, 0.3)


def confidences(
    receivers: Sequence[str], matters: Mapping[str, float], *, unseen: bool, doubted: bool, alike: bool = False
) -> tuple[float, ...]:  # fmt: skip
    """Between 0 and 1 for each receiver, the first one first.

    `matters` weighs the departments whose matters the text speaks of. `unseen`: nothing told which one it is;
    `doubted`: it may be about somebody's manners rather than about a matter; `alike`: only cases that sound alike told.
    """
    first = _first(receivers[0], matters, unseen=unseen, doubted=doubted, alike=alike)
    rest = [round(min(first, 1 - first) * share, 2) for share in _OF_THE_REST]
    return (round(first, 2), *rest)[: len(receivers)]


def _first(name: str, matters: Mapping[str, float], *, unseen: bool, doubted: bool, alike: bool) -> float:
    if unseen or doubted:
        return _UNSEEN if unseen else _DOUBTED
    if alike:
        return _ALIKE
    if name not in matters:  # a rule about how the matter stands, not about what it is
        return _BY_RULE
    weight = matters[name]
    next_best = max((each for other, each in matters.items() if other != name), default=0.0)
    share = weight / (weight + next_best)
    least, span = (_CLEAR_LEAST, _CLEAR_SPAN) if weight >= _CLEAR else (_WEAK_LEAST, _WEAK_SPAN)
    return least + span * share

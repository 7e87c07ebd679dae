"""Which fixes of a track their neighbours make impossible: one in another city among good ones.

A fix is in doubt when the truck cannot have come to it from the last believed fix before. The next fix settles it: if the
truck cannot have gone on from there either, the fix is left out. The newest fix has no next one and is believed meanwhile.
The track is all plausible fixes in the order of `in_time`, so the order of arrival cannot matter.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from services.vehicle.domain.limits import Limits
from shared.geo import METRES_PER_DEGREE, flat_m


class Placed(Protocol):
    """What of a fix tells where it was when."""

    @property
    def at(self) -> datetime: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def speed_kmh(self) -> float | None: ...
    @property
    def heading_deg(self) -> float | None: ...


P = TypeVar("P", bound=Placed)


class Sifted(NamedTuple):
    """`in_doubt`: the last believed fix waits for the next one."""

    believed: list[int]
    left_out: list[int]
    in_doubt: bool


def in_time(fix: Placed) -> tuple[object, ...]:
    """Sorts fixes by time; those of one moment in the same order, whichever came first."""
    speed, heading = fix.speed_kmh, fix.heading_deg
    return fix.at, fix.lon, fix.lat, -1.0 if speed is None else speed, -1.0 if heading is None else heading


def is_within_reach(a: Placed, b: Placed, limits: Limits) -> bool:
    """Whether a truck may have come from `a` to `b`, which is not before it."""
    # Most fixes are a few steps apart: they need no trigonometry.
    near = limits.jump_slack_m / METRES_PER_DEGREE / 2
    if -near < a.lon - b.lon < near and -near < a.lat - b.lat < near:
        return True
    seconds = (b.at - a.at).total_seconds()
    return flat_m(a.lon, a.lat, b.lon, b.lat) <= limits.jump_slack_m + limits.speed_max_kmh / 3.6 * seconds


def sift(last: Placed | None, fixes: Sequence[Placed], limits: Limits) -> Sifted:
    """Which of these sorted fixes, by their indexes, count after `last`, the last believed one before them."""
    believed: list[int] = []
    left_out: list[int] = []
    in_doubt = False
    for index, fix in enumerate(fixes):
        in_doubt = last is not None and not is_within_reach(last, fix, limits)
        if in_doubt and index + 1 < len(fixes) and not is_within_reach(fix, fixes[index + 1], limits):
            left_out.append(index)
            continue
        believed.append(index)
        last = fix
    return Sifted(believed, left_out, in_doubt)

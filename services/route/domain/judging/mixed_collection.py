"""Which waste may go into which truck (`data/mixing_rules.json`), and so which lifts mixed what must stay apart.

What a lift emptied is what the service point it names collects, else what the stop it counts for does. Where that leaves
several streams, a lift mixes only if the truck may carry none of them: what may have been right is not held against anyone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.versions import Version

KIND = "mixed_collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingRules(Version):
    """`kinds`: the streams that a kind of truck may carry; a kind that is not named may carry any."""

    kinds: Mapping[str, Sequence[str]]


class TruckEntry(NamedTuple):
    """What the registry said of a truck from `since` on; without `waste_streams` it may carry whatever its kind may."""

    since: datetime
    revision: int
    kind: str
    waste_streams: tuple[str, ...]


def entry_at(entries: Iterable[TruckEntry], at: datetime) -> TruckEntry | None:
    """What held at that time; for times before the first entry the first one. None: nobody has registered the truck."""
    by_age = sorted(entries)
    begun = [entry for entry in by_age if entry.since <= at]
    return begun[-1] if begun else next(iter(by_age), None)


def may_carry(truck: TruckEntry, stream: str, rules: MixingRules) -> bool:
    fit = rules.kinds.get(truck.kind)
    return (not truck.waste_streams or stream in truck.waste_streams) and (fit is None or stream in fit)


def mixes(truck: TruckEntry | None, streams: Sequence[str], rules: MixingRules) -> bool:
    """Whether a lift of waste of one of these streams is a violation; nothing is held against an unregistered truck."""
    return truck is not None and bool(streams) and not any(may_carry(truck, stream, rules) for stream in streams)

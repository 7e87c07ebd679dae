"""Whom to inspect, and who does it: drawn at random ("double random"), yet the same again from the same seed.

The draw sorts by a hash of seed and id, so that any program in any language can repeat it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Candidate(NamedTuple):
    place_id: str
    area_id: str
    place_type: str


class Drawn(NamedTuple):
    place_id: str
    area_id: str
    place_type: str
    inspector: str


def lot(seed: str, *key: str) -> str:
    return hashlib.sha256("\x1f".join((seed, *key)).encode()).hexdigest()


def draw(seed: str, places: Iterable[Candidate], per_type: Mapping[str, int], inspectors: Sequence[str]) -> list[Drawn]:
    """So many places of each type in each area, or all where there are fewer; sorted by area, type and lot."""
    strata: dict[tuple[str, str], list[Candidate]] = {}
    for place in places:
        if per_type.get(place.place_type):
            strata.setdefault((place.area_id, place.place_type), []).append(place)
    drawn = []
    for (area_id, place_type), candidates in sorted(strata.items()):
        candidates.sort(key=lambda place: lot(seed, "place", place.place_id))
        for place in candidates[: per_type[place_type]]:
            who = min(inspectors, key=lambda name: lot(seed, "inspector", place.place_id, name))
            drawn.append(Drawn(place.place_id, area_id, place_type, who))
    return drawn

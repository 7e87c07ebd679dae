"""Alerts from what a truck weighs: a scale that shows the impossible. A fold over lifts and loads in the order of their time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.vehicle.domain import quality
from services.vehicle.domain.episodes import Episode, Key
from shared.vocabulary import AlertKind


@dataclass(frozen=True, slots=True)
class Weight:
    """One reading of a scale; `source` is `lift` or `load`."""

    at: datetime
    source: str
    kg: int
    implausible: bool
    limit_kg: float = 0.0

    @classmethod
    def flagged(cls, at: datetime, source: str, kg: int, flags: int) -> "Weight":
        """`flags`: as `quality` gave them to the record."""
        return cls(at, source, kg, bool(flags & quality.IMPLAUSIBLE_WEIGHT))


@dataclass(slots=True)
class Scales:
    """Changed in place, as `motion.Motion` is. `wrong`: the open episode of each scale."""

    last_at: datetime | None = None
    wrong: dict[str, Episode] = field(default_factory=dict)

    def open_episodes(self) -> list[Episode]:
        return list(self.wrong.values())


def fold(scales: Scales, weights: Iterable[Weight]) -> dict[Key, Episode]:
    """An episode opens with the first impossible weight of a scale and closes with its next possible one."""
    touched: dict[Key, Episode] = {}
    for weight in weights:
        episode = scales.wrong.get(weight.source)
        if weight.implausible:
            if episode is None:
                episode = Episode(AlertKind.IMPLAUSIBLE_WEIGHT, weight.source, weight.at, weight.at, limit=weight.limit_kg)
                scales.wrong[weight.source] = episode
            episode.grow(weight.at, abs(weight.kg))
            touched[episode.key] = episode
        elif episode is not None:
            episode.close(weight.at)
            touched[episode.key] = episode
            del scales.wrong[weight.source]
        scales.last_at = weight.at
    return touched

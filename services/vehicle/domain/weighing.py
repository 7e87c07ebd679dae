"""Alerts from what a truck weighs: a scale that shows the impossible. A fold over lifts and loads in the order of their time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.vehicle.domain.episodes import Episode, Key


@dataclass(frozen=True, slots=True)
class Weight:
    """One reading of a scale; `source` is `lift` or `load`."""

    at: datetime
    source: str
    kg: int
    implausible: bool
    limit_kg: float = 0.0


@dataclass(slots=True)
class Scales:
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
                episode = Episode("implausible_weight", weight.source, weight.at, weight.at, limit=weight.limit_kg)
                scales.wrong[weight.source] = episode
            episode.grow(weight.at, abs(weight.kg))
            touched[episode.key] = episode
        elif episode is not None:
            episode.close(weight.at)
            touched[episode.key] = episode
            del scales.wrong[weight.source]
        scales.last_at = weight.at
    return touched


def to_json(scales: Scales) -> dict[str, Any]:
    return {
        "last_at": scales.last_at and scales.last_at.isoformat(),
        "wrong": {source: episode.to_json() for source, episode in scales.wrong.items()},
    }


def from_json(data: dict[str, Any] | None) -> Scales:
    if not data:
        return Scales()
    last_at = datetime.fromisoformat(data["last_at"]) if data["last_at"] else None
    return Scales(last_at, {source: Episode.from_json(episode) for source, episode in data["wrong"].items()})

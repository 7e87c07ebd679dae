"""Limits, tolerances and other rules are dated data, each version with its source: which one holds on a day, or at a moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from shared.clock import city_zone, day_bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dated version from a data file; a missing or unknown field raises ValueError.

    What a file holds within a field is read as the types that the field names; a whole number stays one, also for a float.
    """

    valid_from: date
    source: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        if wrong := {field.name for field in fields(cls)} ^ set(data):
            raise ValueError(f"{cls.__name__}: missing or unknown {', '.join(sorted(wrong))}")
        version: Self = TypeAdapter(cls).validate_python(data)
        as_written = {name: value for name, value in data.items() if getattr(version, name) == value}
        return replace(version, **as_written)


V = TypeVar("V", bound=Version)


class RuleBook(Generic[V]):
    """The versions of one data file, read when the service starts: one that does not fit stops it. Each begins at the city's
    midnight of its day and holds until the next one begins; before all of them the oldest holds."""

    def __init__(self, file: Path, kind: type[V]) -> None:
        written = map(kind.from_json, json.loads(file.read_text("utf-8"))["versions"])
        self.versions: tuple[V, ...] = tuple(sorted(written, key=lambda version: version.valid_from))
        """Oldest first."""
        if not self.versions:
            raise LookupError(f"no version of these rules is known: {file}")

    def on(self, day: date) -> V:
        """What holds on a day."""
        return next((version for version in reversed(self.versions) if version.valid_from <= day), self.versions[0])

    def at(self, moment: datetime) -> V:
        """What holds at a moment: a version begins at local midnight, not at that of UTC."""
        return next((version for start, version in reversed(self.begun) if start <= moment), self.versions[0])

    @property
    def begun(self) -> tuple[tuple[datetime, V], ...]:
        """Each version with the moment from which it holds, oldest first."""
        return self._begun(city_zone())

    @cache  # noqa: B019 - a rule book lives as long as the process
    def _begun(self, zone: ZoneInfo) -> tuple[tuple[datetime, V], ...]:
        return tuple((day_bounds(version.valid_from, zone)[0], version) for version in self.versions)

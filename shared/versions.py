"""Limits, tolerances and other rules are dated data, each version with its source: which one holds on a day, or at a moment."""

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from shared.clock import city_day, city_zone, day_bounds


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


def in_force(versions: Iterable[V], day: date) -> V:
    """The youngest version valid on the day; the oldest one for days before any was valid. LookupError if none."""
    by_age = sorted(versions, key=lambda version: version.valid_from)
    if not by_age:
        raise LookupError("no version of these rules is known")
    begun = [version for version in by_age if version.valid_from <= day]
    return begun[-1] if begun else by_age[0]


def in_force_at(versions: Iterable[V], at: datetime) -> V:
    """The version in force on the city's local day of `at`: a version begins at local midnight, not at that of UTC."""
    return in_force(versions, city_day(at))


def versions_in(file: Path, kind: type[V]) -> tuple[V, ...]:
    """All that a data file holds; read once."""
    return cast("tuple[V, ...]", _versions_in(file, cast("Hashable", kind)))


@cache
def _versions_in(file: Path, kind: type[Version]) -> tuple[Version, ...]:
    return tuple(kind.from_json(version) for version in json.loads(file.read_text("utf-8"))["versions"])


class RuleBook(Generic[V]):
    """The versions of one data file, read when they are first asked for. Each begins at the city's midnight of its day and
    holds until the next one begins; before all of them the oldest holds."""

    def __init__(self, file: Path, kind: type[V]) -> None:
        self._file, self._kind = file, kind

    @cached_property
    def versions(self) -> tuple[V, ...]:
        """Oldest first."""
        written = json.loads(self._file.read_text("utf-8"))["versions"]
        return tuple(sorted(map(self._kind.from_json, written), key=lambda version: version.valid_from))

    def on(self, day: date) -> V:
        """What holds on a day. LookupError where the file has no version."""
        return in_force(self.versions, day)

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


# --- files whose versions begin at a moment ---------------------------------------------------------------------


def moments_in(file: Path) -> tuple[tuple[datetime, dict[str, Any]], ...]:
    """(valid from, version), oldest first; read once. A day begins at the city's midnight."""
    return _moments_in(file, city_zone())


@cache
def _moments_in(file: Path, zone: ZoneInfo) -> tuple[tuple[datetime, dict[str, Any]], ...]:
    versions = json.loads(file.read_text("utf-8"))["versions"]
    begun = [(day_bounds(date.fromisoformat(version["valid_from"]), zone)[0], version) for version in versions]
    return tuple(sorted(begun, key=lambda pair: pair[0]))


def valid_at(file: Path, at: datetime) -> dict[str, Any]:
    """The newest version that is valid by then; before all of them the first."""
    versions = moments_in(file)
    return next((version for start, version in reversed(versions) if start <= at), versions[0][1])

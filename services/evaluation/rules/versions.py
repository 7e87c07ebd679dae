"""Limits are dated data: which version of them holds on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dated version from a data file; a missing or unknown field raises ValueError."""

    valid_from: date
    source: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        if wrong := {field.name for field in fields(cls)} ^ set(data):
            raise ValueError(f"{cls.__name__}: missing or unknown {', '.join(sorted(wrong))}")
        return cls(**{**data, "valid_from": date.fromisoformat(data["valid_from"])})


V = TypeVar("V", bound=Version)


def in_force(versions: Iterable[V], day: date) -> V:
    """The youngest version valid on the day; the oldest one for days before any was valid."""
    by_age = sorted(versions, key=lambda version: version.valid_from)
    begun = [version for version in by_age if version.valid_from <= day]
    return begun[-1] if begun else by_age[0]

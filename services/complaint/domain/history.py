"""What is on record of everything that was done with a case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.vocabulary import ClockKind, ComplaintStatus

Value = str | int | float | bool | None
Changed = Mapping[str, Value]
"""What a step changed beside status and clocks: the name of each value, and what it became."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEntry:
    """`what`: the clock was started, stopped or paused."""

    what: str
    kind: ClockKind
    round: int
    due_at: datetime
    limit_seconds: int
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEntry(ClockEntry):
    begin: datetime
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """`responsible`: who has to act from then on: `centre`, `contractor:K-1` or `district:310104`."""

    case_id: str
    seq: int
    step: str
    status: ComplaintStatus
    at: datetime
    actor: str
    person: str | None
    note: str | None
    responsible: str
    clocks: tuple[PauseEntry | ClockEntry, ...]
    changed: Changed


def differences(before: Any, after: Any, names: Iterable[str]) -> dict[str, Value]:
    """Of these fields the ones that are no longer the same."""
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}

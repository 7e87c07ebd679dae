"""How often a section was done, held against what its road level asks (`data/sweeping_rules.json`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.route.domain.coverage.rules import Asked, SweepingRules
from services.route.domain.judging.findings import SERVED

PLANNING, SERVICE = "planning", "service"
VERDICTS = ("planned", *SERVED, "missed", "unknown", "excepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Passes of one section and task within the days that end with the one asked about.

    `defects`: planning, if fewer are planned than asked for; service, if so many were missed that neither what is asked
    for nor what is planned can be reached any more.
    """

    task: str
    days: int
    asked: int
    planned: int
    done: int
    missed: int
    unknown: int
    excepted: int
    waiting: int

    @property
    def defects(self) -> list[str]:
        found = [PLANNING] if self.planned < self.asked else []
        short = self.planned - self.missed < min(self.asked, self.planned)
        return [*found, SERVICE] if short else found


def longest(rules: SweepingRules) -> timedelta:
    """How far back passes may count for a day."""
    return timedelta(days=max((asked.days for levels in rules.passes.values() for asked in levels.values()), default=1) - 1)


def counted(level: int, day: date, passes: Iterable[Mapping[str, Any]], rules: SweepingRules) -> list[Counted]:
    """For every task that the level asks for or that is planned; `passes`: task, service_day and a number by verdict."""
    rows = list(passes)
    asked = {task: levels[level] for task, levels in rules.passes.items() if level in levels}
    tasks = sorted({*asked, *(row["task"] for row in rows if row["service_day"] == day)})
    return [_counted(task, asked.get(task, Asked(passes=0, days=1)), day, rows) for task in tasks]


def _counted(task: str, asked: Asked, day: date, rows: Sequence[Mapping[str, Any]]) -> Counted:
    first = day - timedelta(days=asked.days - 1)
    mine = [row for row in rows if row["task"] == task and first <= row["service_day"] <= day]
    by = {verdict: sum(row[verdict] for row in mine) for verdict in VERDICTS}
    return Counted(
        task=task,
        days=asked.days,
        asked=asked.passes,
        planned=sum(by.values()),
        done=sum(by[verdict] for verdict in SERVED),
        missed=by["missed"],
        unknown=by["unknown"],
        excepted=by["excepted"],
        waiting=by["planned"],
    )

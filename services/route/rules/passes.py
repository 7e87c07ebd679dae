"""How often a section was done, held against what its road level asks (`data/sweeping_rules.json`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.route.rules.evidence import SERVED
from services.route.rules.sweeping import SweepingRules

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


def counted(level: int, day: date, passes: Iterable[Mapping[str, object]], rules: SweepingRules) -> list[Counted]:
    """For every task that the level asks for or that was planned; `passes`: task, service_day and a number by verdict."""
    rows = list(passes)
    asked = {task: levels[level] for task, levels in rules.passes.items() if level in levels}
    found = []
    for task in sorted({*asked, *(str(row["task"]) for row in rows if row["service_day"] == day)}):
        count, days = asked.get(task, (0, 1))
        first = day - timedelta(days=days - 1)
        mine = [row for row in rows if row["task"] == task and first <= row["service_day"] <= day]  # type: ignore[operator]
        by = {verdict: sum(int(row[verdict]) for row in mine) for verdict in VERDICTS}  # type: ignore[call-overload]
        found.append(
            Counted(
                task=task, days=days, asked=count, planned=sum(by.values()), done=sum(by[verdict] for verdict in SERVED),
                missed=by["missed"], unknown=by["unknown"], excepted=by["excepted"], waiting=by["planned"],
            )
        )  # fmt: skip
    return found

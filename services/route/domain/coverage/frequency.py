"""How often a section was done, held against what its road level asks (`data/sweeping_rules.json`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.route.domain.coverage.rules import Asked, SweepingRules

PLANNING, SERVICE = "planning", "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPasses:
    """The passes over a section for a task on one day, by what became of them."""

    section_id: str
    task: str
    service_day: date
    planned: int = 0
    collected: int = 0
    early: int = 0
    late: int = 0
    missed: int = 0
    unknown: int = 0
    excepted: int = 0

    @property
    def done(self) -> int:
        return self.collected + self.early + self.late


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
        too_few_planned = [PLANNING] if self.planned < self.asked else []
        short = self.planned - self.missed < min(self.asked, self.planned)
        return [*too_few_planned, SERVICE] if short else too_few_planned


def longest(rules: SweepingRules) -> timedelta:
    """How far back passes may count for a day."""
    return timedelta(days=max((asked.days for levels in rules.passes.values() for asked in levels.values()), default=1) - 1)


def counted(level: int, day: date, passes: Sequence[DayPasses], rules: SweepingRules) -> list[Counted]:
    """For every task that the level asks for or that is planned; `passes`: of one section."""
    asked = {task: levels[level] for task, levels in rules.passes.items() if level in levels}
    tasks = sorted({*asked, *(of_day.task for of_day in passes if of_day.service_day == day)})
    return [_counted(task, asked.get(task, Asked(passes=0, days=1)), day, passes) for task in tasks]


def _counted(task: str, asked: Asked, day: date, passes: Sequence[DayPasses]) -> Counted:
    first = day - timedelta(days=asked.days - 1)
    mine = [of_day for of_day in passes if of_day.task == task and first <= of_day.service_day <= day]
    done, missed, unknown = sum(p.done for p in mine), sum(p.missed for p in mine), sum(p.unknown for p in mine)
    excepted, waiting = sum(p.excepted for p in mine), sum(p.planned for p in mine)
    return Counted(
        task=task,
        days=asked.days,
        asked=asked.passes,
        planned=done + missed + unknown + excepted + waiting,
        done=done,
        missed=missed,
        unknown=unknown,
        excepted=excepted,
        waiting=waiting,
    )

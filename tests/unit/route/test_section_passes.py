from datetime import date, timedelta
from typing import Any

import pytest

from services.route.domain.coverage.frequency import Counted, DayPasses, counted, longest
from services.route.rulebooks import SWEEPING_RULES
from shared.vocabulary import Task, VehicleKind

RULES = SWEEPING_RULES.versions[-1]
DAY = date(2026, 11, 16)


def passes(task: str = "sweeping", days_ago: int = 0, **verdicts: int) -> DayPasses:
    return DayPasses(section_id="SEC-1", task=task, service_day=DAY - timedelta(days=days_ago), **verdicts)


def of(level: int, *of_days: DayPasses) -> dict[str, Counted]:
    return {found.task: found for found in counted(level, DAY, of_days, RULES)}


def test_a_level_asks_for_its_passes_though_none_is_planned() -> None:
    assert {task: (found.days, found.asked, found.defects) for task, found in of(1).items()} == {
        "sweeping": (1, 3, ["planning"]),
        "flushing": (7, 3, ["planning"]),
    }
    assert list(of(4)) == ["sweeping"]


@pytest.mark.parametrize(
    ("verdicts", "defects"),
    [
        ({"collected": 2}, []),
        ({"early": 1, "late": 1}, []),
        ({"collected": 1, "planned": 1}, []),
        ({"collected": 1, "unknown": 1}, []),
        ({"collected": 1, "excepted": 1}, []),
        ({"collected": 1, "missed": 1}, ["service"]),
        ({"collected": 2, "missed": 1}, []),
        ({"collected": 1}, ["planning"]),
        ({"missed": 1}, ["planning", "service"]),
    ],
)
def test_too_few_planned_and_too_few_done_are_two_defects(verdicts: dict[str, int], defects: list[str]) -> None:
    found = of(2, passes(**verdicts))["sweeping"]
    assert found.planned == found.done + found.missed + found.unknown + found.excepted + found.waiting == sum(verdicts.values())
    assert found.defects == defects


def test_what_is_asked_for_in_a_week_is_counted_over_the_seven_days_that_end_with_the_day() -> None:
    week = [passes("flushing", days_ago, collected=1) for days_ago in (0, 3, 6, 7)]
    assert of(1, *week)["flushing"].done == 3
    assert longest(RULES) == timedelta(days=6)


def test_a_task_that_nobody_asks_for_is_counted_where_it_is_planned() -> None:
    found = of(3, passes("disinfection", collected=1), passes("flushing", 2, missed=1))
    assert (found["disinfection"].asked, found["disinfection"].done, found["disinfection"].defects) == (0, 1, [])
    assert "flushing" not in found


@pytest.mark.parametrize("version", SWEEPING_RULES.versions)
def test_every_task_has_its_limits_and_every_kind_of_truck_is_one(version: Any) -> None:
    assert set(version.coverage) == {task.value for task in Task}
    assert {kind for kinds in version.kinds.values() for kind in kinds} <= {kind.value for kind in VehicleKind}
    assert {level for levels in version.passes.values() for level in levels} <= {1, 2, 3, 4}

"""A version of rules begins and ends with the city's local day, not with that of UTC: one way to ask, for every service."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.clock import city_zone, set_city_zone
from shared.versions import RuleBook, Version

ROOT = Path(__file__).parents[3]
CITIES = ["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "UTC"]
BEGIN = date(2026, 12, 1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Version):
    kg: int


@pytest.fixture(params=CITIES)
def zone(request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    before, there = city_zone(), ZoneInfo(request.param)
    set_city_zone(there)
    yield there
    set_city_zone(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rules = tmp_path / "rules.json"
    versions = [{"valid_from": str(day), "source": "test", "kg": kg} for day, kg in ((date(2020, 1, 1), 1), (BEGIN, 2))]
    rules.write_text(json.dumps({"versions": versions}))
    return rules


def midnight(zone: ZoneInfo) -> datetime:
    return datetime(2026, 12, 1, tzinfo=zone).astimezone(UTC)


def test_rules_begin_at_local_midnight(zone: ZoneInfo, file: Path) -> None:
    begin, book = midnight(zone), RuleBook(file, Limit)
    assert [book.at(at).kg for at in (begin - MINUTE, begin, begin + MINUTE)] == [1, 2, 2]
    assert [book.on(day).kg for day in (BEGIN - timedelta(days=1), BEGIN)] == [1, 2]


def test_before_all_versions_the_oldest_holds(file: Path) -> None:
    book = RuleBook(file, Limit)
    assert [version.kg for version in book.versions] == [1, 2]
    assert (book.at(datetime(1999, 1, 1, tzinfo=UTC)).kg, book.on(date(1999, 1, 1)).kg) == (1, 1)


@pytest.mark.parametrize(
    ("content", "why"), [('{"versions": []}', "no version"), ('{"versions": [{"valid_from": "2020-01-01"}]}', "unknown")]
)
def test_a_file_that_does_not_fit_stops_the_start(content: str, why: str, file: Path) -> None:
    """Books are opened when their module is read, long before the first request."""
    file.write_text(content)
    with pytest.raises((LookupError, ValueError), match=why):
        RuleBook(file, Limit)


@pytest.mark.parametrize("data", sorted(ROOT.glob("services/*/data/*.json")), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_rule_file_names_days_and_a_source(data: Path) -> None:
    content = json.loads(data.read_text("utf-8"))
    if "versions" not in content:
        pytest.skip("no rules: a contract or the simulator's own data")
    for version in content["versions"]:
        assert date.fromisoformat(version["valid_from"])
        assert version["source"]


NAMED_OTHERWISE = {
    "services/vehicle/tasks.py",  # partitions are of UTC days
    "services/complaint/domain/hours.py",  # in the zone of the hours it counts
    "shared/clock.py",
}


def test_nobody_takes_the_date_of_a_moment_but_the_clock() -> None:
    """`at.date()` is the day of UTC: between midnight and eight in the morning it is yesterday's in Shanghai."""
    places = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for folder in ("services", "shared")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not {"migrations", "simulator", "cli"} & set(file.parts) and str(file.relative_to(ROOT)) not in NAMED_OTHERWISE
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\.date\(\)", line)
    ]
    assert places == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    name: str
    lowest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands(Version):
    bands: tuple[Band, ...]
    grace_minutes: float


def test_what_lies_within_a_version_is_read_as_its_types_and_a_whole_number_stays_one() -> None:
    data = {"valid_from": "2020-01-01", "source": "test", "bands": [{"name": "good", "lowest": 80}], "grace_minutes": 30}
    version = Bands.from_json(data)
    assert version.bands == (Band(name="good", lowest=80.0),)
    assert (version.valid_from, f"{version.grace_minutes}") == (date(2020, 1, 1), "30")
    with pytest.raises(ValueError, match="missing or unknown extra"):
        Bands.from_json(data | {"extra": 1})

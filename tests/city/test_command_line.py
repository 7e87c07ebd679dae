"""The commands that others rely on, against a running all-in-one system, as an operator types them."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.suite import ServiceProcess

pytestmark = pytest.mark.slow

VEHICLES = """vehicle_id,plate,kind,waste_streams,capacity_kg,district_id
T-001,沪A00001,compactor,residual,8000,310104003
T-002,沪A00002,food_waste,food;kitchen,5000,310104004
"""
TIMETABLE = """线路,名称,点位,时间,经度,纬度,星期,车辆
R1,天平一线,甲小区,08:00,121.4400,31.2000,"一,二,三,四,五,六,日",T-001
R1,天平一线,乙小区,08:20,121.4450,31.2050,"一,二,三,四,五,六,日",T-001
R1,天平一线,丙小区,08:40,31.2100,121.4500,"一,二,三,四,五,六,日",T-001
"""
COLUMNS = [
    "route_id=线路",
    "route_name=名称",
    "name=点位",
    "time=时间",
    "lon=经度",
    "lat=纬度",
    "weekdays=星期",
    "vehicle_id=车辆",
]
TRACKS = """vehicle,timestamp,latitude,longitude
T-002,2026-11-16T08:00:00+08:00,31.2000,121.4400
T-002,2026-11-16T08:01:00+08:00,31.2010,121.4400
"""


class System:
    def __init__(self, directory: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SANITATION_")}
        port = free_port()
        self.directory = directory
        self.environment = inherited | {"SANITATION_DATA_DIR": str(directory), "PORT": str(port)}
        self.process = ServiceProcess("all", port, directory / "log", self.environment)

    def run(self, *words: str, code: int = 0) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "services.cli", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert answer.returncode == code, f"{words}: {answer.stdout}{answer.stderr}"
        return answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = System(tmp_path_factory.mktemp("system"))
    made.process.start()
    yield made
    made.process.stop()


def test_a_day_from_an_empty_system_to_verdicts(system: System, tmp_path: Path) -> None:
    for name, text in (("trucks.csv", VEHICLES), ("timetable.csv", TIMETABLE), ("tracks.csv", TRACKS)):
        (tmp_path / name).write_text(text, "utf-8")
    assert json.loads(system.run("import", "vehicles", str(tmp_path / "trucks.csv"))) == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
    }
    maps = [word for column in COLUMNS for word in ("-m", column)]
    rehearsal = system.run("import", "timetable", str(tmp_path / "timetable.csv"), *maps, "--dry-run")
    assert "would become 2 stops" in rehearsal
    assert "swapped" in rehearsal
    assert "became 2 stops" in system.run("import", "timetable", str(tmp_path / "timetable.csv"), *maps)
    simulated = system.run(
        "simulate", "--day", "2026-11-16", "--seed", "4", "--undisturbed", "--check", "--truth", str(tmp_path / "truth.jsonl")
    )
    assert "2 of 2 verdicts as the truth has them" in simulated
    assert len((tmp_path / "truth.jsonl").read_text().splitlines()) == 2
    replayed = system.run("replay", str(tmp_path / "tracks.csv"))
    assert "2" in replayed
    assert "fleet" in system.run("watch", "--seconds", "2")


def test_a_gateway_that_lost_its_trucks_shows_them_again_after_rebuild(system: System) -> None:
    def trucks_and_lifts() -> tuple[int, int, int]:
        with closing(sqlite3.connect(system.directory / "gateway.sqlite3")) as gateway:
            query = "SELECT count(*), sum(records), (SELECT count(*) FROM city_lift) FROM city_vehicle"
            return gateway.execute(query).fetchone()  # type: ignore[no-any-return]

    before = trucks_and_lifts()
    assert before[1] > 100
    with closing(sqlite3.connect(system.directory / "gateway.sqlite3", timeout=30)) as gateway:
        gateway.executescript("DELETE FROM city_vehicle; DELETE FROM city_lift")
    assert "rows published" in system.run("rebuild", "gateway")
    assert trucks_and_lifts() == before


def test_districts_come_in_from_a_geojson_file(system: System, tmp_path: Path) -> None:
    from services.simulator.demo.city import districts_geojson

    file = tmp_path / "districts.geojson"
    file.write_text(json.dumps(districts_geojson(), ensure_ascii=False), "utf-8")
    counts = [json.loads(system.run("import", "districts", str(file))) for _ in range(2)]
    assert counts == [{"created": 12, "updated": 0, "unchanged": 0}, {"created": 0, "updated": 0, "unchanged": 12}]
    file.write_text("district_id,name_zh")
    assert "is not GeoJSON" in system.run("import", "districts", str(file), code=2)


def test_every_row_of_a_list_of_trucks_has_a_fate_on_the_screen(system: System, tmp_path: Path) -> None:
    file = tmp_path / "trucks.csv.gz"
    rows = ["T-101;沪A00101;compactor;7650.0", "T-102;沪A00102;spaceship;1", "T 103;沪A00103;compactor;1"]
    file.write_bytes(gzip.compress("\n".join(["vehicle_id;plate;kind;空车", *rows]).encode("gb18030")))
    told = system.run("import", "vehicles", str(file), "-m", "tare_kg=空车")
    assert '"created": 1' in told
    assert "rejected (2)" in told
    assert "kind: Input should be" in told
    assert "vehicle_id: String should match" in told
    file.write_text('编号,车牌,空车\nT-104,沪A00104,"7,650"\n', "utf-16")
    asked = system.run("import", "vehicles", str(file), "-m", "vehicle_id=编号", "-m", "plate=车牌", "-m", "tare_kg=空车", code=1)
    assert "decimal_mark" in asked
    wrong = system.run("import", "vehicles", str(file), "-m", "colour=车牌", code=1)
    assert "mapping.colour" in wrong, "a refusal names what is wrong, not only that something is"


def test_ratings_of_another_city_come_in_and_are_held_against_themselves(system: System, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("Month,Section,Streets,Before\n2018 / 01,MN011,90.24,\n2018 / 02,MN011,91,90.24\n", "utf-8")
    maps = ["-m", "month=Month", "-m", "area=Section", "-m", "streets=Streets", "-m", "streets_previous_month=Before"]
    told = json.loads(system.run("import", "ratings", str(file), "--source", "nyc", *maps, "--json"))
    assert (told["import"]["stored"], told["reproduction"]["columns"][0]["share"]) == (2, "100.00")
    assert "unchanged 2" in system.run("import", "ratings", str(file), "--source", "nyc", *maps)


def test_a_token_opens_what_its_role_may(system: System) -> None:
    import urllib.error
    import urllib.request

    def ask(path: str, token: str) -> int:
        request = urllib.request.Request(f"{system.process.url}{path}", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    dispatcher = system.run("credentials", "issue", "--role", "dispatcher", "--district", "310104").strip()
    device = system.run("credentials", "issue", "--role", "device", "--vehicle", "T-001").strip()
    assert (ask("/v1/city", dispatcher), ask("/v1/city", device)) == (200, 403)
    assert (ask("/v1/vehicles/T-001", device), ask("/v1/vehicles/T-002", device)) == (200, 404)
    assert "needs --vehicle" in system.run("credentials", "issue", "--role", "device", code=2)
    assert "only by" in system.run("credentials", "issue", "--role", "dispatcher", "--station", "S-1", code=2)
    assert "days" in system.run("credentials", "issue", "--role", "dispatcher", "--days", "-1", code=2)


def test_the_doctor_and_the_dead_letters_find_a_healthy_system(system: System) -> None:
    assert "FAIL" not in system.run("doctor")
    assert "no dead letters" in system.run("deadletters", "list")
    system.run("deadletters", "replay", "all", code=1)


def test_a_command_without_a_running_system_says_what_to_do(system: System, tmp_path: Path) -> None:
    system.environment = system.environment | {"PORT": str(free_port())}
    (tmp_path / "trucks.csv").write_text(VEHICLES, "utf-8")
    assert "make run" in system.run("import", "vehicles", str(tmp_path / "trucks.csv"), code=1)
    assert "FAIL" in system.run("doctor", code=1)

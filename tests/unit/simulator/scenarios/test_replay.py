import gzip
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.simulator.scenarios.replay import replay
from services.simulator.scenarios.track_file import UnusableFile, read_tracks, vehicle_id_of
from tests.unit.simulator.flaky_city import FlakyCity, random_trouble

NEW_YORK = ZoneInfo("America/New_York")
JERSEY_CITY = Path(__file__).parents[5] / "shared" / "data" / "jersey_city_garbage_trucks_gps_2015.csv"

TRACKS = """vehicle,timestamp_local,latitude,longitude,address
A-10,2015-12-10T06:00:00,40.70,-74.08,x
A-10,2015-12-10T06:01:00,40.71,-74.08,x
A-10,2015-12-10T06:01:00,40.71,-74.08,x
Truck #7 (old),2015-12-10T06:00:30,40.72,-74.09,x
A-10,2015-12-10T06:02:00,140.7,-74.08,x
A-10,yesterday,40.70,-74.08,x
,2015-12-10T06:02:00,40.70,-74.08,x
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_usual_column_names_are_found_and_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    tracks = read_tracks(write(tmp_path, TRACKS), {}, NEW_YORK)
    assert tracks.columns == {"vehicle": "vehicle", "time": "timestamp_local", "lon": "longitude", "lat": "latitude"}
    assert tracks.rows == len(tracks.fixes) + tracks.unusable.total() == 7
    assert tracks.unusable == {"latitude out of range": 1, "time not readable": 1, "no vehicle": 1}
    assert tracks.fixes[0].at.isoformat() == "2015-12-10T11:00:00+00:00"


def test_named_columns_win_and_a_missing_one_is_told_with_those_there_are(tmp_path: Path) -> None:
    path = write(tmp_path, "who,when,east,north\nA,2015-12-10T06:00:00Z,-74.08,40.7\n")
    with pytest.raises(UnusableFile, match="--vehicle-column; there are: who, when, east, north"):
        read_tracks(path, {}, None)
    with pytest.raises(UnusableFile, match="no column 'wer'"):
        read_tracks(path, {"vehicle": "wer"}, None)
    named = read_tracks(path, {"vehicle": "who", "time": "when", "lon": "east", "lat": "north"}, None)
    assert (named.fixes[0].vehicle_id, named.fixes[0].lon, named.fixes[0].lat) == ("A", -74.08, 40.7)


def test_tracks_are_read_whatever_they_were_saved_as(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv.gz"
    text = "车牌;时间;经度;纬度;速度\n川A1;2026/11/16 8:00:00;104,06;30,67;5e-05\n川A1;2026/11/16 8:01:00;104,0612;30,671;12,5\n"
    path.write_bytes(gzip.compress(text.encode("gb18030")))
    tracks = read_tracks(path, {}, ZoneInfo("Asia/Shanghai"))
    assert [(fix.lon, fix.lat, fix.speed_kmh) for fix in tracks.fixes] == [(104.06, 30.67, 0.00005), (104.0612, 30.671, 12.5)]


def test_a_time_without_a_zone_needs_one(tmp_path: Path) -> None:
    assert read_tracks(write(tmp_path, TRACKS), {}, None).unusable["time without a zone"] == 5


def test_local_times_that_came_twice_are_counted_and_those_that_never_came_left_out(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "vehicle,time,lat,lon\n"
        "A,2015-11-01T01:30:00,40.7,-74\n"  # clocks went back at 02:00
        "A,2015-03-08T02:30:00,40.7,-74\n"  # clocks went on at 02:00
        "A,2015-11-01T03:30:00,40.7,-74\n",
    )
    tracks = read_tracks(path, {}, NEW_YORK)
    assert tracks.ambiguous_times == 1
    assert tracks.unusable == {"local time that clocks skipped": 1}
    assert [fix.at.isoformat() for fix in tracks.fixes] == ["2015-11-01T05:30:00+00:00", "2015-11-01T08:30:00+00:00"]


def test_names_that_are_no_ids_get_ids_that_stay_apart() -> None:
    assert vehicle_id_of("JLG-Lift") == "JLG-Lift"
    assert vehicle_id_of("Truck #7") != vehicle_id_of("Truck *7")
    assert vehicle_id_of("Truck #7").startswith("Truck-7-")
    assert vehicle_id_of("沪A12345").startswith("A12345-")
    assert len(vehicle_id_of("x" * 200)) <= 64


async def test_each_fix_is_stored_once_also_when_the_file_comes_again_and_shuffled(tmp_path: Path) -> None:
    city = FlakyCity(lambda _: "ok")
    path = write(tmp_path, TRACKS)
    async with city.client() as client:
        first = await replay(client, path, zone=NEW_YORK, quiet=True)
        again = await replay(client, path, zone=NEW_YORK, shuffle_seed=3, quiet=True)
    assert (first.sent, first.stored, first.duplicates, first.registered) == (4, 3, 1, 2)
    assert (again.sent, again.stored, again.duplicates, again.registered) == (4, 0, 4, 0)
    assert len(city.stored) == 3
    assert "1 rows left out: latitude out of range" in str(first)
    assert "'Truck #7 (old)' is no id: sent as Truck-7-old" in str(first)


async def test_a_speed_factor_spreads_the_file_over_time(tmp_path: Path) -> None:
    city = FlakyCity(lambda _: "ok")
    async with city.client() as client:
        report = await replay(client, write(tmp_path, TRACKS), zone=NEW_YORK, speed_factor=60, quiet=True)
    assert report.stored == 3
    assert city.requests == 3  # 06:00:00 and 06:00:30 in the first second, 06:01:00 in the second


async def test_real_garbage_trucks_are_replayed_without_loss_although_the_city_stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    if not JERSEY_CITY.exists():
        pytest.skip(f"{JERSEY_CITY} is not there")
    monkeypatch.setattr("services.simulator.devices.onboard_unit.FIRST_PAUSE_SECONDS", 0.0)
    city = FlakyCity(random_trouble(5, "ok ok ok drop_after"))
    async with city.client() as client:
        report = await replay(client, JERSEY_CITY, zone=NEW_YORK, shuffle_seed=1, quiet=True)
    tracks = read_tracks(JERSEY_CITY, {}, NEW_YORK)
    assert report.rows == 8349
    assert report.unusable == {}
    assert {(key[0], key[2]) for key in city.stored} == {
        (fix.vehicle_id, fix.at.isoformat().replace("+00:00", "Z")) for fix in tracks.fixes
    }

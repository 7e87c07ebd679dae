"""Rounds over road sections: the street of 500 m runs north; its passes are planned for 18:00 and 21:00."""

import gzip
import json
import random
from typing import Any

import httpx
import pytest

from shared.clock import frozen
from shared.geo import gcj02_to_wgs84
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    EVENING,
    LAT,
    LON,
    METRE,
    NIGHT,
    answered,
    at,
    detail,
    judged,
    send,
    verdicts,
)

RUN = f"{DAY}:SW"
HEADER = "route_id,seq,section_id,task,time,window_start,window_end,weekdays,vehicle_id,district_id"
ROUND = f"{HEADER}\nSW,1,SEC-1,清扫,18:00,17:50,18:30,每日,S-001,310104\nSW,2,SEC-1,清扫,21:00,20:30,21:40,每日,S-001,310104\n"
FLUSHING = f"{HEADER}\nFL,1,SEC-1,冲洗,18:00,17:50,18:30,每日,W-001,310104\n"


def section(
    name: str = "SEC-1", level: Any = 2, *, west_m: float = 0, north_m: float = 500, district: str = "310104"
) -> dict[str, Any]:
    line = [[LON - west_m * METRE, LAT], [LON - west_m * METRE, LAT + north_m * METRE]]
    return {
        "type": "Feature",
        "properties": {"section_id": name, "name": f"路段 {name}", "road_level": level, "district_id": district},
        "geometry": {"type": "LineString", "coordinates": line},
    }


def sections(*features: Any, **more: Any) -> dict[str, Any]:
    return {"content": {"type": "FeatureCollection", "features": list(features)}, **more}


def sweep(minutes: float, begin_m: float = 0, end_m: float = 500, speed_kmh: float = 9) -> list[dict[str, Any]]:
    """Along the street, a fix every 10 s."""
    metres_each, heading = speed_kmh / 3.6 * 10, 0 if end_m > begin_m else 180
    steps = int(abs(end_m - begin_m) / metres_each)
    ways = [*(begin_m + n * metres_each * (1 if end_m > begin_m else -1) for n in range(steps + 1)), end_m]
    return [
        {
            "kind": "position",
            "at": at(minutes + n / 6).isoformat(),
            "lon": LON,
            "lat": LAT + way * METRE,
            "speed_kmh": speed_kmh,
            "heading_deg": heading,
        }
        for n, way in enumerate(ways)
    ]


def elsewhere(minutes: float) -> dict[str, Any]:
    return {"kind": "position", "at": at(minutes).isoformat(), "lon": LON + 0.1, "lat": LAT, "speed_kmh": 30}


async def planned(city: City, *timetables: str) -> None:
    async with city.client(Role.ADMIN) as admin:
        trucks = [
            {"vehicle_id": "S-001", "plate": "沪A00001", "kind": "sweeper", "district_id": "310104"},
            {"vehicle_id": "W-001", "plate": "沪A00002", "kind": "washer", "district_id": "310104"},
            {"vehicle_id": "T-001", "plate": "沪A00003", "kind": "compactor", "district_id": "310104"},
        ]
        await answered(admin.post("/v1/vehicle-imports", json={"vehicles": trucks}))
        await city.settle()
        assert (await answered(admin.post("/v1/section-imports", json=sections(section()))))["rejected"] == []
        for content in timetables or (ROUND,):
            report = await answered(admin.post("/v1/timetable-imports", json={"format": "csv", "content": content}))
            assert (report["rejected"], report["warnings"]) == ([], [])
        await answered(admin.post("/v1/runs/plans", json={"service_day": str(DAY)}))


async def test_a_swept_street_is_collected_and_half_a_street_is_missed(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city("gateway") as city:
            await planned(city)
            await send(city, [*sweep(1), *sweep(180, end_m=250), elsewhere(290)], "S-001")
            await judged(city)
            assert await verdicts(city, RUN) == ["collected", "missed"]
            done, half = await detail(city, 1, RUN), await detail(city, 2, RUN)
            async with city.client(Role.DISPATCHER) as dispatcher:
                run = await answered(dispatcher.get(f"/v1/runs/{RUN}"))
                view = await answered(dispatcher.get("/v1/city"))
    assert (done["evidence"]["what"], done["evidence"]["coverage"], done["coverage"]) == ("coverage", 1.0, 1.0)
    assert done["served_at"] == "2026-11-16T10:03:40Z"  # 400 m of 500 m, 25 m every 10 s
    assert half["evidence"]["missing"] == [{"from_m": 250, "to_m": 500}]
    # "late data" if the judge looked before the truck was heard of
    assert half["history"][-1]["reason"] in {"too little of the section was covered in time", "late data"}
    assert (run["task"], run["stream"], run["by_verdict"]) == ("sweeping", "street", {"collected": 1, "missed": 1})
    assert {(stop["mode"], stop["section_id"], len(stop["line"])) for stop in run["stops"]} == {("coverage", "SEC-1", 2)}
    assert view["runs"]["by_verdict"] == {"collected": 1, "missed": 1}


async def test_driving_through_at_speed_leaves_the_pass_missed(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, [*sweep(1, speed_kmh=30), elsewhere(290)], "S-001")
            await judged(city)
            assert await verdicts(city, RUN) == ["missed", "missed"]


async def test_late_data_in_any_order_corrects_the_pass_and_a_ruling_stands_above_it(open_city: CityFactory) -> None:
    records = sweep(1)
    random.Random(3).shuffle(records)
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await judged(city)
            assert await verdicts(city, RUN) == ["unknown", "unknown"]
            await send(city, [elsewhere(290)], "S-001")
            await judged(city)
            assert await verdicts(city, RUN) == ["missed", "missed"]
            for start in range(0, len(records), 5):
                await send(city, records[start : start + 5], "S-001")
            await send(city, records, "S-001")
            await judged(city)
            assert await verdicts(city, RUN) == ["collected", "missed"]
            history = [entry["verdict"] for entry in (await detail(city, 1, RUN))["history"]]
            # When it was done may have been told more than once, as its parts came.
            assert list(dict.fromkeys(history)) == ["unknown", "missed", "collected"]
            async with city.client(Role.DISPATCHER) as dispatcher:
                ruling = {"verdict": "missed", "reason": "brushes were up, says the inspector"}
                await answered(dispatcher.put(f"/v1/stops/{RUN}:1/ruling", json=ruling))
            stop = await detail(city, 1, RUN)
    assert (stop["verdict"], stop["evidence"]["by_the_rules"]) == ("missed", "collected")


async def test_door_to_door_the_bins_lifted_along_the_street_count_for_its_pass(open_city: CityFactory) -> None:
    door_to_door = f"{HEADER}\nDD,1,SEC-1,上门收运,18:00,,,每日,T-001,310104\n"
    lifted = {"kind": "bin_lift", "net_kg": 20, "tag": "E280", "lon": LON, "lat": LAT + 100 * METRE}
    lifts = [lifted | {"at": at(1).isoformat()}, lifted | {"at": at(2).isoformat(), "net_kg": 25}]
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, door_to_door)
            await send(city, [*sweep(0, speed_kmh=6), *lifts, elsewhere(290)], "T-001")
            await judged(city)
            stop = await detail(city, 1, f"{DAY}:DD")
            async with city.client(Role.DISPATCHER) as dispatcher:
                unmatched = await answered(dispatcher.get("/v1/unmatched-lifts", params={"service_day": str(DAY)}))
    assert (stop["verdict"], stop["stream"], stop["evidence"]["net_kg"]) == ("collected", "residual", 45)
    assert unmatched["items"] == []


async def test_the_place_beside_the_street_is_told_when_it_was_swept_and_by_which_truck(open_city: CityFactory) -> None:
    asked = {"lon": LON + 50 * METRE, "lat": LAT + 450 * METRE, "from": EVENING.isoformat(), "to": NIGHT.isoformat()}
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, ROUND, FLUSHING)
            await send(city, [*sweep(1), elsewhere(290)], "S-001")
            await send(city, [elsewhere(290)], "W-001")
            await judged(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                found = await answered(dispatcher.get("/v1/service-evidence", params=asked))
                only = await answered(dispatcher.get("/v1/service-evidence", params=asked | {"task": "flushing"}))
                far = await answered(dispatcher.get("/v1/service-evidence", params=asked | {"lon": LON + 400 * METRE}))
    assert (
        "计划道路清扫2次：已清扫1次（最近一次11-16 18:03，车辆S-001），漏扫1次；计划道路冲洗1次：漏冲1次" in found["sentence_zh"]
    )
    assert (
        "2 street sweepings were planned: 1 carried out (last on 2026-11-16 at 18:03 by vehicle S-001), 1 missed"
        in found["sentence_en"]
    )
    assert found["outcome"] == "partly_served"
    assert {(stop["section_id"], stop["task"]) for stop in found["stops"]} == {("SEC-1", "sweeping"), ("SEC-1", "flushing")}
    assert {stop["distance_m"] for stop in found["stops"]} == {42.8}  # from the line, not from half-way along it
    assert [p["vehicle_id"] for p in next(s for s in found["stops"] if s["verdict"] == "collected")["passes"]] == ["S-001"]
    assert ([stop["task"] for stop in only["stops"]], only["outcome"]) == (["flushing"], "not_served")
    assert (far["outcome"], far["stops"]) == ("not_planned", [])


async def test_passes_are_held_against_what_the_road_level_asks(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                more = sections(section("SEC-0", 1, west_m=400), section("SEC-9", 4, west_m=800))
                await answered(dispatcher.post("/v1/section-imports", json=more))
                await send(city, [*sweep(1), elsewhere(290)], "S-001")
                await judged(city)
                asked = {"service_day": str(DAY)}
                items = (await answered(dispatcher.get("/v1/sections/passes", params=asked)))["items"]
                short = (
                    await answered(dispatcher.get("/v1/sections/passes", params=asked | {"road_level": 2, "defects": True}))
                )["items"]
                csv = await dispatcher.get("/v1/sections/passes", params=asked | {"format": "csv"})
                xlsx = await dispatcher.get("/v1/sections/passes", params=asked | {"format": "xlsx"})
    told = {(i["section_id"], i["task"]): (i["days"], i["asked"], i["planned"], i["done"], i["defects"]) for i in items}
    assert told == {
        ("SEC-0", "flushing"): (7, 3, 0, 0, ["planning"]),
        ("SEC-0", "sweeping"): (1, 3, 0, 0, ["planning"]),
        ("SEC-1", "flushing"): (7, 1, 0, 0, ["planning"]),
        ("SEC-1", "sweeping"): (1, 2, 2, 1, ["service"]),
        ("SEC-9", "sweeping"): (1, 1, 0, 0, ["planning"]),
    }
    assert [(i["section_id"], i["task"]) for i in short] == [("SEC-1", "flushing"), ("SEC-1", "sweeping")]
    assert "SEC-1,路段 SEC-1,2,310104,500.0,清扫 / Sweeping,1,2,2,1,1," in csv.content.decode("utf-8-sig")
    assert xlsx.content.startswith(b"PK")


async def test_every_bad_feature_is_named_with_its_reason_and_the_same_file_again_changes_nothing(open_city: CityFactory) -> None:
    loop = section("LOOP")
    loop["geometry"]["coordinates"].append(loop["geometry"]["coordinates"][0])
    swapped = section("SWAPPED")
    swapped["geometry"]["coordinates"] = [[lat, lon] for lon, lat in swapped["geometry"]["coordinates"]]
    area = section("AREA")
    area["geometry"]["type"] = "Polygon"
    bad = [
        loop,
        swapped,
        area,
        section("SHORT", north_m=0.4),
        section("LONG", north_m=9000),
        section("L7", 7),
        section("一"),
        {},
        section(),
    ]
    with frozen(NIGHT):
        async with open_city() as city, city.client(Role.DISPATCHER) as dispatcher:
            dry = await answered(dispatcher.post("/v1/section-imports", json=sections(section(), *bad, dry_run=True)))
            assert (await answered(dispatcher.get("/v1/sections")))["items"] == []
            first = await answered(dispatcher.post("/v1/section-imports", json=sections(section(), *bad)))
            again = await answered(dispatcher.post("/v1/section-imports", json=sections(section(), *bad)))
            shapes = await answered(dispatcher.get("/v1/sections", params={"format": "geojson"}))
            chinese = sections(section(), datum="GCJ-02")
            moved = await answered(dispatcher.post("/v1/section-imports", json=chinese))
            nothing = await dispatcher.post("/v1/section-imports", json={"content": {"type": "Point"}})
    assert [(f["row"], f["code"]) for f in first["rejected"]] == [
        (2, "repeated_point"),
        (3, "lon_lat_swapped"),
        (4, "bad_geometry"),
        (5, "too_short"),
        (6, "too_long"),
        (7, "unknown_level"),
        (8, "bad_id"),
        (9, "bad_feature"),
        (10, "duplicate_section_id"),
    ]
    assert dry == first | {"dry_run": True}
    assert (first["created"], again["created"], again["unchanged"], moved["updated"]) == (1, 0, 1, 1)
    assert shapes["features"][0]["geometry"]["coordinates"] == [[LON, LAT], [LON, pytest.approx(LAT + 500 * METRE)]]
    assert shapes["features"][0]["properties"]["length_m"] == 500.0
    assert (nothing.status_code, nothing.json()["code"]) == (422, "unreadable_file")


async def test_streets_that_real_files_have_come_in(open_city: CityFactory) -> None:
    one_part = section("ONE-PART")
    one_part["geometry"] = {"type": "MultiLineString", "coordinates": [one_part["geometry"]["coordinates"]]}
    two_parts = section("TWO-PARTS")
    two_parts["geometry"] = {"type": "MultiLineString", "coordinates": one_part["geometry"]["coordinates"] * 2}
    theirs = section("x")
    theirs["properties"] = {"编号": "THEIRS", "道路名称": "短街"}
    mapping = {"section_id": "编号", "name": "道路名称"}
    with frozen(NIGHT):
        async with open_city() as city, city.client(Role.DISPATCHER) as dispatcher:
            own = sections(section("SHORT", north_m=12), one_part, two_parts)
            told = await answered(dispatcher.post("/v1/section-imports", json=own))
            body = sections(theirs, mapping=mapping, defaults={"road_level": 3})
            mapped = await answered(dispatcher.post("/v1/section-imports", json=body))
            shown = await answered(dispatcher.get("/v1/sections"))
    assert (told["created"], [(f["row"], f["code"]) for f in told["rejected"]]) == (2, [(3, "several_lines")])
    assert (mapped["created"], mapped["rejected"]) == (1, [])
    assert {one["section_id"]: one["length_m"] for one in shown["items"]} == {"SHORT": 12.0, "ONE-PART": 500.0, "THEIRS": 500.0}


async def test_a_file_s_own_datum_is_honoured_and_one_that_is_unknown_is_refused(open_city: CityFactory) -> None:
    def named(crs: str | None) -> bytes:
        member = {"type": "name", "properties": {"name": crs}} if crs else None
        collection = {"type": "FeatureCollection", "crs": member, "features": [section()]}
        return gzip.compress(json.dumps(collection).encode("utf-16"))

    async def lon_of(dispatcher: httpx.AsyncClient, crs: str | None, **options: str) -> float:
        headers = {"Content-Type": "application/geo+json"}
        sent = dispatcher.post("/v1/section-imports", content=named(crs), params=options, headers=headers)
        assert (await answered(sent))["rejected"] == []
        return float((await answered(dispatcher.get("/v1/sections")))["items"][0]["line"][0][0])

    with frozen(NIGHT):
        async with open_city() as city, city.client(Role.DISPATCHER) as dispatcher:
            for crs in (None, "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490", "urn:ogc:def:crs:EPSG::4326"):
                assert await lon_of(dispatcher, crs) == pytest.approx(LON, abs=1e-7)
            shifted = await lon_of(dispatcher, "GCJ02")
            assert shifted == pytest.approx(gcj02_to_wgs84(LON, LAT)[0], abs=1e-6)
            assert await lon_of(dispatcher, None, datum="gcj-02") == shifted
            for crs, datum in (("EPSG:3857", "wgs84"), ("EPSG:4326", "bd09ll"), ("urn:x", "")):
                refused = await dispatcher.post(
                    "/v1/section-imports",
                    content=named(crs),
                    params={"datum": datum} if datum else {},
                    headers={"Content-Type": "application/geo+json"},
                )
                assert (refused.status_code, refused.json()["code"]) == (422, "unknown_datum"), crs


async def test_a_line_of_the_timetable_must_name_a_section_that_is_there_and_fits_its_task(open_city: CityFactory) -> None:
    rows = [
        "A,1,SEC-1,清扫,18:00,,,每日,S-001,",
        "A,2,SEC-7,清扫,19:00,,,每日,S-001,",  # no such section
        "A,3,,清扫,20:00,,,每日,S-001,",  # swept, but no section
        "A,4,SEC-1,清扫,21:00,10:00,23:00,每日,S-001,",  # a window of half a day
        "A,5,SEC-1,清扫,18:20,18:00,18:50,每日,S-001,",
        "A,6,SEC-1,梳头,23:00,,,每日,S-001,",
        "B,1,SEC-1,冲洗,22:00,,,每日,S-001,",  # a sweeper does not flush
        "C,1,SEC-1,,08:00,,,每日,T-001,",  # from door to door
    ]
    body = {"format": "csv", "content": "\n".join([HEADER, *rows])}
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                report = await answered(dispatcher.post("/v1/timetable-imports", json=body))
                swept, door = [await answered(dispatcher.get(f"/v1/routes/{route}")) for route in "AC"]
                points = await answered(dispatcher.get("/v1/service-points"))
    assert [(f["row"], f["code"]) for f in report["rejected"]] == [
        (2, "unknown_section"),
        (3, "section_needed"),
        (4, "bad_window"),
        (6, "unknown_task"),
    ]
    assert [(f["row"], f["code"]) for f in report["warnings"]] == [(7, "wrong_kind")]
    assert (swept["task"], swept["stream"], [s["mode"] for s in swept["stops"]]) == (
        "sweeping",
        "street",
        ["coverage", "coverage"],
    )
    assert (door["task"], door["stream"], door["stops"][0]["mode"]) == ("collection", "residual", "coverage")
    assert swept["stops"][0]["lat"] == pytest.approx(LAT + 250 * METRE)
    assert points["items"] == []


async def test_a_compactor_is_not_given_a_sweeping_round(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                refused = await dispatcher.put("/v1/routes/SW/vehicle", json={"vehicle_id": "T-001"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_kind")
    assert refused.json()["detail"] == "vehicle T-001 is a compactor; sweeping takes a sweeper"


async def test_sections_of_other_districts_are_neither_seen_nor_changed(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER, district_ids=["310105"]) as neighbour:
                assert (await answered(neighbour.get("/v1/sections")))["items"] == []
                assert (await answered(neighbour.get("/v1/sections/passes", params={"service_day": str(DAY)})))["items"] == []
                refused = await neighbour.post("/v1/section-imports", json=sections(section(district="310105")))
                assert refused.status_code == 403
                await answered(neighbour.post("/v1/section-imports", json=sections(section("OWN", district="310105"))))
                assert [s["section_id"] for s in (await answered(neighbour.get("/v1/sections")))["items"]] == ["OWN"]


async def test_a_section_that_is_drawn_anew_does_not_change_the_runs_that_are_there(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                await answered(dispatcher.post("/v1/section-imports", json=sections(section(west_m=3000))))
            await send(city, [*sweep(1), elsewhere(290)], "S-001")
            await judged(city)
            assert await verdicts(city, RUN) == ["collected", "missed"]

"""A synthetic demo city in the pattern of Xuhui, Shanghai: no real estate, truck or person is in it.

Names and codes of the subdistricts are real (division codes of the National Bureau of Statistics, 2023-06-30); shapes,
places, trucks and times are drawn here. Everything carries DEMO in its id. Deterministic: always the same city.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

ZONE = "Asia/Shanghai"
SEED = 310104
WEST, SOUTH, EAST, NORTH = 121.396, 31.112, 121.478, 31.216
COLUMNS, ROWS = 3, 4

# From north-west to south-east, three in a row: code, Chinese name, English name.
SUBDISTRICTS = (
    ("310104004", "湖南路街道", "Hunan Road Subdistrict"),
    ("310104003", "天平路街道", "Tianping Road Subdistrict"),
    ("310104008", "枫林路街道", "Fenglin Road Subdistrict"),
    ("310104012", "虹梅路街道", "Hongmei Road Subdistrict"),
    ("310104014", "徐家汇街道", "Xujiahui Subdistrict"),
    ("310104007", "斜土路街道", "Xietu Road Subdistrict"),
    ("310104011", "田林街道", "Tianlin Subdistrict"),
    ("310104017", "漕河泾街道", "Caohejing Subdistrict"),
    ("310104016", "龙华街道", "Longhua Subdistrict"),
    ("310104013", "康健新村街道", "Kangjian Xincun Subdistrict"),
    ("310104010", "长桥街道", "Changqiao Subdistrict"),
    ("310104103", "华泾镇", "Huajing Town"),
)

ROUNDS_A_DAY = 12
CIRCUITS = 6
"""A truck comes back to a place after half a day: nearer visits could be taken for one another."""
STOPS_A_ROUND = 12
MINUTES_BETWEEN_STOPS = 7
FIRST_ROUND_MINUTE = 10
REST_EVERY_ROUNDS = 4

Place = tuple[float, float]
Polygon = list[list[list[float]]]


@dataclass(frozen=True, slots=True)
class Duty:
    """What a truck of a kind does in its subdistrict."""

    kind: str
    stream: str
    tare_kg: int
    capacity_kg: int
    least_kg: int
    most_kg: int
    label_zh: str


RESIDUAL = Duty("compactor", "residual", 11_000, 9_000, 160, 420, "干垃圾")
FOOD = Duty("food_waste", "food", 8_500, 6_000, 90, 300, "湿垃圾")
RECYCLABLE = Duty("hook_lift", "recyclable", 9_500, 8_000, 40, 200, "可回收物")
# The fifth truck differs from subdistrict to subdistrict.
SPECIAL = (
    Duty("hazardous", "hazardous", 5_000, 2_500, 2, 12, "有害垃圾"),
    Duty("compactor", "green", 9_000, 7_000, 60, 240, "园林垃圾"),
    Duty("hook_lift", "bulky", 9_500, 8_000, 80, 300, "大件垃圾"),
)
POINT_KINDS = (
    ("bin_room", "垃圾箱房"),
    ("shop_street", "沿街商铺"),
    ("recycling_point", "两网融合服务点"),
)


@dataclass(frozen=True, slots=True)
class Subdistrict:
    code: str
    name_zh: str
    name_en: str
    ring: tuple[Place, ...]

    def inside(self, across: float, up: float) -> Place:
        """From (0, 0), the south-west corner, to (1, 1), the north-east one."""
        (west_s, south_w), (east_s, south_e), (east_n, north_e), (west_n, north_w) = self.ring
        lon = (west_s * (1 - across) + east_s * across) * (1 - up) + (west_n * (1 - across) + east_n * across) * up
        lat = (south_w * (1 - across) + south_e * across) * (1 - up) + (north_w * (1 - across) + north_e * across) * up
        return round(lon, 6), round(lat, 6)


@dataclass(frozen=True, slots=True)
class Point:
    """A place where waste is collected."""

    number: int
    kind: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Truck:
    vehicle_id: str
    number: int
    duty: Duty
    subdistrict: Subdistrict


def subdistricts() -> list[Subdistrict]:
    """A grid whose inner corners are moved a little, so that neighbours share their edges exactly."""
    rng = Random(SEED)
    corners = [[_corner(rng, column, row) for column in range(COLUMNS + 1)] for row in range(ROWS + 1)]
    return [
        Subdistrict(*names, ring=(corners[r + 1][c], corners[r + 1][c + 1], corners[r][c + 1], corners[r][c]))
        for (r, c), names in zip(((r, c) for r in range(ROWS) for c in range(COLUMNS)), SUBDISTRICTS, strict=True)
    ]


def _corner(rng: Random, column: int, row: int) -> Place:
    """Row 0 is the north."""
    lon = WEST + (EAST - WEST) * column / COLUMNS + rng.uniform(-0.003, 0.003)
    lat = NORTH - (NORTH - SOUTH) * row / ROWS + rng.uniform(-0.003, 0.003)
    return round(lon, 6), round(lat, 6)


def districts_geojson() -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [_feature(one) for one in subdistricts()]}


def _feature(subdistrict: Subdistrict) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": subdistrict.code,
        "properties": {
            "district_id": subdistrict.code,
            "name_zh": subdistrict.name_zh,
            "name_en": subdistrict.name_en,
            "synthetic": True,
        },
        "geometry": {"type": "Polygon", "coordinates": _closed(subdistrict.ring)},
    }


def _closed(ring: Sequence[Place]) -> Polygon:
    return [[list(corner) for corner in (*ring, ring[0])]]


def trucks() -> list[Truck]:
    """Five in each subdistrict: two for residual waste, one each for food, recyclables and something special."""
    fleet: list[Truck] = []
    for index, subdistrict in enumerate(subdistricts()):
        for duty in (RESIDUAL, RESIDUAL, FOOD, RECYCLABLE, SPECIAL[index % len(SPECIAL)]):
            number = len(fleet) + 1
            fleet.append(Truck(f"DEMO-{number:03d}", number, duty, subdistrict))
    return fleet


def vehicle_import() -> dict[str, Any]:
    """The body of POST /v1/vehicle-imports."""
    return {"vehicles": [_vehicle(truck) for truck in trucks()]}


def _vehicle(truck: Truck) -> dict[str, Any]:
    return {
        "vehicle_id": truck.vehicle_id,
        "plate": f"沪A·D{truck.number:04d}",
        "kind": truck.duty.kind,
        "waste_streams": [truck.duty.stream],
        "tare_kg": truck.duty.tare_kg,
        "capacity_kg": truck.duty.capacity_kg,
        "contractor_id": f"DEMO-C{1 + truck.number % 4}",
        "district_id": truck.subdistrict.code,
        "onboard_unit_id": f"DEMO-OBU-{truck.number:03d}",
    }


def points(subdistrict: Subdistrict) -> list[Point]:
    """8 × 9 places, each somewhere in its own cell and so 150 m and more from every other."""
    rng = Random(f"{SEED}:{subdistrict.code}")
    placed: list[Point] = []
    for row in range(9):
        columns = range(8) if row % 2 == 0 else range(7, -1, -1)
        for column in columns:
            across = (column + 0.5 + rng.uniform(-0.2, 0.2)) / 8
            up = (row + 0.5 + rng.uniform(-0.2, 0.2)) / 9
            number = len(placed) + 1
            kind, name_zh = POINT_KINDS[number % len(POINT_KINDS)]
            name = f"演示 {subdistrict.name_zh}{name_zh} {number}"
            placed.append(Point(number, kind, name, *subdistrict.inside(across, up)))
    return placed


def timetable_rows() -> Iterator[dict[str, Any]]:
    """Rows for POST /v1/timetable-imports, one for each stop of each truck's rounds, the same every day."""
    for truck in trucks():
        places = points(truck.subdistrict)
        for number in range(ROUNDS_A_DAY):
            if (number + truck.number) % REST_EVERY_ROUNDS:
                yield from _round(truck, places, number)


def _round(truck: Truck, places: Sequence[Point], number: int) -> Iterator[dict[str, Any]]:
    rng = Random(f"{SEED}:{truck.vehicle_id}:{number}")
    route_id = f"DEMO-R{truck.number:03d}-{number + 1:02d}"
    # Trucks begin at different minutes, and no two of a subdistrict drive the same circuit at a time.
    begin = number * 24 * 60 // ROUNDS_A_DAY + FIRST_ROUND_MINUTE + truck.number % 5 * 4
    circuit = places[(number + truck.number) % CIRCUITS :: CIRCUITS]
    for seq, point in enumerate(circuit[:STOPS_A_ROUND], start=1):
        minute = begin + (seq - 1) * MINUTES_BETWEEN_STOPS
        yield {
            "route_id": route_id,
            "route_name": f"演示 {truck.subdistrict.name_zh} {truck.duty.label_zh} {number + 1}",
            "district_id": truck.subdistrict.code,
            "vehicle_id": truck.vehicle_id,
            "seq": seq,
            "stop_id": f"DEMO-SP-{truck.subdistrict.code[-3:]}-{point.number:02d}-{truck.duty.stream}",
            "name": point.name,
            "kind": point.kind,
            "lon": point.lon,
            "lat": point.lat,
            "time": f"{minute // 60:02d}:{minute % 60:02d}",
            "weekdays": "1,2,3,4,5,6,7",
            "stream": truck.duty.stream,
            "expected_kg": rng.randint(truck.duty.least_kg, truck.duty.most_kg),
        }


def geofences() -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/geofences/{fence_id} by fence id."""
    xujiahui, huajing = subdistricts()[4], subdistricts()[11]
    school, waterworks = _square(xujiahui, 0.55, 0.45, 0.06), _square(huajing, 0.75, 0.3, 0.08)
    return {
        "DEMO-SCHOOL": _fence("演示 学校禁行区", "Demo school zone", "inside", school, xujiahui.code),
        "DEMO-WATERWORKS": _fence("演示 水源保护区", "Demo waterworks", "inside", waterworks, huajing.code),
        "DEMO-CITY": _fence("演示 作业范围", "Demo city limits", "outside", _city_limits(), None),
    }


def _fence(name_zh: str, name_en: str, rule: str, polygon: Polygon, district_id: str | None) -> dict[str, Any]:
    fence: dict[str, Any] = {"name_zh": name_zh, "name_en": name_en, "rule": rule, "polygon": polygon}
    return fence | {"district_id": district_id, "valid_from": "2020-01-01T00:00:00+08:00"}


def _square(subdistrict: Subdistrict, across: float, up: float, half: float) -> Polygon:
    offsets = ((-half, -half), (half, -half), (half, half), (-half, half))
    return _closed([subdistrict.inside(across + dx, up + dy) for dx, dy in offsets])


def _city_limits() -> Polygon:
    margin = 0.02
    west, south, east, north = WEST - margin, SOUTH - margin, EAST + margin, NORTH + margin
    return _closed([(west, south), (east, south), (east, north), (west, north)])

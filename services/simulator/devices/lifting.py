"""What a truck lifts and weighs: bin lifts at the stops it serves, the load on board, unloading."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import Random

from services.simulator.devices.day import PlannedStop, Record, Visit
from services.simulator.devices.motion import Plane

BIN_TARE_KG = 12
"""A 240 l wheeled bin."""
SECONDS_PER_LIFT = 9
MIXED_KG = 38
MOST_KG_OF_A_RUN = 6500
STOPS_WITHOUT_LIFT_SHARE = 0.1
"""Some stops are served by hand or by a crew that forgets the button: standing there is all that shows it."""
LIFTS_WITHOUT_HINT_SHARE = 0.2


class Lifting:
    """`records`: (epoch seconds, record) of lifts and load readings; `load_kg`: what the onboard scale says is on board now,
    `scale_factor` times the truth (`true_kg`)."""

    def __init__(self, rng: Random, plane: Plane, scale_factor: float = 1.0) -> None:
        self._rng = rng
        self._plane = plane
        self._scale_factor = scale_factor
        self.load_kg = self.true_kg = 0
        self.records: list[tuple[int, Record]] = []

    def lift(self, visit: Visit, named: AbstractSet[str] = frozenset()) -> None:
        """Bins of the stops in `named` are lifted for certain, and say which service point they belong to."""
        seconds_each = (visit.depart_s - visit.arrive_s) // len(visit.stops)
        for number, stop in enumerate(visit.stops):
            certain = stop.stop_id in named
            if certain or self._rng.random() >= STOPS_WITHOUT_LIFT_SHARE:
                self._lift_bins(stop, visit, visit.arrive_s + number * seconds_each, seconds_each, named=certain)
        self._read_load(visit.depart_s - 1, "loading")

    def mix(self, visit: Visit, point_ids: Sequence[str]) -> None:
        """One bin of each of these service points, which somebody rolled here."""
        for point_id in point_ids:
            self._note_lift(point_id, visit, visit.depart_s - 3, MIXED_KG, 0, side="rear", named=True)

    def unload(self, at_s: int, seconds: int) -> None:
        self._read_load(at_s + 30, "stable")
        self._read_load(at_s + seconds // 2, "unloading")
        self.load_kg = self.true_kg = 0
        self._read_load(at_s + seconds - 1, "stable")

    def lose(self, true_kg: int) -> None:
        """Somebody takes it away, and no lift says so."""
        self.true_kg -= true_kg
        self.load_kg -= round(true_kg * self._scale_factor)

    def _lift_bins(self, stop: PlannedStop, visit: Visit, from_s: int, seconds: int, *, named: bool) -> None:
        wanted_kg = min(stop.expected_kg or self._rng.randint(60, 260), 420)
        bins = max(1, min(round(wanted_kg / 45), (seconds - 12) // SECONDS_PER_LIFT))
        side = self._rng.choice(("left", "right", "rear"))
        for number in range(bins):
            net_kg = max(1, round(min(wanted_kg / bins, 80) * self._rng.uniform(0.8, 1.2)))
            if number and self.load_kg + net_kg > MOST_KG_OF_A_RUN:
                return
            says_where = bool(stop.service_point_id) and (named or self._rng.random() >= LIFTS_WITHOUT_HINT_SHARE)
            at_s, bin_of = from_s + 6 + number * SECONDS_PER_LIFT, stop.service_point_id or stop.stop_id
            self._note_lift(bin_of, visit, at_s, net_kg, number, side=side, named=says_where)

    def _note_lift(self, bin_of: str, visit: Visit, at_s: int, true_kg: int, number: int, *, side: str, named: bool) -> None:
        net_kg = round(true_kg * self._scale_factor)
        self.load_kg += net_kg
        self.true_kg += true_kg
        lon, lat = self._plane.degrees(visit.place)
        record: Record = {
            "kind": "bin_lift",
            "tag": f"E280{hash_of(bin_of) % 10**12:012d}{number:02d}",
            "lon": lon,
            "lat": lat,
            "gross_kg": net_kg + BIN_TARE_KG,
            "tare_kg": BIN_TARE_KG,
            "net_kg": net_kg,
            "side": side,
            "manual": False,
            "error_codes": [],
        }
        if named:
            record["service_point_id"] = bin_of
        self.records.append((at_s, record))

    def _read_load(self, at_s: int, state: str) -> None:
        self.records.append((at_s, {"kind": "load", "load_kg": self.load_kg, "state": state}))


def hash_of(text: str) -> int:
    """The same number for the same text in every process, unlike hash()."""
    return Random(text).getrandbits(48)

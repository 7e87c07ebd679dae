"""A transfer station, a plant and its data logger, for a Prometheus that wants something to watch."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from services.simulator.devices.hj212 import answered_qns, frame
from shared.clock import day_bounds, service_day

MN, PASSWORD = "010000A8900016F000169DC0", "123456"
POLLUTANTS = {"a34013": 9, "a21002": 180, "a21026": 40, "a21024": 20, "a21005": 30}
SITE = {"name_zh": "场站", "name_en": "Site", "lon": 121.40, "lat": 31.10}
ANSWERED = (HTTPStatus.OK, HTTPStatus.CREATED)
Ask = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Method, path and body to what a 2xx answers."""


class Weighed:
    """What people and machines at a station S-1 and a plant P-1 say of truck T-1."""

    def __init__(self, ask: Ask, loggers_port: int, zone: Any) -> None:
        self._ask, self._port, self._zone = ask, loggers_port, zone
        self._began = datetime.now(UTC)

    def furnish(self) -> None:
        self._ask("PUT", "/v1/stations/S-1", SITE | {"capacity_kg": {"residual": 100_000}})
        self._ask("PUT", "/v1/plants/P-1", SITE | {"lines": [{"line_id": "L-1", "name": "1#"}]})
        self._ask("PUT", f"/v1/loggers/{MN}", {"plant_id": "P-1", "line_id": "L-1", "password": PASSWORD})
        self.weigh("1", self._began - timedelta(minutes=30), 9_000)
        self._haul(self._began - timedelta(minutes=20))
        day = f"{service_day(self._began, self._zone):%Y-%m-%d}"
        for kind in ("fed", "slag", "fly_ash", "leachate"):
            self._ask("PUT", f"/v1/plants/P-1/entries/{kind}", {"day": day, "kind": kind, "amount": 2_000})

    def weigh(self, number: str, at: datetime, net_kg: int) -> None:
        """Truck T-1 tips at the station."""
        came = {
            "client_id": number,
            "number": number,
            "vehicle_id": "T-1",
            "plate": "沪A00001",
            "stream": "residual",
            "gross_kg": 12_000 + net_kg,
            "at": at.isoformat(),
        }
        ticket = self._ask("POST", "/v1/stations/S-1/weigh-ins", came)
        left = {"tare_kg": 12_000, "at": (at + timedelta(seconds=1)).isoformat()}
        self._ask("POST", f"/v1/tickets/{ticket['ticket_id']}/weigh-out", left)

    def _haul(self, at: datetime) -> None:
        """Two containers leave; the plant weighs one of them."""
        for seal in ("F-1", "F-2"):
            sealed = {"seal_number": seal, "stream": "residual", "at": at.isoformat()}
            self._ask("POST", "/v1/stations/S-1/containers/C-1/seal", sealed)
            haul = {
                "station_id": "S-1",
                "container_id": "C-1",
                "seal_number": seal,
                "destination_plant_id": "P-1",
                "plate": "沪B00001",
                "net_kg": 3_000,
                "left_at": at.isoformat(),
            }
            self._ask("POST", "/v1/hauls", haul)
        came = {
            "client_id": "1",
            "plate": "沪B00001",
            "seal_number": "F-1",
            "gross_kg": 18_000,
            "at": (at + timedelta(minutes=10)).isoformat(),
        }
        ticket = self._ask("POST", "/v1/plants/P-1/weigh-ins", came)
        left = {"tare_kg": 15_030, "at": (at + timedelta(minutes=12)).isoformat()}
        self._ask("POST", f"/v1/intakes/{ticket['ticket_id']}/weigh-out", left)

    def emit(self) -> None:
        """The first hour of today, the day's mean and five minutes of the furnace, all within their limits."""
        midnight, _ = day_bounds(service_day(self._began, self._zone), self._zone)
        means = ";".join(f"{code}-Avg={value},{code}-ZsAvg={value},{code}-Flag=N" for code, value in POLLUTANTS.items())
        lower = ";".join(f"{code}-Avg={value / 2},{code}-ZsAvg={value / 2},{code}-Flag=N" for code, value in POLLUTANTS.items())
        said = {"2061": means, "2031": lower, "2111": "a01901-Avg=910,a01901-Flag=N"}
        now, data_time = datetime.now(self._zone), f"{midnight.astimezone(self._zone):%Y%m%d%H%M%S}"
        qns = {cn: f"{now:%Y%m%d%H%M%S}{number:03}" for number, cn in enumerate(said)}
        frames = [
            frame(qn=qns[cn], cn=cn, mn=MN, password=PASSWORD, content=f"DataTime={data_time};{text}")
            for cn, text in said.items()
        ]
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as logger:
            logger.sendall(b"".join(frames))
            received = b""
            while not set(qns.values()) <= set(answered_qns(received)):
                received += logger.recv(1 << 16)

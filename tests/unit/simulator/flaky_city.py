"""A city over real HTTP semantics (ASGI) that keeps what it stored and fails as real ones do."""

import gzip
import json
from collections.abc import Awaitable, Callable, MutableMapping
from random import Random
from typing import Any

import httpx

from shared.client import ApiClient

Message = MutableMapping[str, Any]


class FlakyCity:
    """`trouble` names what a telemetry request meets: ok, 503, 429, drop_before, drop_after (stored, but the answer is
    lost), 207 (a record of kind driver_report is rejected), 422 (the batch holds a poison record)."""

    def __init__(self, trouble: Callable[[int], str]) -> None:
        self._trouble = trouble
        self.requests = 0
        self.stored: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.rejected: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self.tokens: list[str] = []
        self.issued = 0
        self.runs: dict[str, dict[str, Any]] = {}
        self.routes: list[dict[str, Any]] = []
        self.put: dict[str, Any] = {}
        self.districts: list[dict[str, Any]] = []
        self.timetable: list[dict[str, Any]] = []
        self.vehicles: dict[str, dict[str, Any]] = {}

    def client(self) -> ApiClient:
        transport = httpx.ASGITransport(app=self, raise_app_exceptions=True)
        return ApiClient("http://city", "admin", transport=transport)

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        status, answer, extra = self._answer(scope["path"], headers, json.loads(body) if body else None)
        content = json.dumps(answer).encode()
        raw = [(b"content-type", b"application/json"), *((n.encode(), v.encode()) for n, v in extra.items())]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        if path == "/v1/credentials":
            self.issued += 1
            return 200, {"token": f"token {self.issued} of {body['vehicle_ids'][0]}"}, {}
        if path != "/v1/telemetry":
            return 200, self._registry(path, body), {}
        self.requests += 1
        self.tokens.append(headers["authorization"])
        trouble = self._trouble(self.requests)
        if trouble == "drop_before":
            raise httpx.ConnectError("connection refused")
        if trouble in {"503", "429", "401", "403"}:
            return int(trouble), {"detail": "not now"}, {"Retry-After": "2"} if trouble in {"503", "429"} else {}
        records = body["records"]
        self.sizes.append(len(records))
        if any(record.get("note") == "poison" for record in records):
            return 422, {"detail": "a record cannot be read"}, {}
        answer = self._store(body["vehicle_id"], records, rejecting=trouble == "207")
        if trouble == "drop_after":
            raise httpx.ReadError("connection reset")
        if trouble == "nonsense":
            return 200, {"stored": 0, "duplicates": 0, "rejected": 0, "items": []}, {}
        return 207 if answer["rejected"] else 200, answer, {}

    def _registry(self, path: str, body: Any) -> Any:
        if body is None:
            lists = {
                "/v1/vehicles": list(self.vehicles.values()),
                "/v1/routes": self.routes,
                "/v1/runs": [{"run_id": run_id} for run_id in self.runs],
            }
            return {"items": lists[path], "next_cursor": None} if path in lists else self.runs[path.rpartition("/")[2]]
        if path == "/v1/vehicle-imports":
            self.vehicles |= {vehicle["vehicle_id"]: vehicle for vehicle in body["vehicles"]}
            return {"created": len(body["vehicles"]), "updated": 0, "unchanged": 0}
        if path == "/v1/district-imports":
            self.districts = body["features"]
            return {"created": len(self.districts), "updated": 0, "unchanged": 0}
        if path == "/v1/section-imports":
            return {"created": len(body["content"]["features"]), "rejected": []}
        if path == "/v1/timetable-imports":
            self.timetable = json.loads(body["content"])
            return {"rows": len(self.timetable), "stops": len(self.timetable), "routes": 540, "rejected": []}
        if path != "/v1/runs/plans":
            self.put[path] = body
        return body

    def _store(self, vehicle_id: str, records: list[dict[str, Any]], *, rejecting: bool) -> dict[str, Any]:
        items = []
        for index, record in enumerate(records):
            key = (vehicle_id, record["kind"], record["at"], record.get("side"), record.get("tag"))
            if rejecting and record["kind"] == "driver_report":
                self.rejected.append(record)
                items.append({"index": index, "status": "rejected", "code": "invalid"})
            elif key in self.stored:
                items.append({"index": index, "status": "duplicate"})
            else:
                self.stored[key] = record
                items.append({"index": index, "status": "stored"})
        counts = {
            name: sum(item["status"] == status for item in items)
            for name, status in (("stored", "stored"), ("duplicates", "duplicate"), ("rejected", "rejected"))
        }
        return {**counts, "items": items if counts["rejected"] else []}


def random_trouble(seed: int, choices: str = "ok ok ok 503 429 drop_before drop_after") -> Callable[[int], str]:
    rng = Random(seed)
    return lambda _: rng.choice(choices.split())

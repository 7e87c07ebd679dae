"""What must be refused is refused with a problem that says why, stores nothing, and never becomes a 5xx."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from trucks import position, track

from shared.auth import TokenSigner, make_keys
from shared.clock import frozen, now
from shared.testing import City
from shared.vocabulary import Role

JSON = {"Content-Type": "application/json"}


def batch(record: dict[str, Any] | str, vehicle_id: str = "T-1") -> bytes:
    text = record if isinstance(record, str) else json.dumps(record)
    return f'{{"vehicle_id": "{vehicle_id}", "records": [{text}]}}'.encode()


async def refused(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, body: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    """The answer to a telemetry post of which nothing was stored."""
    answer = await client.post("/v1/telemetry", content=body, headers=JSON | (headers or {}))
    assert answer.status_code < 500, answer.text
    if answer.status_code == 207:
        assert answer.json()["stored"] == 0
    else:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        assert problem["detail"]
    assert await track(admin, flagged=True) == []
    return answer


AT = "2026-11-16T02:00:00Z"
RECORDS = {
    "NaN": f'{{"kind": "position", "at": "{AT}", "lon": NaN, "lat": 31.1}}',
    "infinity": f'{{"kind": "position", "at": "{AT}", "lon": Infinity, "lat": 31.1}}',
    "overflow": f'{{"kind": "position", "at": "{AT}", "lon": 1e999, "lat": 31.1}}',
    "micro-degrees": f'{{"kind": "position", "at": "{AT}", "lon": 121437000, "lat": 31180000}}',
    "swapped": f'{{"kind": "position", "at": "{AT}", "lon": 31.1, "lat": 121.4}}',
    "text for number": f'{{"kind": "bin_lift", "at": "{AT}", "net_kg": "forty"}}',
    "grams": f'{{"kind": "bin_lift", "at": "{AT}", "net_kg": 40000000}}',
    "fraction of a kg": f'{{"kind": "bin_lift", "at": "{AT}", "net_kg": 40.5}}',
    "huge integer": f'{{"kind": "bin_lift", "at": "{AT}", "net_kg": {"9" * 300}}}',
    "no zone": '{"kind": "position", "at": "2026-11-16T02:00:00", "lon": 121.4, "lat": 31.1}',
    "no time": '{"kind": "position", "at": "yesterday", "lon": 121.4, "lat": 31.1}',
    "year 1": '{"kind": "position", "at": "0001-01-01T00:00:00+14:00", "lon": 121.4, "lat": 31.1}',
    "year 9999": '{"kind": "position", "at": "9999-12-31T23:59:59-14:00", "lon": 121.4, "lat": 31.1}',
    "NUL": f'{{"kind": "driver_report", "at": "{AT}", "code": "other", "note": "a\\u0000b"}}',
    "escape sequence": f'{{"kind": "driver_report", "at": "{AT}", "code": "other", "note": "\\u001b[2J"}}',
    "unknown field": f'{{"kind": "position", "at": "{AT}", "lon": 121.4, "lat": 31.1, "admin": true}}',
    "null": "null",
    "list": "[[]]",
    "unknown kind": f'{{"kind": "sql", "at": "{AT}"}}',
}


async def test_a_wrong_record_is_rejected_by_name(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    for name, record in RECORDS.items():
        answer = await refused(truck, admin, batch(record))
        assert answer.status_code == 207, name
        [item] = answer.json()["items"]
        assert item["status"] == "rejected", name
        assert item["code"], name


BODIES = {
    "empty": b"",
    "not json": b"{",
    "not utf-8": b'{"vehicle_id": "\xff\xfe"}',
    "lone surrogate": batch(f'{{"kind": "driver_report", "at": "{AT}", "code": "other", "note": "\\ud800"}}'),
    "deep": b"[" * 100_000,
    "deep in a record": batch('{"a":' * 50_000 + "1" + "}" * 50_000),
    "number": b"42",
    "no records": b'{"vehicle_id": "T-1", "records": []}',
    "too many records": json.dumps({"vehicle_id": "T-1", "records": [position(n) for n in range(1001)]}).encode(),
    "path as id": batch(position(0), "../../etc/passwd"),
    "unknown field": b'{"vehicle_id": "T-1", "records": [{}], "role": "admin"}',
}


async def test_a_body_that_is_no_batch_is_refused_whole(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    for name, body in BODIES.items():
        assert (await refused(truck, admin, body)).status_code in {400, 422}, name


async def test_a_gzip_bomb_is_cut_off(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    bomb = gzip.compress(b" " * (200 << 20), 9)
    assert len(bomb) < 300_000
    assert (await refused(truck, admin, bomb, {"Content-Encoding": "gzip"})).status_code == 413


async def test_broken_gzip_is_refused(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    for body in [b"not gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more"]:
        assert (await refused(truck, admin, body, {"Content-Encoding": "gzip"})).status_code == 400


async def test_an_unknown_encoding_is_refused(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    assert (await refused(truck, admin, b"{}", {"Content-Encoding": "br"})).status_code == 415


async def test_an_oversized_body_is_refused_before_it_is_read(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    assert (await refused(truck, admin, b" " * (1 << 20) + batch(position(0)))).status_code == 413


async def test_another_vehicles_data_is_refused(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    assert (await refused(truck, admin, batch(position(0), "T-2"))).status_code == 403
    assert (await refused(truck, admin, batch("{}", "T-2"))).status_code == 403
    assert (await truck.get("/v1/vehicles/T-2")).status_code == 404


def forged(vehicles: City, tmp_path: Any) -> dict[str, str]:
    """Tokens that must not open anything."""
    claims = {"iss": "sanitation", "jti": "x", "role": "admin", "exp": now() + timedelta(hours=1)}
    other = tmp_path / "other"
    make_keys(other / "a.pem", other / "b.pem")
    public = vehicles.settings.verify_key.read_bytes()
    good = vehicles.token(Role.DEVICE, vehicle_ids=["T-1"])
    head, body, signature = good.split(".")
    with frozen(datetime(2026, 1, 1, tzinfo=UTC)):
        expired = vehicles.token(Role.DEVICE, vehicle_ids=["T-1"])
    return {
        "another key": TokenSigner(other / "a.pem").issue(Role.ADMIN, timedelta(hours=1))[0],
        "no signature": jwt.encode(claims, None, algorithm="none"),
        "public key as a shared secret": _hmac(claims, public),
        "changed body": f"{head}.{body[:-2]}AA.{signature}",
        "cut signature": good[:-10],
        "expired": expired,
        "other issuer": jwt.encode(claims | {"iss": "x"}, Ed25519PrivateKey.generate(), algorithm="EdDSA"),
        "nonsense": "x" * 100,
        "endless": "x" * 100_000,
        "empty": "",
    }


def _hmac(claims: dict[str, Any], secret: bytes) -> str:
    """The classic forgery: HS256 with the published key as secret. Encoded by hand, because the library refuses to."""
    import base64
    import hashlib
    import hmac

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    body = {**claims, "exp": int(claims["exp"].timestamp())}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(body).encode())
    return (text + b"." + part(hmac.new(secret, text, hashlib.sha256).digest())).decode()


async def test_forged_and_expired_tokens_open_nothing(vehicles: City, admin: httpx.AsyncClient, tmp_path: Any) -> None:
    async with vehicles.client() as nobody:
        assert (await refused(nobody, admin, batch(position(0)))).status_code == 401
        for name, token in forged(vehicles, tmp_path).items():
            answer = await refused(nobody, admin, batch(position(0)), {"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, name
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_wrong_role_is_told_which_one_it_takes(vehicles: City, admin: httpx.AsyncClient) -> None:
    async with vehicles.client(Role.CITIZEN) as citizen:
        answer = await refused(citizen, admin, batch(position(0)))
    assert answer.status_code == 403
    assert "admin, device" in answer.json()["detail"]


async def test_404_and_405_are_problems_too(truck: httpx.AsyncClient) -> None:
    for answer in (
        await truck.get("/v1/vehicles/T-1/nowhere"),
        await truck.delete("/v1/telemetry"),
        await truck.get("/v1/vehicles/%00"),
    ):
        assert answer.status_code in {404, 405, 422}
        assert answer.headers["content-type"] == "application/problem+json"


BAD_QUESTIONS = [
    {"from": "x", "to": "y"},
    {"from": "2026-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"},
    {"from": "2026-01-01T00:00:00", "to": "z"},
    {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
    {"from": AT, "to": "2026-11-17T00:00:00Z", "cursor": "bm9wZQ"},
    {"from": AT, "to": "2026-11-17T00:00:00Z", "limit": 10**9},
    {"from": AT, "to": "2026-11-17T00:00:00Z", "simplify_m": "NaN"},
]


async def test_bad_questions_are_refused(admin: httpx.AsyncClient) -> None:
    for params in BAD_QUESTIONS:
        answer = await admin.get("/v1/vehicles/T-1/track", params=params)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.json()["detail"]


async def test_nothing_secret_is_in_an_error_or_a_log(
    truck: httpx.AsyncClient, vehicles: City, caplog: pytest.LogCaptureFixture
) -> None:
    secret = vehicles.token(Role.ADMIN)
    answer = await truck.post("/v1/telemetry", content=batch({"kind": "position", "at": secret}), headers=JSON)
    bad = await truck.get("/v1/vehicles", headers={"Authorization": f"Bearer {secret[:-4]}"})
    assert secret[:40] not in answer.text + bad.text + caplog.text

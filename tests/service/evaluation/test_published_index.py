"""From what inspectors saw to a published index that a third party works out anew with nothing but a key."""

import base64
import hashlib
import io
import json
from datetime import timedelta
from fractions import Fraction
from typing import Any

import arro3.io
import evaluated
import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from evaluated import DAY, PERIOD, answered, furnished, seen, upload

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A, B = evaluated.AREAS


async def published(city: City, reason: str | None = None, status: int = 200) -> Any:
    async with city.client(Role.ADMIN) as admin:
        body = {"reason": reason} if reason else {}
        return await answered(admin.post(f"/v1/index-publications/{PERIOD}/subdistrict", json=body), status)


async def a_month(city: City) -> None:
    await furnished(city)
    async with city.client(Role.INSPECTOR) as inspector, city.client(Role.AUDITOR) as auditor:
        await upload(
            inspector, *(seen(f"{area}-{n}", f"{area}-{n}", *(["litter"] if n else [])) for area in (A, B) for n in range(3))
        )
        await upload(inspector, seen("more", f"{B}-1", "exposed", hours=1))
        for area_id, score in ((A, 70.5), (B, 90)):
            survey = {"area_id": area_id, "at": DAY.isoformat(), "answers": [{"answer_id": "1", "score": score}]}
            await answered(auditor.put(f"/v1/surveys/{area_id}", json=survey))


async def recomputed(evaluator: httpx.AsyncClient, area_id: str) -> Fraction:
    """The worked example of docs/guides/evaluator.md: index of one area from its raw answers."""
    methods = (await evaluator.get("/v1/index-methodology")).json()["items"]
    method = [one for one in methods if one["version"] <= f"{PERIOD}-01"][-1]
    checklists = (await evaluator.get("/v1/evaluator-checklists")).json()["checklists"]
    values: dict[str, list[Fraction]] = {}
    residents, cursor = 0, None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await evaluator.get(f"/v1/cleanliness-index/{PERIOD}/areas/{area_id}", params=params)).json()
        residents = page["row"]["residents"]
        for one in page["observations"]:
            value = Fraction(one["value_e4"], 10_000)
            if "answers" in one["detail"]:
                items = [
                    item
                    for item in checklists[one["detail"]["checklist"]]["items"]
                    if one["detail"]["answers"][item["code"]] != "not_applicable"
                ]
                passed = sum(item["points"] for item in items if one["detail"]["answers"][item["code"]] == "pass")
                assert abs(value - Fraction(100 * passed, sum(item["points"] for item in items))) < Fraction(1, 10_000)
            values.setdefault(one["kind"], []).append(value)
        if (cursor := page["next_cursor"]) is None:
            break
    means = {kind: sum(held, Fraction(0)) / len(held) for kind, held in values.items()}
    site = weighted(method["place_types"], {kind[5:]: mean for kind, mean in means.items() if kind.startswith("site:")})
    operation = {kind: mean for kind, mean in means.items() if kind in {"punctuality", "not_missed", "rectification"}}
    if residents:
        per_10k = Fraction(len(values.get("complaints", [])) * 10_000, residents)
        operation["complaints"] = max(Fraction(0), 100 - Fraction(method["points_per_complaint"]) * per_10k)
    parts = {"site": site, "operation": weighted(method["operation"], operation), "satisfaction": means["satisfaction"]}
    return weighted(method["parts"], parts)


def weighted(weights: dict[str, str], values: dict[str, Fraction]) -> Fraction:
    used = {name: Fraction(weights[name]) for name in values}
    return sum((used[name] * values[name] for name in used), Fraction(0)) / sum(used.values())


async def test_an_evaluator_works_one_published_index_out_anew_with_nothing_but_a_key(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await a_month(whole)
        made = await published(whole)
        async with whole.client(Role.EVALUATOR) as evaluator:
            page = (await evaluator.get("/v1/cleanliness-index", params={"period": PERIOD})).json()
            assert [row["rank"] for row in page["items"]] == [1, 2]
            for row in page["items"]:
                assert str(await recomputed(evaluator, row["area_id"])) == row["index_exact"]
            document = await evaluator.get(f"/v1/cleanliness-index/{PERIOD}/document")
            assert hashlib.sha256(document.content).hexdigest() == made["sha256"] == page["sha256"]
            again = await evaluator.get(
                f"/v1/cleanliness-index/{PERIOD}/document", headers={"If-None-Match": document.headers["etag"]}
            )
            assert (again.status_code, again.content) == (304, b"")
            csv = await evaluator.get("/v1/cleanliness-index", params={"period": PERIOD, "format": "csv"})
            assert len(csv.text.splitlines()) == 3
            params = {"period": PERIOD, "format": "parquet"}
            file = await evaluator.get("/v1/cleanliness-index", params=params)
            assert file.headers["content-type"] == "application/vnd.apache.parquet"
            read = arro3.io.read_parquet(io.BytesIO(file.content)).read_all()
            assert read.column("index_exact").to_pylist() == [row["index_exact"] for row in page["items"]]
            assert read.column("index").to_pylist() == [float(row["index"]) for row in page["items"]]
            assert json.loads(read.schema.metadata_str["about"])["sha256"] == page["sha256"]
            known = await evaluator.get("/v1/cleanliness-index", params=params, headers={"If-None-Match": file.headers["etag"]})
            assert known.status_code == 304, "the same index is the same bytes"
            history = (await evaluator.get(f"/v1/index-history/{A}")).json()["items"]
            assert [(one["period"], one["revision"]) for one in history] == [(PERIOD, 1)]


async def test_a_district_s_figure_rests_on_the_observations_of_its_subdistricts(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await a_month(whole)
        async with whole.client(Role.ADMIN) as admin:
            for district in ("310104", "310105"):
                area = {"name_zh": "区", "name_en": "District", "residents": 200_000}
                await answered(admin.put(f"/v1/areas/{district}", json=area))
            await answered(admin.post(f"/v1/index-publications/{PERIOD}/district", json={}))
        async with whole.client(Role.EVALUATOR) as evaluator:
            address = f"/v1/cleanliness-index/{PERIOD}/areas/310104"
            page = await answered(evaluator.get(address, params={"level": "district"}))
            other = await answered(evaluator.get(address.replace("104", "105"), params={"level": "district"}))
    assert {one["area_id"] for one in page["observations"]} == {A, B}
    assert sum(count for count, *_ in page["row"]["sums"].values()) == len(page["observations"]) == 9
    assert (other["observations"], other["row"]["index"]) == ([], None)


async def test_publishing_twice_changes_nothing_and_a_correction_is_a_new_revision_with_a_reason(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await a_month(whole)
        first = await published(whole)
        assert await published(whole) == first
        async with whole.client(Role.INSPECTOR) as inspector, whole.client(Role.EVALUATOR) as evaluator:
            address = f"/v1/cleanliness-index/{PERIOD}/areas/{A}"
            before = (await evaluator.get(address)).json()
            late = await upload(inspector, seen("late", f"{A}-2", "overflow", hours=-0.5))
            assert (await published(whole, status=409))["code"] == "already_published"
            second = await published(whole, "late inspection of 2 November")
            assert (second["revision"], second["reason"]) == (2, "late inspection of 2 November")
            assert second["sha256"] != first["sha256"]
            assert (await evaluator.get(address, params={"revision": 1})).json() == before, "what was published stays"
            now = (await evaluator.get(address)).json()
            assert len(now["observations"]) == len(before["observations"]) + 1
            feed = (await evaluator.get("/v1/index-changes", params={"after": first["number"]})).json()["items"]
            assert [one["revision"] for one in feed] == [2]
        async with whole.client(Role.AUDITOR) as auditor:
            void = f"/v1/inspections/{late['items'][0]['inspection_id']}/void"
            await answered(auditor.post(void, json={"reason": "wrong road"}))
            [new] = [one for one in now["observations"] if one not in before["observations"]]
            source = await answered(auditor.get(f"/v1/observations/{new['observation_id']}"))
            assert (await answered(auditor.get(source["href"])))["void_reason"] == "wrong road"
        provisional = await provisional_rows(whole)
        assert provisional[A]["index_exact"] == before["row"]["index_exact"], "taken back, the index is what it was"


async def provisional_rows(city: City) -> dict[str, Any]:
    async with city.client(Role.AUDITOR) as auditor:
        page = await answered(auditor.get("/v1/cleanliness-index", params={"period": PERIOD, "revision": 0}))
    return {row["area_id"]: row for row in page["items"]}


async def test_appeals_are_taken_until_the_window_closes(whole: City) -> None:
    appeal = {"level": "subdistrict", "period": PERIOD, "revision": 1, "area_id": A, "reason": "照片不是本街道"}
    async with whole.client(Role.AUDITOR) as office:
        with frozen(DAY + timedelta(hours=3)):
            await a_month(whole)
            await published(whole)
            filed = await answered(office.post("/v1/index-appeals", json=appeal))
            assert await answered(office.post("/v1/index-appeals", json=appeal)) | {"filed_at": ""} == filed | {"filed_at": ""}


async def test_a_key_is_bound_counted_and_signs_its_own_batches(whole: City) -> None:
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    with frozen(DAY + timedelta(hours=3)):
        await furnished(whole)
        token = whole.token(Role.EVALUATOR)
        token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
        async with whole.client(Role.ADMIN) as admin:
            body = {"name": "第三方测评", "token_id": token_id, "public_key": public, "per_minute": 2}
            await answered(admin.put("/v1/evaluators/E-1", json=body))
            taken = await answered(admin.put("/v1/evaluators/E-2", json=body), 409)
            assert taken["code"] == "token_taken"
        async with whole.client() as evaluator:
            evaluator.headers["Authorization"] = f"Bearer {token}"
            batch = json.dumps({"person": "评估员", "inspections": [seen("1", f"{A}-0", "litter"), {"client_id": "2"}]})
            signed = {"batch": batch, "signature": base64.b64encode(key.sign(batch.encode())).decode()}
            stored = await answered(evaluator.post("/v1/evaluator-batches", json=signed), 207)
            assert (stored["stored"], stored["rejected"]) == (1, 1)
            again = await answered(evaluator.post("/v1/evaluator-batches", json=signed), 207)
            assert again["duplicates"] == 1
            forged = signed | {"batch": batch.replace("litter", "litters")}
            assert (await answered(evaluator.post("/v1/evaluator-batches", json=forged), 422))["code"] == "bad_signature"
            asked = [await evaluator.get("/v1/index-methodology") for _ in range(3)]
            assert [one.status_code for one in asked] == [200, 200, 429]
            assert [one.headers["ratelimit-remaining"] for one in asked] == ["1", "0", "0"]
            assert int(asked[-1].headers["retry-after"]) <= 60


async def test_the_city_shows_who_is_cleanest_and_what_a_correction_changed(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await a_month(whole)
        first = await published(whole)
        before = await in_the_city(whole)
        assert (before["period"], before["revision"]) == (f"{PERIOD}-01", 1)
        rows = {row["area_id"]: row for row in (await provisional_rows(whole)).values()}
        told = [(row["area_id"], row["index"], row["rank"], row["grade"]) for row in before["areas"]]
        assert told == [
            (key, *(rows[key][name] for name in ("index", "rank", "grade"))) for key in sorted(rows, key=by_rank(rows))
        ]
        assert before["findings"] == [
            {"area_id": A, "unmended": 2, "overdue": 0},
            {"area_id": B, "unmended": 3, "overdue": 0},
        ]
        async with whole.client(Role.INSPECTOR) as inspector:
            await upload(inspector, seen("late", f"{A}-2", "overflow", "exposed"))
        assert (await in_the_city(whole))["areas"] == before["areas"], "only what is published is shown"
        second = await published(whole, "late inspection of 2 November")
        after = await in_the_city(whole)
        assert (first["revision"], second["revision"], after["revision"]) == (1, 2, 2)
        assert [row["index"] for row in after["areas"]] != [row["index"] for row in before["areas"]]
        bound = await in_the_city(whole, district_ids=[B])
        assert ([row["area_id"] for row in bound["areas"]], bound["contractors"]) == ([B], []), "its rank stays that of the city"


def by_rank(rows: dict[str, Any]) -> Any:
    return lambda area_id: rows[area_id]["rank"]


async def in_the_city(city: City, **scope: list[str]) -> Any:
    await city.settle()
    async with city.client(Role.DISPATCHER, **scope) as office:
        return await answered(office.get("/v1/city/cleanliness"))

"""Findings: opened, changed and withdrawn by the data; explained and closed by a person. Every step is kept."""

from collections.abc import Collection
from datetime import date
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.schemas.balance import ExplainBody, FindingAnswer, FindingChange, FindingDetail, TripAnswer
from services.gateway.service.trips import trip_answer
from services.gateway.store import findings as store
from services.gateway.store import weighed
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.scope import Scope
from shared.vocabulary import FindingKind, FindingStatus

PLACE = ("vehicle_id", "site_id", "contractor_id", "district_id", "stream", "factor")
DATA = ("day", "expected_kg", "found_kg", "difference_kg", "tolerance_kg", "likely_cause", *PLACE)
OVER = (FindingStatus.CLOSED, FindingStatus.WITHDRAWN)


async def open_subjects(session: AsyncSession, kinds: Collection[FindingKind]) -> set[str]:
    return await store.open_subjects(session, kinds)


async def settle(
    session: AsyncSession, kind: FindingKind, subject_id: str, found: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Let the data say what it finds of this subject, or that it finds nothing; the finding as it stands, None if there is none.

    What a person explained or closed stays so while the difference stays the same.
    """
    finding_id = f"{kind}:{subject_id}"
    old = await store.finding(session, finding_id, lock=True)
    if found is None:
        if old is not None and old["status"] != FindingStatus.WITHDRAWN:
            await _put(session, old | {"status": FindingStatus.WITHDRAWN.value, "cause": None, "note": None}, "")
        return None
    data = dict.fromkeys(PLACE) | found
    if old is None:
        fresh = {"finding_id": finding_id, "revision": 0, "kind": kind.value, "subject_id": subject_id, "opened_at": now()}
        return await _put(session, fresh | data | {"status": FindingStatus.OPEN.value, "cause": None, "note": None}, "")
    same = {name: old[name] for name in DATA} == {name: data[name] for name in DATA}
    if old["status"] == FindingStatus.WITHDRAWN or (not same and old["difference_kg"] != data["difference_kg"]):
        return await _put(session, old | data | {"status": FindingStatus.OPEN.value, "cause": None, "note": None}, "")
    return old if same else await _put(session, old | data, "")


async def _put(session: AsyncSession, row: dict[str, Any], actor: str) -> dict[str, Any]:
    row = row | {"revision": row["revision"] + 1, "changed_at": now()}
    change = {"finding_id": row["finding_id"], "revision": row["revision"], "actor": actor, "changed_at": row["changed_at"]}
    await store.put(session, row, change | {"finding": to_jsonable_python(row)})
    return row


# --- what people do ---------------------------------------------------------------------------------------------


async def say(
    session: AsyncSession, scope: Scope, actor: str, finding_id: str, body: ExplainBody, status: FindingStatus
) -> dict[str, Any]:
    """Why it is so. Two who say it at once: the one who names an older revision is told."""
    row = await _seen(session, scope, finding_id, lock=True)
    if row["revision"] != body.revision:
        raise Conflict(
            f"the finding has changed since: it is at revision {row['revision']} now; read it again", code="finding_changed"
        )
    if row["status"] in OVER:
        raise Conflict(f"the finding is {row['status']}; only one that is open or explained can be", code="finding_over")
    return await _put(session, row | {"status": status.value, "cause": body.cause.value, "note": body.note}, actor)


async def _seen(session: AsyncSession, scope: Scope, finding_id: str, *, lock: bool = False) -> dict[str, Any]:
    row = await store.finding(session, finding_id, lock=lock)
    if row is None or not scope.sees(district_id=row["district_id"], contractor_id=row["contractor_id"]):
        raise NotFound("no such finding")
    return row


async def list_findings(
    session: AsyncSession, scope: Scope, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[FindingAnswer]:
    key = decode_cursor(cursor, date, str)
    rows = await store.page(session, scope, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [FindingAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.day.isoformat(), last.finding_id))


async def detail(session: AsyncSession, scope: Scope, finding_id: str) -> FindingDetail:
    """With the weighings behind it and all that was ever said of it."""
    row = await _seen(session, scope, finding_id)
    changes = await store.history(session, finding_id)
    history = [FindingChange.model_validate(change["finding"] | {"actor": change["actor"]}) for change in changes]
    trips, haul = await _behind(session, row)
    arrivals = await weighed.arrivals(session, row["subject_id"]) if haul else []
    return FindingDetail.model_validate(
        row | {"history": history, "trips": trips, "haul": haul, "arrivals": [dict(tip._mapping) for tip in arrivals]}
    )


async def _behind(session: AsyncSession, row: dict[str, Any]) -> tuple[list[TripAnswer], dict[str, Any] | None]:
    match FindingKind(row["kind"]):
        case FindingKind.TRIP_DIFFERENCE:
            trip = await weighed.trip(session, row["subject_id"])
            return ([await trip_answer(session, dict(trip._mapping), with_lifts=True)] if trip else []), None
        case FindingKind.SCALE_DRIFT:
            rows = await weighed.page_of_trips(session, Scope(), {"vehicle_id": row["vehicle_id"]}, None, 20)
            return [await trip_answer(session, each, with_lifts=False) for each in rows], None
        case FindingKind.HAUL_DIFFERENCE | FindingKind.HAUL_OVERDUE:
            haul = await weighed.haul(session, row["subject_id"])
            return [], dict(haul._mapping) if haul else None
    return [], None

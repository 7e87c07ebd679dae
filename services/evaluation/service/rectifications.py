"""What an inspection found, until it is mended and checked; a deadline that passes is counted once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import RECTIFICATION
from services.evaluation.schemas.inspections import CheckBody, FindingAnswer, FindingDetail, MendBody, PhotoAnswer
from services.evaluation.service import deductions, observations, periods
from services.evaluation.service.observations import FULL, NONE, Posted
from services.evaluation.store import inspections as store
from shared.assessment import RectificationStatus
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import Conflict, NotFound
from shared.events.evaluation import InspectionFindingChanged
from shared.four_eyes import require_another
from shared.ids import derived_id
from shared.outbox import publish
from shared.photos import cleaned
from shared.setting_aside import SetAside

Row = dict[str, Any]
DRIPPING = "dripping"


def finding_id(inspection_id: str, item: str) -> str:
    return derived_id("finding", inspection_id, item)


async def open_all(
    session: AsyncSession, inspection: Row, items: Sequence[Mapping[str, Any]], contractor_id: str | None, zone: ZoneInfo
) -> None:
    for item in items:
        row = {
            "finding_id": finding_id(inspection["inspection_id"], item["code"]),
            "revision": 0,
            "contractor_id": contractor_id,
            "inspection_id": inspection["inspection_id"],
            "place_id": inspection["place_id"],
            "area_id": inspection["area_id"],
            "item": item["code"],
            "matter_code": item["matter_code"],
            "severity": item["severity"],
            "note": inspection["notes"].get(item["code"]),
            "status": RectificationStatus.OPEN,
            "found_at": inspection["at"],
            "due_at": inspection["at"] + timedelta(hours=item["rectify_hours"]),
            "mended_at": None,
            "checked_at": None,
            "overdue": False,
            "judged": False,
            "history": [],
        }
        await change(session, row, {}, "found", inspection["person"], zone)


async def change(
    session: AsyncSession, row: Row, values: Row, what: str, actor: str, zone: ZoneInfo, at: datetime | None = None
) -> Row:
    """The finding's next revision; what it means for index and contractor is worked out from it alone."""
    history = [*row["history"], {"what": what, "by": actor, "at": (at or now()).isoformat()}]
    row = row | values | {"revision": row["revision"] + 1, "history": history, "changed_at": now()}
    row["status"] = RectificationStatus(row["status"])
    row |= _ended(row)
    await store.put_findings(session, [row | {"status": row["status"].value}])
    await publish(session, InspectionFindingChanged.model_validate(row))
    await observations.post(session, {f"finding:{row['finding_id']}": _posted(row, zone)})
    await deductions.keep(session, _facts(row, zone))
    return row


def _ended(row: Row) -> Row:
    """In time when it was mended before the deadline, on the street; late word of that takes "overdue" back."""
    late = row["mended_at"] is None or row["mended_at"] > row["due_at"]
    gone = row["status"] == RectificationStatus.WITHDRAWN
    return {"overdue": not gone and late and row["due_at"] <= now(), "judged": gone or not late or row["due_at"] <= now()}


def _posted(row: Row, zone: ZoneInfo) -> Posted | None:
    if not row["judged"] or row["status"] == RectificationStatus.WITHDRAWN:
        return None
    return Posted(
        period=periods.month_of(row["due_at"], zone),
        area_id=row["area_id"],
        at=row["due_at"],
        values={RECTIFICATION: NONE if row["overdue"] else FULL},
        href=f"/v1/findings-of-inspections/{row['finding_id']}",
        detail={"item": row["item"], "matter_code": row["matter_code"]},
    )


def _facts(row: Row, zone: ZoneInfo) -> list[Row]:
    """The finding itself, and that it was not mended in time: two things a contract may deduct for."""
    if row["contractor_id"] is None:
        return []
    stands = row["status"] != RectificationStatus.WITHDRAWN
    kind = "finding_dripping" if row["item"] == DRIPPING else f"finding_{row['severity']}"
    about = {"revision": row["revision"], "contractor_id": row["contractor_id"], "vehicle_id": None, "area_id": row["area_id"]}
    evidence = [
        {"kind": "finding", "id": row["finding_id"], "href": f"/v1/findings-of-inspections/{row['finding_id']}"},
        {"kind": "inspection", "id": row["inspection_id"], "href": f"/v1/inspections/{row['inspection_id']}"},
    ]
    at = {"found": row["found_at"], "overdue": row["due_at"]}
    days = {name: service_day(when, zone) for name, when in at.items()}
    key = row["finding_id"]
    return [
        about
        | {
            "fact": f"finding:{key}",
            "kind": kind,
            "applies": stands,
            "at": at["found"],
            "day": days["found"],
            "evidence": evidence,
        },
        about
        | {
            "fact": f"rectification:{key}",
            "kind": "rectification_overdue",
            "applies": stands and row["overdue"],
            "at": at["overdue"],
            "day": days["overdue"],
            "evidence": evidence,
        },
    ]


def _sighted(principal: Principal, row: Row | None) -> Row:
    if row is None:
        raise NotFound("no such finding")
    principal.require_sight("finding", district_id=row["area_id"], contractor_id=row["contractor_id"])
    return row


async def _locked(session: AsyncSession, principal: Principal, key: str) -> Row:
    return _sighted(principal, await store.finding(session, key))


async def mend(session: AsyncSession, principal: Principal, key: str, body: MendBody, zone: ZoneInfo) -> FindingAnswer:
    """Somebody says that it was mended, when on the street; the earliest word of it that stands is what counts."""
    row = await _locked(session, principal, key)
    if row["status"] in {RectificationStatus.PASSED, RectificationStatus.WITHDRAWN}:
        raise Conflict(f"this finding is {row['status']}")
    if body.at < row["found_at"]:
        raise Conflict("it cannot have been mended before it was found")
    mended_at = min(body.at, row["mended_at"] or body.at)
    values = {"status": RectificationStatus.MENDED, "mended_at": mended_at}
    return FindingAnswer.model_validate(
        await change(session, row, values, f"mended {body.note}".strip(), body.person, zone, body.at)
    )


async def check(session: AsyncSession, principal: Principal, key: str, body: CheckBody, zone: ZoneInfo) -> FindingAnswer:
    """A re-check by somebody else than who mended it: passed, or open again with the same deadline."""
    row = await _locked(session, principal, key)
    if row["status"] != RectificationStatus.MENDED:
        raise Conflict("only what is mended can be checked")
    mended = [("", one["by"]) for one in row["history"] if one["what"].startswith("mended")]
    require_another(principal, body.person, mended[-1:], "mended what was found")
    values: Row = {"checked_at": body.at, "status": RectificationStatus.PASSED}
    if not body.passed:
        values = {"checked_at": body.at, "status": RectificationStatus.OPEN, "mended_at": None}
    what = "check passed" if body.passed else "check failed"
    return FindingAnswer.model_validate(
        await change(session, row, values, f"{what} {body.note}".strip(), body.person, zone, body.at)
    )


async def judge_due(session: AsyncSession, zone: ZoneInfo, failing: SetAside[str], limit: int = 200) -> int:
    """Deadlines that have passed; how many there were."""

    async def judge_one(row: Row) -> None:
        await change(session, row, {}, "deadline passed", "rules", zone)

    rows = await store.due(session, now(), limit, failing.keys())
    for row in rows:
        await failing.attempt(session, row["finding_id"], judge_one(row))
    return len(rows)


async def add_photo(session: AsyncSession, principal: Principal, key: str, data: bytes) -> PhotoAnswer:
    await _locked(session, principal, key)
    photo = await cleaned(data)
    await store.add_photo(session, {"finding_id": key, "photo_id": photo.photo_id, "jpeg": photo.jpeg, "received_at": now()})
    return PhotoAnswer(photo_id=photo.photo_id, width_px=photo.width_px, height_px=photo.height_px)


async def photo(session: AsyncSession, principal: Principal, key: str, photo_id: str) -> bytes:
    _sighted(principal, await store.read_finding(session, key))
    jpeg = await store.photo(session, key, photo_id)
    if jpeg is None:
        raise NotFound("no such photo")
    return jpeg


async def get(session: AsyncSession, principal: Principal, key: str) -> FindingDetail:
    row = _sighted(principal, await store.read_finding(session, key))
    return FindingDetail.model_validate(row | {"photo_ids": await store.photo_ids(session, key)})


async def listing(
    session: AsyncSession, principal: Principal, filters: Row, cursor: str | None, limit: int
) -> Page[FindingAnswer]:
    from_key: Any = decode_cursor(cursor, datetime, str)
    rows = await store.list_findings(session, filters, principal.scope, from_key, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [FindingAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last["found_at"], last["finding_id"]) if last else None)

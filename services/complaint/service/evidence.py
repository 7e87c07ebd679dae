"""What the city itself knows of a complaint: asked of the route service when it comes in, and again when late data arrives."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain.categories import Category
from services.complaint.service import cases
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from shared.clock import now
from shared.events.route import StopJudged

Row = dict[str, Any]
BY_RULES = "rules"
UNSETTLED = frozenset({"not_yet", "unknown"})
AGAIN = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=3)
OF_STOP = (
    "stop_id",
    "run_id",
    "service_point_id",
    "task",
    "name",
    "distance_m",
    "stream",
    "vehicle_id",
    "planned_at",
    "window_start",
    "window_end",
    "verdict",
    "served_at",
    "data",
)


def question(row: Row) -> dict[str, Any] | None:
    """What to ask GET /v1/service-evidence; None where no round could have prevented the complaint."""
    category = reference.category(row["category"], row["received_at"])
    if category is None or category.task is None or row["lon"] is None:
        return None
    start = row["requested_at"] - timedelta(hours=reference.intake_rules(row["received_at"]).evidence_hours)
    asked = {"lon": row["lon"], "lat": row["lat"], "from": start.isoformat(), "to": row["requested_at"].isoformat()}
    stream = row["attributes"].get("stream") or category.stream
    return asked | {"task": category.task} | ({"stream": stream} if stream else {})


async def wanted(session: AsyncSession, limit: int) -> list[Row]:
    return await store.evidence_wanted(session, now(), limit)


async def postpone(session: AsyncSession, case_id: str, by: timedelta = timedelta(seconds=10)) -> None:
    """The route service does not answer, or its answer cannot be kept; ask again later."""
    await store.want_evidence(session, [case_id], now() + by)


async def keep(session: AsyncSession, case_id: str, asked_at: datetime, found: dict[str, Any] | None, zone: ZoneInfo) -> None:
    """Keep what the route service answered; a changed finding goes into the history and makes another proposal."""
    row = (await store.locked(session, [case_id])).get(case_id)
    if row is None:
        return
    if found is None:
        await store.put(session, row | {"evidence_wanted_at": None}, ["evidence_wanted_at"])
        return
    category = reference.category(row["category"], row["received_at"])
    told = _told(found)
    before = row["evidence"] or {}
    news = [told[name] for name in ("outcome", "sentence_zh")] != [before.get(name) for name in ("outcome", "sentence_zh")]
    held = dict(row)
    row |= {"evidence": told, "evidence_at": now(), "evidence_wanted_at": _next(row, asked_at, told["outcome"])}
    row |= _proposal(told, category, row["received_at"])
    missed = set(cases.missed_stops(row))
    if told["stops"] or before.get("stops"):
        await store.put_stops(session, case_id, [_stop(case_id, stop, missed) for stop in told["stops"]])
    if news:
        work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), BY_RULES)
        work.held = held
        work.log("evidence", outcome=told["outcome"], sentence_zh=told["sentence_zh"], sentence_en=told["sentence_en"])
        await cases.save(session, work)
    else:
        await store.put(session, row, ["evidence", "evidence_at", "evidence_wanted_at"])


def _next(row: Row, asked_at: datetime, outcome: str) -> datetime | None:
    """Wanted anew while we asked: stays. Not settled yet: once more, for what is judged meanwhile may pass us by."""
    wanted_at: datetime | None = row["evidence_wanted_at"]
    if wanted_at is not None and wanted_at > asked_at:
        return wanted_at
    return asked_at + AGAIN if outcome in UNSETTLED and asked_at < row["requested_at"] + GIVEN_UP_AFTER else None


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """Of the answer: the sentences and where each stop stands, with how much was lifted there."""
    told = {name: found[name] for name in ("outcome", "sentence_zh", "sentence_en", "radius_m")}
    stops = [
        {name: stop[name] for name in OF_STOP}
        | {"net_kg": _net_kg(stop), "lifts": len(stop["lifts"]), "passes": len(stop["passes"])}
        for stop in found["stops"]
    ]
    return told | {"from": found["start"], "to": found["end"], "stops": stops}


def _net_kg(stop: dict[str, Any]) -> int | None:
    """Of the visit that the finding rests on, as the sentence has it; of all lifts there where it rests on none."""
    if "net_kg" in stop["evidence"]:
        return cast("int | None", stop["evidence"]["net_kg"])
    return sum(lift["net_kg"] or 0 for lift in stop["lifts"]) if stop["lifts"] else None


def _stop(case_id: str, stop: dict[str, Any], missed: set[str]) -> Row:
    return {"case_id": case_id, "stop_id": stop["stop_id"], "verdict": stop["verdict"], "missed": stop["stop_id"] in missed}


def _proposal(told: dict[str, Any], category: Category | None, at: datetime) -> dict[str, str]:
    """A reply in both languages, for a person to read and send."""
    templates = reference.reply_templates(at).by_outcome
    zh, en = templates.get(told["outcome"], templates["default"])
    return {
        "proposed_zh": zh.format(category=category.zh if category else "", sentence=told["sentence_zh"]),
        "proposed_en": en.format(category=category.en if category else "", sentence=told["sentence_en"]),
    }


async def note_judged(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """A stop that complaints rest on was judged anew: ask again."""
    verdicts = {event.stop_id: event.verdict.value for event in sorted(events, key=lambda event: event.revision)}
    resting = await store.about_stops(session, verdicts)
    changed = {row["case_id"] for row in resting if verdicts[row["stop_id"]] != row["verdict"]}
    if changed:
        await store.want_evidence(session, sorted(changed), now())

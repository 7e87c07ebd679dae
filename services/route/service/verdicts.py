"""From what the rules found to what is written: only what changed, each change with its reason and its time.

A dispatcher's ruling stands above the rules; what they found beneath it stays in the evidence.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.findings import EXCEPTED, MISSED, PLANNED, UNKNOWN
from services.route.store import facts
from services.route.store import judgements as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.events.route import StopJudged
from shared.four_eyes import require_not_judged
from shared.outbox import publish
from shared.vocabulary import Verdict, WasteStream

EVIDENCE_PAUSE = timedelta(seconds=30)
"""While a truck stands at a stop its evidence grows with every fix; it is written at most this often, the verdict at once."""
BENEATH = ("ruling", "by_the_rules")


async def rule(session: AsyncSession, principal: Principal, stop_id: str, verdict: Verdict | None, reason: str) -> None:
    """A dispatcher decides over the rules, or takes that back with `verdict` None; judging goes on beneath it. Forbidden for the
    contractor whose stop it is."""
    stop = await store.stop_for_update(session, stop_id)
    if stop is None:
        raise NotFound("no such stop")
    principal.require_sight(
        "stop", vehicle_id=stop["vehicle_id"], district_id=stop["district_id"], contractor_id=stop["contractor_id"]
    )
    require_not_judged(principal, "rule on its own stops")
    if verdict is None and stop["ruling"] is None:
        raise Conflict("nobody has ruled on this stop; there is nothing to take back")
    at = now()
    evidence = stop["evidence"] or {}
    beneath = {name: value for name, value in evidence.items() if name not in BENEATH}
    found = Found(stop_id, evidence.get("by_the_rules", stop["verdict"]), stop["served_at"], beneath)
    stop["ruling"] = verdict and {"verdict": verdict.value, "reason": reason, "by": principal.token_id, "at": at.isoformat()}
    await store.put_ruling(session, stop_id, stop["ruling"])
    known_until = await facts.known_until(session, stop["vehicle_id"]) if stop["vehicle_id"] else None
    await publish(session, *await decide(session, {stop_id: stop}, [found], known_until, at))


class Found(NamedTuple):
    """What the rules found of a stop; `evidence` as JSON."""

    stop_id: str
    verdict: str
    served_at: datetime | None
    evidence: dict[str, Any]


async def decide(
    session: AsyncSession,
    stops: dict[str, dict[str, Any]],
    judged: Sequence[Found],
    known_until: datetime | None,
    at: datetime,
    because: str | None = None,
) -> list[StopJudged]:
    """Write what differs from what was decided before; evidence that only grows may wait. The caller publishes the events.

    `because`: the reason, where the caller knows it and the facts do not tell.
    """
    changed, history, events, later = [], [], [], set()
    for judgement in judged:
        stop = stops[judgement.stop_id]
        verdict, evidence = judgement.verdict, judgement.evidence
        if ruling := stop["ruling"]:
            verdict, evidence = ruling["verdict"], evidence | {"ruling": ruling, "by_the_rules": judgement.verdict}
        is_same = (verdict, judgement.served_at) == (stop["verdict"], stop["served_at"])
        if is_same and evidence == (stop["evidence"] or {}):
            continue
        ruled_anew = evidence.get("ruling") != (stop["evidence"] or {}).get("ruling")
        if is_same and not ruled_anew and stop["judged_at"] is not None and at < stop["judged_at"] + EVIDENCE_PAUSE:
            later.add((stop["vehicle_id"], stop["service_day"], stop["judged_at"] + EVIDENCE_PAUSE))
            continue
        new = {"verdict": verdict, "served_at": judgement.served_at, "evidence": evidence, "judged_at": at}
        new["revision"] = stop["revision"] + 1
        changed.append({"stop_id": stop["stop_id"]} | new)
        history.append(_entry(stop, new, known_until, because or _reason(stop, new)))
        events.append(_event(stop, new))
    await store.put_judgements(session, changed, history)
    for vehicle_id, day, due_at in sorted(later):
        await store.queue(session, [(vehicle_id, day)], due_at)
    return events


def _entry(stop: dict[str, Any], new: dict[str, Any], known_until: datetime | None, reason: str) -> dict[str, Any]:
    return {
        "stop_id": stop["stop_id"],
        "revision": new["revision"],
        "verdict": new["verdict"],
        "at": _came_true_at(stop, new),
        "served_at": new["served_at"],
        "evidence": new["evidence"],
        "known_until": known_until,
        "decided_at": new["judged_at"],
        "reason": reason,
    }


def _came_true_at(stop: dict[str, Any], new: dict[str, Any]) -> datetime:
    """When it became so on the street, not when we knew."""
    if new["served_at"]:
        return new["served_at"]  # type: ignore[no-any-return]
    if excused_at := new["evidence"].get("excused_at"):
        return datetime.fromisoformat(excused_at)
    return new["judged_at"] if new["verdict"] == PLANNED or "ruling" in new["evidence"] else stop["deadline"]  # type: ignore[no-any-return]


def _reason(stop: dict[str, Any], new: dict[str, Any]) -> str:
    """Why a verdict is no longer what it was."""
    if new["evidence"].get("ruling") != (stop["evidence"] or {}).get("ruling"):
        return "a dispatcher's ruling" if "ruling" in new["evidence"] else "the dispatcher's ruling was withdrawn"
    if new["verdict"] == EXCEPTED != stop["verdict"]:
        return "the driver reported an exception"
    if stop["verdict"] == PLANNED:
        return _first_reason(new)
    if (new["verdict"], new["served_at"]) == (stop["verdict"], stop["served_at"]):
        return "more evidence"
    return "late data"


def _first_reason(new: dict[str, Any]) -> str:
    if new["verdict"] not in {MISSED, UNKNOWN}:
        return "the truck came"
    if new["verdict"] == MISSED and new["evidence"].get("what") == "coverage":
        return "too little of the section was covered in time"
    if new["verdict"] == MISSED and "visit_from" in new["evidence"]:
        return "it was collected, but nobody reported its disinfection"
    return "nobody came in time"


def _event(stop: dict[str, Any], new: dict[str, Any]) -> StopJudged:
    return StopJudged(
        stop_id=stop["stop_id"],
        run_id=stop["run_id"],
        service_day=stop["service_day"],
        revision=new["revision"],
        verdict=Verdict(new["verdict"]),
        previous=Verdict(stop["verdict"]),
        judged_at=new["judged_at"],
        served_at=new["served_at"],
        vehicle_id=stop["vehicle_id"],
        contractor_id=stop["contractor_id"],
        district_id=stop["district_id"],
        service_point_id=stop["service_point_id"],
        stream=WasteStream(stop["stream"]),
        evidence=new["evidence"],
    )

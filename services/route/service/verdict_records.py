"""What was judged is recorded: only what changed, each change with its reason and its time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.findings import Judgement, Ruling
from services.route.domain.stops import Stop, verdict_on
from services.route.store import facts
from services.route.store import judgements as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import NotFound
from shared.events.route import StopJudged
from shared.four_eyes import require_not_judged
from shared.outbox import publish
from shared.vocabulary import Verdict


async def rule(session: AsyncSession, principal: Principal, stop_id: str, verdict: Verdict | None, reason: str) -> None:
    """A dispatcher decides over the rules, or takes that back with `verdict` None; judging goes on beneath it. Forbidden for the
    contractor whose stop it is."""
    stop = await store.stop_for_update(session, stop_id)
    if stop is None:
        raise NotFound("no such stop")
    principal.require_sight("stop", vehicle_id=stop.vehicle_id, district_id=stop.district_id, contractor_id=stop.contractor_id)
    require_not_judged(principal, "rule on its own stops")
    at = now()
    ruling = None if verdict is None else Ruling(verdict=verdict, reason=reason, by=principal.token_id, at=at)
    ruled = stop.ruled(ruling)
    await store.save_ruling(session, ruled)
    known_until = await facts.known_until(session, stop.vehicle_id) if stop.vehicle_id else None
    await publish(session, *await record(session, {stop_id: ruled}, [stop.by_the_rules()], known_until, at))


async def record(
    session: AsyncSession,
    stops: Mapping[str, Stop],
    judgements: Iterable[Judgement],
    known_until: datetime | None,
    at: datetime,
    because: str | None = None,
) -> list[StopJudged]:
    """Write what differs from what was decided before; evidence that only grows may wait. The caller publishes the events.

    `because`: the reason, where the caller knows it and the facts do not tell.
    """
    changes: list[tuple[Stop, Stop]] = []
    later = set()
    for judgement in judgements:
        before = stops[judgement.stop_id]
        after = before.judged(judgement, at)
        if after is before:
            continue
        if (due_at := before.waits_until(after, at)) is not None:
            later.add((before.vehicle_id or store.NO_VEHICLE, before.service_day, due_at))
        else:
            changes.append((before, after))
    history = [verdict_on(before, after, at, known_until, because) for before, after in changes]
    await store.save_judgements(session, [after for _, after in changes], history)
    for vehicle_id, day, due_at in sorted(later):
        await store.queue(session, [(vehicle_id, day)], due_at)
    return [event_of(after, before.verdict) for before, after in changes]


def event_of(stop: Stop, previous: Verdict) -> StopJudged:
    """What others are told of a stop that has been judged."""
    return StopJudged(
        stop_id=stop.stop_id,
        run_id=stop.run_id,
        service_day=stop.service_day,
        revision=stop.revision,
        verdict=stop.verdict,
        previous=previous,
        judged_at=stop.last_judged_at,
        served_at=stop.served_at,
        vehicle_id=stop.vehicle_id,
        contractor_id=stop.contractor_id,
        district_id=stop.district_id,
        service_point_id=stop.service_point_id,
        stream=stop.stream,
        evidence=stop.known.to_json(),
    )

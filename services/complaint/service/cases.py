"""A case changes: row, clocks, history and event in one transaction. The caller holds the case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain.casework import ENDS, Asked, ClockChange, Standing, Terms
from services.complaint.domain.clocks import Clock, Limit, Pause, yellow_at
from services.complaint.domain.workflow import CENTRE, RESPONSIBLE
from services.complaint.store import cases as store
from shared.clock import now
from shared.events.complaint import ComplaintChanged
from shared.outbox import publish
from shared.vocabulary import ClockKind, ComplaintStatus

Row = dict[str, Any]


@dataclass(slots=True)
class Work:
    """A case while it is worked on: what is to be stored at the end."""

    row: Row
    standing: Standing
    terms: Terms
    at: datetime
    actor: str
    held: Row
    """As it was read."""
    events: list[Row] = field(default_factory=list)
    touched: dict[tuple[ClockKind, int], Clock] = field(default_factory=dict)

    def set(self, **values: Any) -> dict[str, Any]:
        """What of it is new."""
        new = {name: value for name, value in values.items() if self.row.get(name) != value}
        self.row |= new
        return new

    def log(
        self, step: str, changes: Sequence[ClockChange] = (), *, person: str | None = None, note: str = "", **changed: Any
    ) -> None:
        self.row["events"] += 1
        for change in changes:
            self.touched[change.clock.kind, change.clock.round] = change.clock
        self.events.append(
            {
                "case_id": self.row["case_id"],
                "seq": self.row["events"],
                "step": step,
                "status": self.standing.status.value,
                "at": self.at,
                "actor": self.actor,
                "person": person,
                "note": note or None,
                "responsible": responsible(self.standing.status, self.row),
                "clocks": [_said(change, self.terms) for change in changes],
                "changed": changed,
            }
        )


def responsible(status: ComplaintStatus, row: Row) -> str:
    """`centre`, `contractor:K-1` or `district:310104`."""
    if RESPONSIBLE[status] == CENTRE:
        return CENTRE
    return f"contractor:{row['contractor_id']}" if row["contractor_id"] else f"district:{row['handler_district_id']}"


def _said(change: ClockChange, terms: Terms) -> dict[str, Any]:
    clock = change.clock
    said: dict[str, Any] = {"what": change.what, "kind": clock.kind.value, "round": clock.round}
    said |= {"due_at": terms.due_at(clock).isoformat(), "limit_seconds": clock.limit.seconds, "working": clock.limit.working}
    if change.what == "paused":
        said |= {"begin": clock.pauses[-1].begin.isoformat(), "seconds": clock.pauses[-1].seconds}
    return said


def standing_of(row: Row, clocks: Sequence[Row]) -> Standing:
    asked = row["extension"]
    return Standing(
        status=ComplaintStatus(row["status"]),
        has_contact=row["has_contact"],
        round=row["round"],
        before_join=ComplaintStatus(row["before_join"]) if row["before_join"] else None,
        returned=row["returned"],
        pressed=row["pressed"],
        clocks=tuple(_clock(clock) for clock in clocks),
        asked=Asked(asked["seconds"], datetime.fromisoformat(asked["asked_at"])) if asked else None,
    )


def _clock(row: Row) -> Clock:
    return Clock(
        kind=ClockKind(row["kind"]),
        round=row["round"],
        started_at=row["started_at"],
        stopped_at=row["stopped_at"],
        limit=Limit(row["limit_seconds"], row["working"]),
        pauses=tuple(Pause(datetime.fromisoformat(begin), seconds) for begin, seconds in row["pauses"]),
    )


async def work_on(session: AsyncSession, row: Row, terms: Terms, actor: str, at: datetime | None = None) -> Work:
    standing = standing_of(row, await store.clocks(session, row["case_id"]))
    return Work(row, standing, terms, at or now(), actor, dict(row))


async def save(session: AsyncSession, work: Work, *, new: bool = False) -> Row:
    """All of it, and one event of how the case stands now."""
    row, before = work.row, work.standing
    due = before.running(ClockKind.RESOLVE)
    row |= {
        "status": before.status.value,
        "before_join": before.before_join and before.before_join.value,
        "round": before.round,
        "returned": before.returned,
        "pressed": before.pressed,
        "revision": row["revision"] + 1,
        "changed_at": work.at,
        "yellow_at": due and _yellow(due, work.terms),
        "due_at": due and work.terms.due_at(due),
        "contacted_in_time": _in_time(before, ClockKind.CONTACT, work.terms),
        "resolved_in_time": _in_time(before, ClockKind.RESOLVE, work.terms),
        "extension": before.asked and {"seconds": before.asked.seconds, "asked_at": before.asked.asked_at.isoformat()},
        "closed_at": (row["closed_at"] or work.at) if before.status in ENDS else None,
    }
    if new:
        await store.add(session, [row])
    else:
        await store.put(session, row, [name for name in row if row[name] != work.held.get(name)])
    await store.put_clocks(session, [_clock_row(row, clock, work.terms) for clock in work.touched.values()])
    await store.add_events(session, work.events)
    await publish(session, changed(row))
    return row


def _yellow(clock: Clock, terms: Terms) -> datetime:
    return yellow_at(clock, terms.rules, terms.hours(clock.limit.working))


def _in_time(standing: Standing, kind: ClockKind, terms: Terms) -> bool | None:
    """Of all its rounds; None while one runs, or where there was none."""
    clocks = [clock for clock in standing.clocks if clock.kind == kind]
    if not clocks or any(clock.stopped_at is None for clock in clocks):
        return None
    return all(clock.stopped_at is not None and clock.stopped_at <= terms.due_at(clock) for clock in clocks)


def _clock_row(row: Row, clock: Clock, terms: Terms) -> Row:
    return {
        "case_id": row["case_id"],
        "kind": clock.kind.value,
        "round": clock.round,
        "started_at": clock.started_at,
        "limit_seconds": clock.limit.seconds,
        "working": clock.limit.working,
        "rules_from": terms.rules.valid_from,
        "pauses": [[pause.begin.isoformat(), pause.seconds] for pause in clock.pauses],
        "yellow_at": _yellow(clock, terms),
        "due_at": terms.due_at(clock),
        "stopped_at": clock.stopped_at,
        "level": row["level"],
    }


def missed_stops(row: Row) -> list[str]:
    """The missed stops that a complaint about collection is about, by its evidence; other complaints only rest on theirs."""
    category = reference.category(row["category"], row["received_at"])
    if row["evidence"] is None or category is None or category.group != "collection":
        return []
    return [stop["stop_id"] for stop in row["evidence"]["stops"] if stop["verdict"] == "missed"]


def changed(row: Row) -> ComplaintChanged:
    decimals = reference.intake_rules(row["received_at"]).public_decimals
    return ComplaintChanged.model_validate(
        row
        | {
            "complaint_id": row["case_id"],
            "open": row["closed_at"] is None,
            "lon": None if row["lon"] is None else round(row["lon"], decimals),
            "lat": None if row["lat"] is None else round(row["lat"], decimals),
            "stop_ids": missed_stops(row),
            "order_id": (row["order"] or {}).get("order_id"),
        }
    )

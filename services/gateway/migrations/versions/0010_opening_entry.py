"""An opening entry for what was lifted before the balance was kept.

Revision 0005 took the old sums of lifts over, but no trip will ever unload them: they stayed on board for ever. What was lifted
and is neither unloaded nor among the lifts that a trip can still take up is unloaded here, as a residue of its own name
(`before_balance`), on the last day that such lifts are of.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.clock import city_day
from shared.db import Json, UtcTime

revision = "0010"
down_revision = "0009"

KEY = ("stream", "district_id", "contractor_id")
FLOW = sa.table(
    "city_flow",
    sa.column("period", sa.Date),
    *(sa.column(name) for name in ("grain", "stage", *KEY, "site_id", "net_kg", "facts")),
)
LIFT = sa.table("city_lift", sa.column("at", UtcTime()), *(sa.column(name) for name in ("vehicle_id", "net_kg", *KEY)))
TIP = sa.table("city_tip", sa.column("at", UtcTime()), *(sa.column(name) for name in ("vehicle_id", "haul_id", "status")))
POSTED = sa.table("city_posted", sa.column("fact"), sa.column("rows", Json))

Part = tuple[str, str, str]


def upgrade() -> None:
    connection = op.get_bind()
    carried = _on_board(connection)
    carried.subtract(_still_to_be_unloaded(connection))
    ghosts = {part: kg for part, kg in carried.items() if kg > 0}
    if not ghosts:
        return
    days = _last_days(connection)
    rows = [
        [days[part].isoformat(), stage, *part, "", kg, 0]
        for part, kg in sorted(ghosts.items())
        for stage in ("unloaded", "residue:before_balance")
    ]
    for day, stage, *part, site_id, kg, facts in rows:
        for grain, period in _periods(date.fromisoformat(day)):
            _add(connection, grain, period, stage, part, site_id, kg, facts)
    connection.execute(sa.insert(POSTED), [{"fact": "opening:before_balance", "rows": rows}])


def _on_board(connection: sa.Connection) -> Counter[Part]:
    """Lifted and not unloaded, by part."""
    c = FLOW.c
    query = sa.select(c.stage, *(c[name] for name in KEY), sa.func.sum(c.net_kg))
    query = query.where(c.grain == "day", c.stage.in_(["lifted", "unloaded"])).group_by(c.stage, *(c[name] for name in KEY))
    kg: Counter[Part] = Counter()
    for stage, *part, total in connection.execute(query):
        kg[tuple(part)] += int(total) if stage == "lifted" else -int(total)  # type: ignore[index]
    return kg


def _still_to_be_unloaded(connection: sa.Connection) -> Counter[Part]:
    """Lifts after the last ticket of their truck."""
    closed = sa.select(TIP.c.vehicle_id, sa.func.max(TIP.c.at).label("at"))
    closed = closed.where(TIP.c.status == "closed", TIP.c.haul_id.is_(None), TIP.c.vehicle_id.is_not(None))
    last = closed.group_by(TIP.c.vehicle_id).subquery()
    query = sa.select(*(LIFT.c[name] for name in KEY), sa.func.sum(LIFT.c.net_kg))
    query = query.outerjoin_from(LIFT, last, last.c.vehicle_id == LIFT.c.vehicle_id)
    query = query.where(sa.or_(last.c.at.is_(None), LIFT.c.at > last.c.at)).group_by(*(LIFT.c[name] for name in KEY))
    return Counter({tuple(part): int(total) for *part, total in connection.execute(query)})  # type: ignore[misc]


def _last_days(connection: sa.Connection) -> dict[Part, date]:
    """The last day of each part on which more was lifted than the lifts that are known account for."""
    known: Counter[tuple[date, Part]] = Counter()
    for at, kg, *part in connection.execute(sa.select(LIFT.c.at, LIFT.c.net_kg, *(LIFT.c[name] for name in KEY))):
        known[city_day(at), tuple(part)] += kg  # type: ignore[index]
    days: dict[Part, date] = defaultdict(lambda: date.min)
    c = FLOW.c
    query = sa.select(c.period, *(c[name] for name in KEY), sa.func.sum(c.net_kg)).where(c.grain == "day", c.stage == "lifted")
    newest: dict[Part, date] = {}
    for day, *part, kg in connection.execute(query.group_by(c.period, *(c[name] for name in KEY)).order_by(c.period)):
        key: Any = tuple(part)
        newest[key] = day
        if int(kg) > known[day, key]:
            days[key] = day
    return newest | dict(days)


def _periods(day: date) -> list[tuple[str, date]]:
    return [("day", day), ("week", day - timedelta(days=day.weekday())), ("month", day.replace(day=1))]


def _add(
    connection: sa.Connection, grain: str, period: date, stage: str, part: list[str], site_id: str, kg: int, facts: int
) -> None:
    key = {"grain": grain, "period": period, "stage": stage, **dict(zip(KEY, part, strict=True)), "site_id": site_id}
    held = sa.and_(*(FLOW.c[name] == value for name, value in key.items()))
    changed = connection.execute(sa.update(FLOW).where(held).values(net_kg=FLOW.c.net_kg + kg, facts=FLOW.c.facts + facts))
    if not changed.rowcount:
        connection.execute(sa.insert(FLOW), [key | {"net_kg": kg, "facts": facts}])

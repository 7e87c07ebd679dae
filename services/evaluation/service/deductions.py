"""Deductions are what facts and contracts make of each other, worked out again whenever one of them changes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain.deductions import hundredths
from services.evaluation.store import contracts as store
from shared.assessment import DeductionStatus
from shared.clock import now
from shared.events.evaluation import DeductionChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.scope import within

Row = dict[str, Any]
RULES = "rules"
FROM_FACT = ("contract_id", "contractor_id", "month", "rule", "rules_from", "points_e2", "fen", "at", "evidence")


async def keep(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
    """Facts as they are told; an older revision never overwrites a newer one. The ones that were news."""
    held = await store.facts(session, {row["fact"] for row in rows})
    newest: dict[str, Row] = {}
    for row in rows:
        known = newest.get(row["fact"]) or held.get(row["fact"])
        if known is None or row["revision"] > known["revision"]:
            newest[row["fact"]] = row
    fresh = [newest[key] for key in sorted(newest)]
    await store.put_facts(session, fresh)
    await derive(session, fresh)
    return fresh


async def derive(session: AsyncSession, facts: Sequence[Row]) -> None:
    if not facts:
        return
    held = await store.deductions_on(session, {fact["fact"] for fact in facts})
    trucks = await store.trucks(session, {fact["vehicle_id"] for fact in facts if fact["vehicle_id"]})
    contracts = await store.contracts(session)
    for fact in facts:
        wanted = _wanted(fact, trucks, contracts)
        await _settle(session, fact["fact"], held.get(fact["fact"]), wanted)


def _wanted(fact: Row, trucks: dict[str, list[Row]], contracts: Sequence[Row]) -> Row | None:
    """What the fact costs, or None."""
    contractor_id, area_id = fact["contractor_id"], fact["area_id"]
    if contractor_id is None and fact["vehicle_id"]:
        entry = _entry_at(trucks.get(fact["vehicle_id"], []), fact["at"])
        contractor_id, area_id = (entry["contractor_id"], area_id or entry["district_id"]) if entry else (None, area_id)
    contract = next((one for one in contracts if contractor_id == one["contractor_id"] and _covers(one, fact, area_id)), None)
    if not fact["applies"] or contract is None:
        return None
    rules = reference.deduction_rules(fact["day"])
    rule = rules.rule_on(fact["kind"])
    if rule is None:
        return None
    return {
        "contract_id": contract["contract_id"],
        "contractor_id": contractor_id,
        "month": fact["day"].replace(day=1),
        "rule": rule["code"],
        "rules_from": rules.valid_from,
        "points_e2": hundredths(rule["points"]),
        "fen": rule["fen"],
        "at": fact["at"],
        "evidence": fact["evidence"],
    }


def _entry_at(entries: Sequence[Row], at: Any) -> Row | None:
    """The entry that held then; the first one for times before it."""
    begun = [entry for entry in entries if entry["registered_at"] <= at]
    return begun[-1] if begun else entries[0] if entries else None


def _covers(contract: Row, fact: Row, area_id: str | None) -> bool:
    """A fact of a place nobody knows is under the contract of whoever answers for it."""
    in_time = contract["valid_from"] <= fact["day"] <= contract["valid_to"]
    whole = not contract["area_ids"] or area_id is None
    return in_time and (whole or within(area_id, frozenset(contract["area_ids"])) or area_id in _districts(contract))


def _districts(contract: Row) -> set[str]:
    return {area_id[:6] for area_id in contract["area_ids"]}


async def _settle(session: AsyncSession, fact: str, held: Row | None, wanted: Row | None) -> None:
    if wanted is None:
        if held is not None and held["status"] != DeductionStatus.WITHDRAWN:
            await change(session, held, {"status": DeductionStatus.WITHDRAWN.value}, "later data took it back", RULES)
        return
    if held is None:
        appeal_until = now() + timedelta(days=reference.deduction_rules(wanted["month"]).appeal_days)
        row = wanted | {
            "deduction_id": derived_id("deduction", fact),
            "revision": 0,
            "fact": fact,
            "appeal": None,
            "arose_at": now(),
            "appeal_until": appeal_until,
        }
        await change(session, row, {"status": DeductionStatus.OPEN.value}, "arose", RULES)
        return
    decided = (held["appeal"] or {}).get("decision")
    if decided == "accepted":
        return
    again = {} if held["status"] != DeductionStatus.WITHDRAWN else {"status": DeductionStatus.OPEN.value}
    if again or any(held[name] != wanted[name] for name in FROM_FACT):
        await change(session, held, wanted | again, "later data changed it", RULES)


async def change(session: AsyncSession, row: Row, values: Row, reason: str, actor: str) -> Row:
    row = row | values | {"revision": row["revision"] + 1, "changed_at": now()}
    await store.put_deduction(session, row, reason, actor)
    await publish(session, DeductionChanged.model_validate(row))
    return row

"""Deductions are what facts and contracts make of each other, worked out again whenever one of them changes."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain.contracts import Charge, Deduction, Fact
from services.evaluation.store import contracts as store
from shared.clock import now
from shared.events.evaluation import DeductionChanged
from shared.ids import derived_id
from shared.outbox import publish

RULES = "rules"


async def take_facts(session: AsyncSession, facts: Sequence[Fact]) -> list[Fact]:
    """Facts as they are told; an older revision never overwrites a newer one. The ones that were news."""
    fresh = _news(facts, await store.facts(session, {fact.fact for fact in facts}))
    await store.save_facts(session, fresh)
    await derive(session, fresh)
    return fresh


def _news(facts: Sequence[Fact], known: Mapping[str, Fact]) -> list[Fact]:
    newest: dict[str, Fact] = {}
    for fact in facts:
        before = newest.get(fact.fact) or known.get(fact.fact)
        if before is None or fact.revision > before.revision:
            newest[fact.fact] = fact
    return [newest[key] for key in sorted(newest)]


async def derive(session: AsyncSession, facts: Sequence[Fact]) -> None:
    if not facts:
        return
    deductions = await store.deductions_on(session, {fact.fact for fact in facts})
    trucks = await store.trucks(session, {fact.vehicle_id for fact in facts if fact.vehicle_id})
    contracts = await store.contracts(session)
    for fact in facts:
        assigned = fact.assigned(trucks.get(fact.vehicle_id or "", []))
        charge = assigned.charge(contracts, rulebooks.DEDUCTION_RULES.on(fact.day))
        await _charge(session, fact.fact, deductions.get(fact.fact), charge)


async def _charge(session: AsyncSession, fact: str, deduction: Deduction | None, charge: Charge | None) -> None:
    """The deduction for a fact, as it costs now; None: nothing."""
    if deduction is None:
        if charge is not None:
            appeal_days = rulebooks.DEDUCTION_RULES.on(charge.month).appeal_days
            arisen = Deduction.arisen(derived_id("deduction", fact), fact, charge, now(), appeal_days)
            await save(session, arisen, "arose", RULES)
    elif charge is None:
        if (gone := deduction.taken_back(now())) is not None:
            await save(session, gone, "later data took it back", RULES)
    elif (changed := deduction.charged(charge, now())) is not None:
        await save(session, changed, "later data changed it", RULES)


async def save(session: AsyncSession, deduction: Deduction, reason: str, actor: str) -> Deduction:
    await store.save_deduction(session, deduction, reason, actor)
    await publish(session, _event(deduction))
    return deduction


def _event(deduction: Deduction) -> DeductionChanged:
    return DeductionChanged(
        deduction_id=deduction.deduction_id,
        revision=deduction.revision,
        contract_id=deduction.contract_id,
        contractor_id=deduction.contractor_id,
        month=deduction.month,
        rule=deduction.rule,
        points_e2=deduction.points_e2,
        fen=deduction.fen,
        status=deduction.status,
        at=deduction.at,
        changed_at=deduction.changed_at,
    )

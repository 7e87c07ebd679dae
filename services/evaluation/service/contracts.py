"""Contracts, appeals against deductions."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.contracts import Contract, Deduction
from services.evaluation.domain.filters import DeductionFilters
from services.evaluation.schemas.contracts import (
    AppealBody,
    ContractAnswer,
    ContractBody,
    DecisionBody,
    DeductionAnswer,
    DeductionDetail,
    DeductionEventAnswer,
)
from services.evaluation.service import deductions
from services.evaluation.service.refusals import refusals
from services.evaluation.store import contracts as store
from services.evaluation.store.index import next_seq
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import NotFound
from shared.four_eyes import require_another


async def put_contract(session: AsyncSession, contract_id: str, body: ContractBody) -> ContractAnswer:
    """Whatever was told before is looked at again under it."""
    await next_seq(session)
    contract = Contract(
        contract_id=contract_id,
        contractor_id=body.contractor_id,
        name_zh=body.name_zh,
        name_en=body.name_en,
        area_ids=tuple(body.area_ids),
        fee_month_fen=body.fee_month_fen,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        changed_at=now(),
    )
    with refusals():
        for other in await store.contracts(session, [body.contractor_id]):
            contract.require_apart_from(other)
    await store.save_contract(session, contract)
    await deductions.derive(session, await store.facts_of_contract(session, contract_id, body.contractor_id))
    return ContractAnswer.model_validate(contract)


async def list_contracts(session: AsyncSession, principal: Principal) -> Page[ContractAnswer]:
    contracts = [contract for contract in await store.contracts(session) if sees(principal, contract)]
    return Page(items=[ContractAnswer.model_validate(contract) for contract in contracts])


def sees(principal: Principal, contract: Contract) -> bool:
    """One bound to districts sees the contracts that lie within them whole: a statement cannot be seen in part."""
    areas = contract.area_ids or [None]
    return all(principal.sees(district_id=area, contractor_id=contract.contractor_id) for area in areas)


async def get_contract(session: AsyncSession, principal: Principal, contract_id: str) -> Contract:
    contract = await store.contract(session, contract_id)
    if contract is None or not sees(principal, contract):
        raise NotFound("no such contract")
    return contract


# --- deductions -------------------------------------------------------------------------------------------------


async def _seen(session: AsyncSession, principal: Principal) -> list[str] | None:
    """Ids of the contracts that the bearer sees; None: all."""
    if not principal.scope.bindings:
        return None
    return [contract.contract_id for contract in await store.contracts(session) if sees(principal, contract)]


async def list_deductions(
    session: AsyncSession, principal: Principal, filters: DeductionFilters, cursor: str | None, limit: int
) -> Page[DeductionAnswer]:
    after: Any = decode_cursor(cursor, datetime, str)
    listed = await store.deductions(session, filters, await _seen(session, principal), after, limit + 1)
    last = listed[limit - 1] if len(listed) > limit else None
    items = [DeductionAnswer.model_validate(deduction) for deduction in listed[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last.at, last.deduction_id) if last else None)


async def _deduction(session: AsyncSession, principal: Principal, deduction_id: str, *, lock: bool = False) -> Deduction:
    deduction = await store.deduction(session, deduction_id, lock=lock)
    seen = await _seen(session, principal)
    if deduction is None or (seen is not None and deduction.contract_id not in seen):
        raise NotFound("no such deduction")
    return deduction


async def get_deduction(session: AsyncSession, principal: Principal, deduction_id: str) -> DeductionDetail:
    deduction = await _deduction(session, principal, deduction_id)
    history = [DeductionEventAnswer.model_validate(event) for event in await store.deduction_events(session, deduction_id)]
    return DeductionDetail.describing(deduction, history=history)


async def appeal(session: AsyncSession, principal: Principal, deduction_id: str, body: AppealBody) -> DeductionAnswer:
    deduction = await _deduction(session, principal, deduction_id, lock=True)
    with refusals():
        appealed = deduction.appealed(body.reason, now())
    return DeductionAnswer.model_validate(await deductions.save(session, appealed, body.reason, principal.token_id))


async def decide(session: AsyncSession, principal: Principal, deduction_id: str, body: DecisionBody) -> DeductionAnswer:
    deduction = await _deduction(session, principal, deduction_id, lock=True)
    with refusals():
        deduction.require_appealed()
    before = [(event.actor, None) for event in await store.deduction_events(session, deduction_id)]
    require_another(principal, None, before, "appealed against a deduction or decided on it before")
    decided = deduction.decided(body.accept, body.reason, now())
    return DeductionAnswer.model_validate(await deductions.save(session, decided, body.reason, principal.token_id))

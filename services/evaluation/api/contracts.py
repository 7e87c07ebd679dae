"""Endpoints of contractors' accounts."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.evaluation.api.access import Accounts, Admin, MonthInPath, Revision, Zone
from services.evaluation.domain.filters import DeductionFilters
from services.evaluation.schemas.contracts import (
    AppealBody,
    ContractAnswer,
    ContractBody,
    CreditRecord,
    DecisionBody,
    DeductionAnswer,
    DeductionDetail,
    SettleBody,
    StatementAnswer,
)
from services.evaluation.service import contracts, exports, periods, statements
from shared.assessment import DeductionStatus
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS
from shared.spreadsheet import MEDIA_TYPES

router = APIRouter(responses=PROBLEMS, tags=["contractors"])
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (MEDIA_TYPES["xlsx"], "application/pdf")}
    }
}


@router.put("/v1/contracts/{contract_id}", summary="A contract: areas, fee, time")
async def put_contract(contract_id: IdInPath, body: ContractBody, session: Transaction, _: Admin) -> ContractAnswer:
    return await contracts.put_contract(session, contract_id, body)


@router.get("/v1/contracts", summary="Contracts")
async def list_contracts(session: Transaction, principal: Accounts) -> Page[ContractAnswer]:
    return await contracts.list_contracts(session, principal)


@router.get("/v1/deductions", summary="Deductions, the newest first")
async def list_deductions(
    session: Transaction,
    principal: Accounts,
    contract_id: IdInQuery = None,
    contractor_id: IdInQuery = None,
    status: DeductionStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[DeductionAnswer]:
    filters = DeductionFilters(contract_id=contract_id, contractor_id=contractor_id, status=status)
    return await contracts.list_deductions(session, principal, filters, cursor, limit)


@router.get("/v1/deductions/{deduction_id}", summary="A deduction, its evidence and its history")
async def get_deduction(deduction_id: IdInPath, session: Transaction, principal: Accounts) -> DeductionDetail:
    return await contracts.get_deduction(session, principal, deduction_id)


@router.post("/v1/deductions/{deduction_id}/appeal", summary="Appeal within the time limit")
async def appeal(deduction_id: IdInPath, body: AppealBody, session: Transaction, principal: Accounts) -> DeductionAnswer:
    return await contracts.appeal(session, principal, deduction_id, body)


@router.post("/v1/deductions/{deduction_id}/decision", summary="Decide an appeal: accepted, the deduction is withdrawn")
async def decide(deduction_id: IdInPath, body: DecisionBody, session: Transaction, principal: Admin) -> DeductionAnswer:
    return await contracts.decide(session, principal, deduction_id, body)


@router.get(
    "/v1/contracts/{contract_id}/statements/{month}",
    summary="A month's statement with every line",
    response_model=StatementAnswer,
    responses=FILES,
)
async def get_statement(
    contract_id: IdInPath,
    month: MonthInPath,
    session: Transaction,
    principal: Accounts,
    zone: Zone,
    revision: Revision = None,
    shape: Annotated[Literal["json", "xlsx", "pdf"], Query(alias="format")] = "json",
) -> Any:
    answer = await statements.statement(session, principal, contract_id, periods.month(month), revision)
    if shape == "json":
        return answer
    file = (exports.xlsx if shape == "xlsx" else exports.pdf)(answer, zone)
    return download(file)


@router.post("/v1/contracts/{contract_id}/statements/{month}", summary="Settle a month, or correct it with a reason")
async def settle(
    contract_id: IdInPath, month: MonthInPath, body: SettleBody, session: Transaction, principal: Admin
) -> StatementAnswer:
    return await statements.settle(session, principal, contract_id, periods.month(month), body)


@router.get("/v1/contractors/{contractor_id}/credit-record", summary="Settled months and years of a contractor")
async def get_credit_record(contractor_id: IdInPath, session: Transaction, principal: Accounts) -> CreditRecord:
    return await statements.credit_record(session, principal, contractor_id)

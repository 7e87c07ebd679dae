"""Monthly statements of contractors and their credit record."""

from collections import defaultdict
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain.canonical import sha256, written
from services.evaluation.domain.contracts import Contract, Statement
from services.evaluation.domain.statements import StatementContent
from services.evaluation.schemas.contracts import CreditMonth, CreditRecord, CreditYear, SettleBody, StatementAnswer
from services.evaluation.service.contracts import get_contract, sees
from services.evaluation.service.refusals import refusals
from services.evaluation.store import contracts as store
from services.evaluation.store.index import next_seq
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, NotFound


async def _content(session: AsyncSession, contract: Contract, month: date) -> StatementContent:
    """The month as its deductions stand now."""
    with refusals():
        contract.require_month(month)
    deductions = await store.of_month(session, contract.contract_id, month)
    return StatementContent.of(contract, month, deductions, rulebooks.DEDUCTION_RULES.on(month))


def _provisional(content: StatementContent) -> StatementAnswer:
    return StatementAnswer.describing(content, revision=0, sha256=None, reason=None, status="provisional")


def _settled(content: StatementContent, statement: Statement) -> StatementAnswer:
    return StatementAnswer.describing(
        content, revision=statement.revision, sha256=statement.sha256, reason=statement.reason, status="settled"
    )


async def statement(
    session: AsyncSession, principal: Principal, contract_id: str, month: date, revision: int | None
) -> StatementAnswer:
    """Revision 0 is how the month stands now; without one: the newest that is settled, else how it stands."""
    contract = await get_contract(session, principal, contract_id)
    settled = None if revision == 0 else await store.statement(session, contract_id, month, revision)
    if settled is not None:
        return _settled(store.content_of(settled), settled)
    if revision:
        raise NotFound("no such revision of this statement")
    return _provisional(await _content(session, contract, month))


async def settle(session: AsyncSession, principal: Principal, contract_id: str, month: date, body: SettleBody) -> StatementAnswer:
    """Settled again without a change it is the same statement; with one it needs a reason and is the next revision."""
    await next_seq(session)
    contract = await get_contract(session, principal, contract_id)
    content = await _content(session, contract, month)
    text, last = written(content), await store.statement(session, contract_id, month)
    if last is not None and last.content == text:
        return _settled(content, last)
    if last is not None and not body.reason:
        raise Conflict("this month is settled; a correction names its reason", code="already_settled")
    settled = Statement(
        contract_id=contract_id,
        month=month,
        revision=last.revision + 1 if last else 1,
        sha256=sha256(text),
        content=text,
        reason=body.reason,
        actor=principal.token_id,
        settled_at=now(),
    )
    await store.add_statement(session, settled)
    return _settled(content, settled)


async def credit_record(session: AsyncSession, principal: Principal, contractor_id: str) -> CreditRecord:
    """Every settled month as it stands after corrections, and its years."""
    contracts = [contract for contract in await store.contracts(session, [contractor_id]) if sees(principal, contract)]
    if principal.scope.bindings and not contracts:
        raise NotFound("no such contractor")
    settled = await store.settled_of(session, [contract.contract_id for contract in contracts])
    newest = {(statement.month, statement.contract_id): store.content_of(statement) for statement in settled}
    months = [CreditMonth.model_validate(content) for _, content in sorted(newest.items(), key=lambda one: one[0])]
    return CreditRecord(contractor_id=contractor_id, years=_years(months), months=months)


def _years(months: list[CreditMonth]) -> list[CreditYear]:
    by_year: dict[int, list[CreditMonth]] = defaultdict(list)
    for month in months:
        by_year[int(month.month[:4])].append(month)
    return [
        CreditYear(
            year=year,
            months=len(of_year),
            mean_points_e2=sum(month.points_left_e2 for month in of_year) // len(of_year),
            deducted_fen=sum(month.deducted_fen for month in of_year),
        )
        for year, of_year in sorted(by_year.items())
    ]

"""Contracts, appeals against deductions, monthly statements, the credit record."""

import json
from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain import deductions as rules
from services.evaluation.domain.canonical import sha256, written
from services.evaluation.schemas.contracts import (
    AppealBody,
    ContractAnswer,
    ContractBody,
    CreditMonth,
    CreditRecord,
    CreditYear,
    DecisionBody,
    DeductionAnswer,
    DeductionDetail,
    DeductionEventAnswer,
    SettleBody,
    StatementAnswer,
)
from services.evaluation.service import deductions, periods
from services.evaluation.store import contracts as store
from services.evaluation.store.index import next_seq
from shared.assessment import DeductionStatus
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound
from shared.four_eyes import require_another

Row = dict[str, Any]


async def put_contract(session: AsyncSession, contract_id: str, body: ContractBody) -> ContractAnswer:
    """Whatever was told before is looked at again under it."""
    await next_seq(session)
    for other in await store.contracts(session, [body.contractor_id]):
        together = other["valid_from"] <= body.valid_to and body.valid_from <= other["valid_to"]
        areas = not body.area_ids or not other["area_ids"] or set(body.area_ids) & set(other["area_ids"])
        if other["contract_id"] != contract_id and together and areas:
            raise Conflict(f"contract {other['contract_id']} of the same contractor covers the same areas at the same time")
    row = body.model_dump() | {"contract_id": contract_id}
    await store.put_contract(session, row | {"changed_at": now()})
    await deductions.derive(session, await store.facts_of_contract(session, contract_id, body.contractor_id))
    return ContractAnswer.model_validate(row)


async def list_contracts(session: AsyncSession, principal: Principal) -> Page[ContractAnswer]:
    rows = await store.contracts(session)
    return Page(items=[ContractAnswer.model_validate(row) for row in rows if sees(principal, row)])


def sees(principal: Principal, contract: Row) -> bool:
    """One bound to districts sees the contracts that lie within them whole: a statement cannot be seen in part."""
    areas = contract["area_ids"] or [None]
    return all(principal.sees(district_id=area, contractor_id=contract["contractor_id"]) for area in areas)


async def _contract(session: AsyncSession, principal: Principal, contract_id: str) -> Row:
    row = await store.contract(session, contract_id)
    if row is None or not sees(principal, row):
        raise NotFound("no such contract")
    return row


async def _seen(session: AsyncSession, principal: Principal) -> list[str] | None:
    """Ids of the contracts that the bearer sees; None: all."""
    if not principal.scope.bindings:
        return None
    return [row["contract_id"] for row in await store.contracts(session) if sees(principal, row)]


async def list_deductions(
    session: AsyncSession, principal: Principal, filters: Row, cursor: str | None, limit: int
) -> Page[DeductionAnswer]:
    after: Any = decode_cursor(cursor, datetime, str)
    rows = await store.deductions(session, filters, await _seen(session, principal), after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [DeductionAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last["at"], last["deduction_id"]) if last else None)


async def _deduction(session: AsyncSession, principal: Principal, deduction_id: str, *, lock: bool = False) -> Row:
    row = await store.deduction(session, deduction_id, lock=lock)
    seen = await _seen(session, principal)
    if row is None or (seen is not None and row["contract_id"] not in seen):
        raise NotFound("no such deduction")
    return row


async def get_deduction(session: AsyncSession, principal: Principal, deduction_id: str) -> DeductionDetail:
    row = await _deduction(session, principal, deduction_id)
    history = [DeductionEventAnswer.model_validate(one) for one in await store.deduction_events(session, deduction_id)]
    return DeductionDetail.model_validate(row | {"history": history})


async def appeal(session: AsyncSession, principal: Principal, deduction_id: str, body: AppealBody) -> DeductionAnswer:
    row = await _deduction(session, principal, deduction_id, lock=True)
    if row["status"] != DeductionStatus.OPEN:
        raise Conflict(f"this deduction is {row['status']}; only an open one can be appealed")
    if now() > row["appeal_until"]:
        raise Conflict("the time to appeal against this deduction is over", code="appeal_too_late")
    values = {"status": DeductionStatus.APPEALED.value, "appeal": {"reason": body.reason, "at": now().isoformat()}}
    return DeductionAnswer.model_validate(await deductions.change(session, row, values, body.reason, principal.token_id))


async def decide(session: AsyncSession, principal: Principal, deduction_id: str, body: DecisionBody) -> DeductionAnswer:
    row = await _deduction(session, principal, deduction_id, lock=True)
    if row["status"] != DeductionStatus.APPEALED:
        raise Conflict("nobody appeals against this deduction")
    before = [(one["actor"], None) for one in await store.deduction_events(session, deduction_id)]
    require_another(principal, None, before, "appealed against a deduction or decided on it before")
    status = DeductionStatus.WITHDRAWN if body.accept else DeductionStatus.UPHELD
    decision = {"decision": "accepted" if body.accept else "refused", "answer": body.reason, "decided_at": now().isoformat()}
    values = {"status": status.value, "appeal": row["appeal"] | decision}
    return DeductionAnswer.model_validate(await deductions.change(session, row, values, body.reason, principal.token_id))


# --- statements -------------------------------------------------------------------------------------------------


async def _content(session: AsyncSession, contract: Row, month: date) -> Row:
    """The month as its deductions stand now: texts and whole numbers."""
    if not contract["valid_from"].replace(day=1) <= month <= contract["valid_to"]:
        raise Invalid("the contract does not cover this month")
    version = reference.deduction_rules(month)
    held = await store.of_month(session, contract["contract_id"], month)
    lines = [rules.Line(row["deduction_id"], row["rule"], row["points_e2"], row["fen"]) for row in held]
    done = rules.settle(version, contract["fee_month_fen"], lines)
    return {
        "contract_id": contract["contract_id"],
        "contractor_id": contract["contractor_id"],
        "month": periods.written(month),
        "rules_from": version.valid_from.isoformat(),
        "fee_month_fen": contract["fee_month_fen"],
        "points_left_e2": done.points_left_e2,
        "share": done.share,
        "fee_share_fen": done.fee_share_fen,
        "deducted_fen": done.deducted_fen,
        "payable_fen": done.payable_fen,
        "lines": [
            {
                "deduction_id": row["deduction_id"],
                "href": f"/v1/deductions/{row['deduction_id']}",
                "rule": row["rule"],
                "zh": version.rule(row["rule"])["zh"],
                "en": version.rule(row["rule"])["en"],
                "at": row["at"].isoformat(),
                "points_e2": row["points_e2"],
                "counted_e2": done.counted_e2[row["deduction_id"]],
                "fen": row["fen"],
                "status": row["status"],
                "evidence": row["evidence"],
            }
            for row in held
        ],
    }


def _answer(content: Row, settled: Row | None) -> StatementAnswer:
    about = settled or {"revision": 0, "sha256": None, "reason": None}
    kept = {name: about[name] for name in ("revision", "sha256", "reason")}
    return StatementAnswer.model_validate(content | kept | {"status": "settled" if settled else "provisional"})


async def statement(
    session: AsyncSession, principal: Principal, contract_id: str, month: date, revision: int | None
) -> StatementAnswer:
    """Revision 0 is how the month stands now; without one: the newest that is settled, else how it stands."""
    contract = await _contract(session, principal, contract_id)
    settled = None if revision == 0 else await store.statement(session, contract_id, month, revision)
    if settled is not None:
        return _answer(json.loads(settled["content"]), settled)
    if revision:
        raise NotFound("no such revision of this statement")
    return _answer(await _content(session, contract, month), None)


async def settle(session: AsyncSession, principal: Principal, contract_id: str, month: date, body: SettleBody) -> StatementAnswer:
    """Settled again without a change it is the same statement; with one it needs a reason and is the next revision."""
    await next_seq(session)
    contract = await _contract(session, principal, contract_id)
    made = await _content(session, contract, month)
    content, last = written(made), await store.statement(session, contract_id, month)
    if last is not None and last["content"] == content:
        return _answer(made, last)
    if last is not None and not body.reason:
        raise Conflict("this month is settled; a correction names its reason", code="already_settled")
    row = {
        "contract_id": contract_id,
        "month": month,
        "revision": last["revision"] + 1 if last else 1,
        "sha256": sha256(content),
        "content": content,
        "reason": body.reason,
        "actor": principal.token_id,
        "settled_at": now(),
    }
    await store.add_statement(session, row)
    return _answer(made, row)


async def credit_record(session: AsyncSession, principal: Principal, contractor_id: str) -> CreditRecord:
    """Every settled month as it stands after corrections, and its years."""
    held = [row for row in await store.contracts(session, [contractor_id]) if sees(principal, row)]
    if principal.scope.bindings and not held:
        raise NotFound("no such contractor")
    settled = await store.settled_of(session, [row["contract_id"] for row in held])
    newest = {(row["month"], row["contract_id"]): json.loads(row["content"]) for row in settled}
    months = [
        CreditMonth(
            month=one["month"],
            contract_id=one["contract_id"],
            points_left_e2=one["points_left_e2"],
            deducted_fen=one["deducted_fen"],
        )
        for _, one in sorted(newest.items())
    ]
    by_year: dict[int, list[CreditMonth]] = defaultdict(list)
    for one in months:
        by_year[int(one.month[:4])].append(one)
    years = [
        CreditYear(
            year=year,
            months=len(held),
            mean_points_e2=sum(one.points_left_e2 for one in held) // len(held),
            deducted_fen=sum(one.deducted_fen for one in held),
        )
        for year, held in sorted(by_year.items())
    ]
    return CreditRecord(contractor_id=contractor_id, years=years, months=months)

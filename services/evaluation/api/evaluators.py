"""Endpoints for third parties; they never see a plate, a person or a citizen's words."""

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.evaluation import parquet
from services.evaluation.api.access import Admin, AreaInPath, Evaluator, Evaluators, Month, MonthInPath, Revision, Zone
from services.evaluation.schemas.evaluators import EvaluatorAnswer, EvaluatorBody, SignedBatch
from services.evaluation.schemas.index import BreakdownAnswer, HistoryAnswer, IndexPage, MethodologyAnswer, PublicationAnswer
from services.evaluation.schemas.inspections import BatchAnswer, ChecklistsAnswer
from services.evaluation.service import evaluators, periods, plans, queries
from services.evaluation.service.evaluators import Quota
from shared.assessment import AreaLevel
from shared.bodies import Answer, Limit, Page
from shared.db import Database, Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS, problem
from shared.spreadsheet import MEDIA_TYPES

NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "what you have is still so"}}
router = APIRouter(responses=PROBLEMS, tags=["cleanliness index"])
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            parquet.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
LEVEL = AreaLevel.SUBDISTRICT
IndexFormat = Annotated[Literal["json", "csv", "parquet"], Query(alias="format")]


class Reply:
    """Answers with `RateLimit` headers and an ETag; 304 to who has it already, 429 to who asks too much."""

    def __init__(self, request: Request, quota: Quota) -> None:
        self._known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        self.quota = quota

    def __call__(self, content: Answer | str | bytes, media_type: str = "application/json", **headers: str) -> Response:
        if isinstance(content, Answer):
            content = content.model_dump_json()
        data = content.encode() if isinstance(content, str) else content
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        headers = self.quota.headers | {"ETag": tag, "Cache-Control": "private, no-cache"} | headers
        if self.quota.exceeded:
            detail = "too many requests in this minute; RateLimit-Reset says when to go on"
            wait = {"Retry-After": str(self.quota.reset_seconds)}
            return problem(429, "too_many", detail, headers=self.quota.headers | wait)
        if tag in self._known or "*" in self._known:
            return Response(None, 304, headers)
        return Response(data, media_type=media_type, headers=headers)


async def _reply(request: Request, principal: Evaluators) -> Reply:
    database: Database = request.app.state.resources.database
    async with database.transaction() as session:
        return Reply(request, await evaluators.count_read(session, principal))


Counted = Annotated[Reply, Depends(_reply)]


@router.get(
    "/v1/cleanliness-index", summary="The index of a month, best first", response_model=IndexPage, responses=FILES | NOT_CHANGED
)
async def get_index(
    session: Transaction,
    reply: Counted,
    zone: Zone,
    period: Month,
    level: AreaLevel = LEVEL,
    revision: Revision = None,
    cursor: Cursor = None,
    limit: Limit = 500,
    shape: IndexFormat = "json",
) -> Any:
    """Without a revision: the newest published one; revision 0: provisional, as it stands now."""
    if revision == 0:
        return reply(await queries.provisional(session, level, periods.month(period)))
    head = await queries.published(session, level, periods.month(period), revision)
    if shape != "json":
        file = await queries.as_file(session, head, shape, zone)
        return reply(file.content, file.media_type, **{"Content-Disposition": file.disposition})
    return reply(await queries.page(session, head, cursor, limit))


@router.get(
    "/v1/cleanliness-index/{period}/document",
    summary="The published bytes that sha256 is of",
    response_model=dict[str, Any],
    responses=NOT_CHANGED,
)
async def get_document(
    period: MonthInPath, session: Transaction, reply: Counted, level: AreaLevel = LEVEL, revision: Revision = None
) -> Any:
    return reply(await queries.document(session, level, periods.month(period), revision))


@router.get(
    "/v1/cleanliness-index/{period}/areas/{area_id}",
    summary="An area's figure, down to the observations",
    response_model=BreakdownAnswer,
    responses=NOT_CHANGED,
)
async def get_breakdown(
    period: MonthInPath,
    area_id: AreaInPath,
    session: Transaction,
    reply: Counted,
    zone: Zone,
    level: AreaLevel = LEVEL,
    revision: Revision = None,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Any:
    head = await queries.published(session, level, periods.month(period), revision)
    return reply(await queries.breakdown(session, head, area_id, cursor, limit, zone))


@router.get(
    "/v1/index-history/{area_id}",
    summary="Every published figure of an area",
    response_model=HistoryAnswer,
    responses=NOT_CHANGED,
)
async def get_history(area_id: AreaInPath, session: Transaction, reply: Counted) -> Any:
    return reply(await queries.history(session, area_id))


@router.get(
    "/v1/index-changes",
    summary="What was published or corrected since",
    response_model=Page[PublicationAnswer],
    responses=NOT_CHANGED,
)
async def get_changes(
    session: Transaction, reply: Counted, after: Annotated[int, Query(ge=0, lt=1 << 62)] = 0, limit: Limit = 100
) -> Any:
    return reply(await queries.changes(session, after, limit))


@router.get(
    "/v1/index-methodology",
    summary="How the index is worked out, by version",
    response_model=Page[MethodologyAnswer],
    responses=NOT_CHANGED,
)
async def get_methodology(reply: Counted) -> Any:
    return reply(queries.methodologies())


@router.get(
    "/v1/evaluator-checklists",
    summary="The checklists that answers refer to",
    response_model=ChecklistsAnswer,
    responses=NOT_CHANGED,
)
async def get_checklists(reply: Counted) -> Any:
    return reply(plans.checklists())


@router.put("/v1/evaluators/{evaluator_id}", summary="Bind a credential and a key to an evaluator")
async def put_evaluator(evaluator_id: IdInPath, body: EvaluatorBody, session: Transaction, _: Admin) -> EvaluatorAnswer:
    return await evaluators.put(session, evaluator_id, body)


@router.post(
    "/v1/evaluator-batches",
    summary="An evaluator's own inspections, signed",
    responses={207: {"model": BatchAnswer, "description": "Some were rejected; `items` names every one"}},
    response_model=BatchAnswer,
)
async def post_batch(body: SignedBatch, session: Transaction, principal: Evaluator, zone: Zone) -> Any:
    answer = await evaluators.take_signed(session, principal, body, zone)
    return Response(answer.model_dump_json(), 207 if answer.rejected else 200, media_type="application/json")

"""Areas, residents' surveys, appeals against a published figure."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import SATISFACTION, UNIT
from services.evaluation.schemas.index import (
    AppealDecision,
    AreaAnswer,
    AreaBody,
    IndexAppealAnswer,
    IndexAppealBody,
    SurveyAnswer,
    SurveyBody,
    SurveyDetail,
    SurveyStored,
)
from services.evaluation.service import observations, periods
from services.evaluation.service.observations import Posted
from services.evaluation.store import index as store
from shared.assessment import AreaLevel
from shared.auth import Principal
from shared.bodies import Page
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.four_eyes import require_another
from shared.ids import derived_id
from shared.scope import DISTRICT_DIGITS


async def put_area(session: AsyncSession, area_id: str, body: AreaBody) -> AreaAnswer:
    level = AreaLevel.DISTRICT if len(area_id) == DISTRICT_DIGITS else AreaLevel.SUBDISTRICT
    row = body.model_dump() | {"area_id": area_id, "level": level.value}
    await store.put_area(session, row | {"changed_at": now()})
    return AreaAnswer.model_validate(row)


async def list_areas(session: AsyncSession, principal: Principal) -> Page[AreaAnswer]:
    rows = [row for row in await store.areas(session) if principal.sees(district_id=row["area_id"])]
    return Page(items=[AreaAnswer.model_validate(row) for row in rows])


async def put_survey(
    session: AsyncSession, principal: Principal, survey_id: str, body: SurveyBody, zone: ZoneInfo
) -> SurveyStored:
    """An answer is an observation; sent again with another score it takes the first one back."""
    if not principal.sees(district_id=body.area_id):
        raise NotFound("no such area")
    posted = {f"survey:{survey_id}:{one.answer_id}": _answer(body, one.score, survey_id, body.at, zone) for one in body.answers}
    await observations.post(session, posted)
    return SurveyStored(survey_id=survey_id, answers=len(posted))


async def get_survey(session: AsyncSession, principal: Principal, survey_id: str) -> SurveyDetail:
    """The answers as they stand."""
    rows = [row for row in await store.answers_at(session, _address(survey_id)) if principal.sees(district_id=row["area_id"])]
    if not rows:
        raise NotFound("no such survey")
    answers = [SurveyAnswer(answer_id=row["fact"].rpartition(":")[2], score=row["value_e4"] / UNIT) for row in rows]
    return SurveyDetail(survey_id=survey_id, area_id=rows[0]["area_id"], at=rows[0]["at"], answers=answers)


def _address(survey_id: str) -> str:
    return f"/v1/surveys/{survey_id}"


def _answer(body: SurveyBody, score: float, survey_id: str, at: datetime, zone: ZoneInfo) -> Posted:
    value = int((Decimal(str(score)) * UNIT).to_integral_value(ROUND_HALF_UP))
    return Posted(
        period=periods.month_of(at, zone),
        area_id=body.area_id,
        at=at,
        values={SATISFACTION: value},
        href=_address(survey_id),
        detail={"survey": derived_id("survey", survey_id)},
    )


async def appeal(session: AsyncSession, principal: Principal, body: IndexAppealBody) -> IndexAppealAnswer:
    period = periods.month(body.period)
    published = await store.head(session, body.level.value, period, body.revision)
    figure = published and await store.row_of_area(session, body.level.value, period, body.revision, body.area_id)
    if published is None or figure is None or not principal.sees(district_id=body.area_id):
        raise NotFound("no such published figure")
    if now() > published["appeal_until"]:
        raise Conflict("the time to appeal against this figure is over", code="appeal_too_late")
    row = body.model_dump() | {
        "level": body.level.value,
        "period": period,
        "status": "open",
        "answer": None,
        "actor": principal.token_id,
        "appeal_id": derived_id("index_appeal", body.level, period, body.revision, body.area_id, principal.token_id, body.reason),
        "filed_at": now(),
        "decided_at": None,
    }
    await store.add_appeal(session, row)
    return IndexAppealAnswer.model_validate(row)


async def decide(session: AsyncSession, principal: Principal, appeal_id: str, body: AppealDecision) -> IndexAppealAnswer:
    """An accepted appeal changes no figure by itself: what was wrong is corrected, and a new revision names it. Neither who
    appealed nor who published the figure decides."""
    filed = await store.appeal(session, appeal_id)
    if filed is None or filed["status"] != "open":
        raise NotFound("no such open appeal")
    figure = await store.head(session, filed["level"], filed["period"], filed["revision"])
    require_another(principal, None, [(filed["actor"], None)], "appealed against a figure")
    require_another(principal, None, [(figure["actor"], None)] if figure else [], "published a figure")
    values = {"status": "accepted" if body.accept else "refused", "answer": body.reason, "decided_at": now()}
    row = await store.decide_appeal(session, appeal_id, values)
    if row is None:
        raise NotFound("no such open appeal")
    return IndexAppealAnswer.model_validate(row)


async def appeals(session: AsyncSession, principal: Principal) -> Page[IndexAppealAnswer]:
    rows = [row for row in await store.appeals(session) if principal.sees(district_id=row["area_id"])]
    return Page(items=[IndexAppealAnswer.model_validate(row) for row in rows])

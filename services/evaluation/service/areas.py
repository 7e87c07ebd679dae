"""Areas, residents' surveys, appeals against a published figure."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import SATISFACTION, UNIT
from services.evaluation.domain.observations import Posted
from services.evaluation.domain.publications import OPEN, Area, IndexAppeal
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
from services.evaluation.service.refusals import refusals
from services.evaluation.store import index as store
from services.evaluation.store import publications as publication_store
from shared.assessment import AreaLevel
from shared.auth import Principal
from shared.bodies import Page
from shared.clock import now
from shared.districts import DISTRICT_DIGITS
from shared.errors import NotFound
from shared.four_eyes import require_another
from shared.ids import derived_id


async def put_area(session: AsyncSession, area_id: str, body: AreaBody) -> AreaAnswer:
    area = Area(
        area_id=area_id,
        level=AreaLevel.DISTRICT if len(area_id) == DISTRICT_DIGITS else AreaLevel.SUBDISTRICT,
        name_zh=body.name_zh,
        name_en=body.name_en,
        residents=body.residents,
        changed_at=now(),
    )
    await store.save_area(session, area)
    return AreaAnswer.model_validate(area)


async def list_areas(session: AsyncSession, principal: Principal) -> Page[AreaAnswer]:
    areas = [area for area in await store.areas(session) if principal.sees(district_id=area.area_id)]
    return Page(items=[AreaAnswer.model_validate(area) for area in areas])


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
    stored = await store.answers_at(session, _address(survey_id))
    seen = [observation for observation in stored if principal.sees(district_id=observation.area_id)]
    if not seen:
        raise NotFound("no such survey")
    answers = [SurveyAnswer(answer_id=one.fact.rpartition(":")[2], score=one.value_e4 / UNIT) for one in seen]
    return SurveyDetail(survey_id=survey_id, area_id=seen[0].area_id, at=seen[0].at, answers=answers)


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
    published = await publication_store.head(session, body.level, period, body.revision)
    figure = published and await publication_store.figure_of_area(session, published, body.area_id)
    if published is None or figure is None or not principal.sees(district_id=body.area_id):
        raise NotFound("no such published figure")
    with refusals():
        published.require_appealable(now())
    key = ("index_appeal", body.level, period, body.revision, body.area_id, principal.token_id, body.reason)
    filed = IndexAppeal(
        appeal_id=derived_id(*key),
        level=body.level,
        period=period,
        revision=body.revision,
        area_id=body.area_id,
        reason=body.reason,
        status=OPEN,
        answer=None,
        actor=principal.token_id,
        filed_at=now(),
        decided_at=None,
    )
    await publication_store.add_appeal(session, filed)
    return IndexAppealAnswer.model_validate(filed)


async def decide(session: AsyncSession, principal: Principal, appeal_id: str, body: AppealDecision) -> IndexAppealAnswer:
    """An accepted appeal changes no figure by itself: what was wrong is corrected, and a new revision names it. Neither who
    appealed nor who published the figure decides."""
    filed = await publication_store.appeal(session, appeal_id)
    if filed is None or not filed.is_open:
        raise NotFound("no such open appeal")
    published = await publication_store.head(session, filed.level, filed.period, filed.revision)
    require_another(principal, None, [(filed.actor, None)], "appealed against a figure")
    require_another(principal, None, [(published.actor, None)] if published else [], "published a figure")
    decided = filed.decided(body.accept, body.reason, now())
    if not await publication_store.save_decision(session, decided):
        raise NotFound("no such open appeal")
    return IndexAppealAnswer.model_validate(decided)


async def appeals(session: AsyncSession, principal: Principal) -> Page[IndexAppealAnswer]:
    seen = [one for one in await publication_store.appeals(session) if principal.sees(district_id=one.area_id)]
    return Page(items=[IndexAppealAnswer.model_validate(one) for one in seen])

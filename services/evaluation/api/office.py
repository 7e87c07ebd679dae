"""Endpoints of the office: areas, surveys, publishing, appeals against the index."""

from fastapi import APIRouter

from services.evaluation.api.access import Admin, Appellant, AreaInPath, Auditor, MonthInPath, Zone
from services.evaluation.schemas.index import (
    AppealDecision,
    AreaAnswer,
    AreaBody,
    IndexAppealAnswer,
    IndexAppealBody,
    PublicationAnswer,
    PublishBody,
    SourceAnswer,
    SurveyBody,
    SurveyDetail,
    SurveyStored,
)
from services.evaluation.service import areas, index, periods, queries
from shared.assessment import AreaLevel
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS, tags=["evaluation office"])


@router.put("/v1/areas/{area_id}", summary="A district or subdistrict that is ranked")
async def put_area(area_id: AreaInPath, body: AreaBody, session: Transaction, _: Admin) -> AreaAnswer:
    return await areas.put_area(session, area_id, body)


@router.get("/v1/areas", summary="Districts and subdistricts")
async def list_areas(session: Transaction, principal: Auditor) -> Page[AreaAnswer]:
    return await areas.list_areas(session, principal)


@router.put("/v1/surveys/{survey_id}", summary="Residents' answers about an area")
async def put_survey(survey_id: IdInPath, body: SurveyBody, session: Transaction, principal: Auditor, zone: Zone) -> SurveyStored:
    return await areas.put_survey(session, principal, survey_id, body, zone)


@router.get("/v1/surveys/{survey_id}", summary="A survey's answers as they stand")
async def get_survey(survey_id: IdInPath, session: Transaction, principal: Auditor) -> SurveyDetail:
    return await areas.get_survey(session, principal, survey_id)


@router.post("/v1/index-publications/{period}/{level}", summary="Publish a month's index, or correct it with a reason")
async def publish(
    period: MonthInPath, level: AreaLevel, body: PublishBody, session: Transaction, principal: Admin
) -> PublicationAnswer:
    return await index.publish(session, principal, level, periods.month(period), body)


@router.get("/v1/observations/{observation_id}", summary="The fact behind an observation")
async def get_source(observation_id: IdInPath, session: Transaction, principal: Auditor) -> SourceAnswer:
    return await queries.source(session, principal, observation_id)


@router.post("/v1/index-appeals", summary="Say that a published figure is wrong")
async def post_appeal(body: IndexAppealBody, session: Transaction, principal: Appellant) -> IndexAppealAnswer:
    return await areas.appeal(session, principal, body)


@router.get("/v1/index-appeals", summary="Appeals against published figures")
async def list_appeals(session: Transaction, principal: Auditor) -> Page[IndexAppealAnswer]:
    return await areas.appeals(session, principal)


@router.post("/v1/index-appeals/{appeal_id}/decision", summary="Accept or refuse an appeal")
async def decide_appeal(appeal_id: IdInPath, body: AppealDecision, session: Transaction, principal: Admin) -> IndexAppealAnswer:
    return await areas.decide(session, principal, appeal_id, body)

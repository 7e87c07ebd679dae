"""What goes on beside requests: evidence is asked for, overdue cases climb, old contact data is forgotten, figures are shown."""

import asyncio
import logging
from datetime import timedelta
from typing import cast

from services.complaint.domain.cases import Case
from services.complaint.metrics import ComplaintMetrics
from services.complaint.schemas.evidence import ServiceEvidence
from services.complaint.service import escalations, evidence
from services.complaint.store import cases as store
from shared.app import Resources
from shared.auth import TokenSigner
from shared.client import ApiClient, ApiError
from shared.clock import EPOCH, now
from shared.errors import is_outage
from shared.setting_aside import SetAside
from shared.settings import Settings
from shared.vocabulary import Role

log = logging.getLogger(__name__)
ASK_SECONDS, ESCALATE_SECONDS, FORGET_SECONDS, COUNT_SECONDS = 0.5, 10.0, 600.0, 5.0
AT_ONCE = 8
TOKEN_LIFE = timedelta(hours=1)
FAILED_AGAIN = timedelta(minutes=10)


class ServiceToken:
    """What we show other services: the installation's service token, or one signed here where the signing key is."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._token, self._until = settings, "", EPOCH

    def get(self) -> str:
        if self._settings.service_token is not None:
            return self._settings.service_token.get_secret_value()
        if now() > self._until:
            self._token, until = TokenSigner(self._settings.signing_key).issue(Role.AUDITOR, TOKEN_LIFE)
            self._until = until - TOKEN_LIFE / 4
        return self._token


async def ask_for_evidence(resources: Resources) -> None:
    """One process of the service does it; a route service that is away is asked again."""
    settings = resources.settings
    token = ServiceToken(settings)
    client = ApiClient(settings.url_of("route"), timeout_seconds=10)
    failing: SetAside[str] = SetAside("evidence", resources.metrics.set_aside)
    async with client as route, resources.database.leadership("evidence") as still_leading:
        while await still_leading():
            async with resources.database.read() as session:
                cases = await evidence.wanted(session, AT_ONCE)
            await asyncio.gather(*(_ask_or_postpone(resources, route, token, case, failing) for case in cases))
            if len(cases) < AT_ONCE:
                await resources.database.woken("evidence", ASK_SECONDS)


async def _ask_or_postpone(
    resources: Resources, route: ApiClient, token: ServiceToken, case: Case, failing: SetAside[str]
) -> None:
    try:
        await ask_one(resources, route, token, case)
    except Exception as error:
        if is_outage(error):
            raise
        failing.add(case.case_id, error)
        async with resources.database.transaction() as session:
            await evidence.postpone(session, case.case_id, FAILED_AGAIN)


async def ask_one(resources: Resources, route: ApiClient, token: ServiceToken, case: Case) -> None:
    asked_at, question = now(), evidence.question(case)
    if question is None:
        async with resources.database.transaction() as session:
            await evidence.drop_question(session, case.case_id)
        return
    try:
        answer = await route.get("/v1/service-evidence", question.parameters(), token=token.get())
    except (ApiError, OSError) as error:
        log.warning("the route service gives no evidence now", extra={"error": str(error)})
        async with resources.database.transaction() as session:
            await evidence.postpone(session, case.case_id)
        return
    service_evidence = ServiceEvidence.model_validate(answer)
    async with resources.database.transaction() as session:
        await evidence.save(session, case.case_id, asked_at, service_evidence, resources.settings.zone)


async def escalate(resources: Resources) -> None:
    failing: SetAside[str] = SetAside("escalate", resources.metrics.set_aside)
    async with resources.database.leadership("escalate") as still_leading:
        while await still_leading():
            async with resources.database.transaction() as session:
                risen = await escalations.escalate(session, resources.settings.zone, failing)
            await asyncio.sleep(0 if risen else ESCALATE_SECONDS)


async def forget(resources: Resources) -> None:
    async with resources.database.leadership("forget") as still_leading:
        while await still_leading():
            async with resources.database.transaction() as session:
                await escalations.forget(session)
            await asyncio.sleep(FORGET_SECONDS)


async def show_figures(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("ComplaintMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show(await store.open_counts(session, now()))
        await asyncio.sleep(COUNT_SECONDS)

"""Endpoints: credentials."""

from datetime import timedelta

from fastapi import APIRouter, Request

from services.gateway.api.access import Admin
from services.gateway.schemas.city import CredentialAnswer, CredentialBody
from services.gateway.service import districts
from shared.auth import TokenSigner
from shared.db import Transaction
from shared.errors import PROBLEMS
from shared.scope import BINDINGS

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/credentials", tags=["credentials"], summary="Issue a bearer token")
async def issue_credential(request: Request, session: Transaction, body: CredentialBody, _: Admin) -> CredentialAnswer:
    """The token is shown once and stored nowhere. 422 for a binding that its role does not honour: vehicles bind a device,
    stations and plants a station_operator, districts a dispatcher, inspector or auditor, contractors a dispatcher."""
    signer: TokenSigner = request.app.state.signer
    await districts.require_known(session, body.district_ids)
    scope = {name: getattr(body, name) for name in BINDINGS}
    token, expires_at = signer.issue(body.role, timedelta(seconds=body.ttl_seconds), **scope)
    return CredentialAnswer(token=token, expires_at=expires_at)

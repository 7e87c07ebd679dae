"""Third parties: whose key it is, how much it may ask, what it sends signed."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.canonical import sha256
from services.evaluation.domain.evaluators import Evaluator, Signature
from services.evaluation.schemas.evaluators import EvaluatorAnswer, EvaluatorBody, SignedBatch
from services.evaluation.schemas.inspections import BatchAnswer, InspectionBatch
from services.evaluation.service import inspections
from services.evaluation.store import evaluators as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound, described

UNBOUND_PER_MINUTE = 60
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Quota:
    limit: int
    used: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        remaining = max(0, self.limit - self.used)
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


async def put(session: AsyncSession, evaluator_id: str, body: EvaluatorBody) -> EvaluatorAnswer:
    if body.public_key is not None:
        _key(body.public_key)
    holder = await store.by_token(session, body.token_id)
    if holder is not None and holder.evaluator_id != evaluator_id:
        raise Conflict("this credential is another evaluator's", code="token_taken")
    evaluator = Evaluator(
        evaluator_id=evaluator_id,
        name=body.name,
        token_id=body.token_id,
        public_key=body.public_key,
        per_minute=body.per_minute,
        changed_at=now(),
    )
    await store.save(session, evaluator)
    return EvaluatorAnswer.model_validate(evaluator)


def _key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise Invalid("public_key is no Ed25519 key: 32 bytes in base64", code="not_a_key") from error


async def count_read(session: AsyncSession, principal: Principal) -> Quota:
    """In the database, so that it is the same however many processes serve. What is refused counts as well."""
    at = now()
    minute = at.replace(second=0, microsecond=0)
    bound = await store.by_token(session, principal.token_id)
    reader = bound.evaluator_id if bound else f"token:{principal.token_id}"
    used = await store.count(session, reader, minute)
    if used == 1:
        await store.forget(session, minute - 60 * MINUTE)
    return Quota(bound.per_minute if bound else UNBOUND_PER_MINUTE, used, 60 - at.second)


async def take_signed(session: AsyncSession, principal: Principal, body: SignedBatch, zone: ZoneInfo) -> BatchAnswer:
    """The signature is by the key of the evaluator whose credential sends it, over the text as it stands."""
    evaluator = await store.by_token(session, principal.token_id)
    if evaluator is None or evaluator.public_key is None:
        raise NotFound("this credential is bound to no evaluator with a key")
    try:
        _key(evaluator.public_key).verify(base64.b64decode(body.signature, validate=True), body.batch.encode())
    except (InvalidSignature, ValueError, binascii.Error) as error:
        raise Invalid("the signature does not verify; nothing was stored", code="bad_signature") from error
    try:
        batch = InspectionBatch.model_validate_json(body.batch)
    except ValidationError as error:
        raise Invalid("the signed batch does not fit the schema; see errors", errors=described(list(error.errors()))) from error
    source = f"evaluator:{evaluator.evaluator_id}"
    signature = Signature(evaluator_id=evaluator.evaluator_id, batch_sha256=sha256(body.batch))
    return await inspections.take(session, principal, source, batch.person, batch.inspections, zone, signature)

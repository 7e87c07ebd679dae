"""A telemetry body as records: the whole batch at once, or one by one when something in it is wrong."""

from pydantic import ValidationError
from pydantic_core import to_json

from services.vehicle.schemas.telemetry import BATCH, LOOSE_BATCH, RECORD, RecordAnswer
from services.vehicle.service.arrivals import Batch
from shared.auth import Principal
from shared.errors import BadRequest, Invalid, described


def read_batch(body: bytes, principal: Principal) -> Batch:
    """The records of a body; BadRequest when it is no JSON, Invalid when it is no batch, Forbidden for another's vehicle."""
    try:
        batch = BATCH.validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            raise BadRequest("the body is not JSON; nothing was stored") from error
        return _record_by_record(body, principal)
    principal.require_vehicle(batch.vehicle_id)
    return Batch(batch.vehicle_id, dict(enumerate(batch.records)))


def _record_by_record(body: bytes, principal: Principal) -> Batch:
    try:
        loose = LOOSE_BATCH.validate_json(body)
    except ValidationError as error:
        wrong = described(list(error.errors(include_url=False, include_input=False)))
        raise Invalid("the body is not a telemetry batch; nothing was stored", errors=wrong) from error
    principal.require_vehicle(loose.vehicle_id)
    batch = Batch(loose.vehicle_id, {})
    for index, record in enumerate(loose.records):
        try:
            batch.records[index] = RECORD.validate_json(to_json(record, inf_nan_mode="constants"))
        except ValidationError as error:
            batch.rejected.append(_rejection(index, error))
    return batch


def _rejection(index: int, error: ValidationError) -> RecordAnswer:
    first = described(list(error.errors(include_url=False, include_input=False)))[0]
    return RecordAnswer(
        index=index, status="rejected", code=first.get("code"), detail=f"{first.get('at')}: {first.get('detail')}"[:500]
    )

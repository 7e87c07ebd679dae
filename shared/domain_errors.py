"""What a rule may refuse with: each error has a status, a code, and a sentence that tells the caller what to do.

DomainError                a rule of the domain says no; never retried by a consumer
├── BadRequest      400    the request cannot be read
├── Unauthenticated 401    no token, or one that does not verify
├── Forbidden       403    the token does not reach this far
├── NotFound        404
├── Conflict        409
├── TooLarge        413
├── Invalid         422    read, but a value is wrong
├── TooMany         429    too much from one sender; `Retry-After` says how long to wait
└── TooBusy         503    nothing was stored; send again after `Retry-After`
"""

from http import HTTPStatus
from typing import Any


class DomainError(Exception):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail, self.code, self.errors = detail, code or self.code, errors


class BadRequest(DomainError):
    status, code = HTTPStatus.BAD_REQUEST, "bad_request"


class Unauthenticated(DomainError):
    status, code = HTTPStatus.UNAUTHORIZED, "unauthenticated"


class Forbidden(DomainError):
    status, code = HTTPStatus.FORBIDDEN, "forbidden"


class NotFound(DomainError):
    status, code = HTTPStatus.NOT_FOUND, "not_found"


class Conflict(DomainError):
    status, code = HTTPStatus.CONFLICT, "conflict"


class TooLarge(DomainError):
    status, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"


class Invalid(DomainError):
    pass


class TooMany(DomainError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooBusy(DomainError):
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "too_busy"

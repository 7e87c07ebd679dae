"""Every error of every service is problem+json (RFC 9457) that tells the caller what to do.

The errors that rules refuse with are in `shared/domain_errors.py`, which is pure; they can be imported from here as well.
"""

import errno
import logging
import socket
import sqlite3
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.domain_errors import (
    BadRequest,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooBusy,
    TooLarge,
    TooMany,
    Unauthenticated,
)

__all__ = [
    "PROBLEM",
    "PROBLEMS",
    "STORAGE_ERRORS",
    "BadRequest",
    "Conflict",
    "DomainError",
    "Forbidden",
    "Invalid",
    "NotFound",
    "TooBusy",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "described",
    "install",
    "is_disk_full",
    "is_outage",
    "problem",
    "wrong_fields",
]
log = logging.getLogger(__name__)
PROBLEM = "application/problem+json"


def wrong_fields(error: ValidationError, most: int) -> str:
    """What does not validate, by field and rule, not by value."""
    wrong = error.errors(include_url=False, include_input=False)[:most]
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong)


_OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InterfaceError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    PoolTimeout,
    ConnectionError,
    TimeoutError,
    socket.gaierror,
)
_OUTAGE_NUMBERS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH}
)
"""Of the operating system's errors: the network is away, the disk is full, too many files are open.
The others, such as a file that is not there, are faults of ours and stay so however often the work is tried."""
STORAGE_ERRORS: tuple[type[Exception], ...] = (
    DBAPIError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    PoolTimeout,
    OSError,
)


_SQLITE_OUTAGES = ("locked", "busy", "full", "I/O", "no such table", "no such column", "has no column")


def is_outage(error: BaseException) -> bool:
    """True when a database or broker is away, or older than the code: the same work may succeed later, unchanged."""
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        busy = isinstance(error.orig, sqlite3.OperationalError) and any(word in str(error.orig) for word in _SQLITE_OUTAGES)
        return busy or error.connection_invalidated or (cause is not None and is_outage(cause))
    return isinstance(error, _OUTAGES) or (isinstance(error, OSError) and error.errno in _OUTAGE_NUMBERS)


def is_disk_full(error: DBAPIError) -> bool:
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(cause, asyncpg.DiskFullError) or (isinstance(error.orig, sqlite3.Error) and "full" in str(error.orig))


def problem(
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {
        "type": f"urn:sanitation:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, media_type=PROBLEM)


def _problems() -> dict[int | str, dict[str, Any]]:
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {name: {"type": "string"} for name in ("type", "title", "detail", "code")}
        | {"status": {"type": "integer"}, "errors": {"type": "array", "items": {"type": "object"}}},
    }
    described = {
        "description": "A problem (RFC 9457): `detail` says what to do.",
        "content": {PROBLEM: {"schema": schema}},
    }
    return {"4XX": described, "5XX": described, 422: described}


PROBLEMS = _problems()
"""For every router: how an endpoint's errors are documented."""


def described(errors: list[Any], limit: int = 20) -> list[dict[str, Any]]:
    """Validation errors without the rejected input: it may be secret, huge or not even valid Unicode."""
    return [{"at": ".".join(_safe(part) for part in e["loc"]), "code": e["type"], "detail": e["msg"]} for e in errors[:limit]]


def _safe(part: object) -> str:
    return str(part).encode("ascii", "backslashreplace").decode()[:80]


def install(app: FastAPI, refused: Counter) -> None:
    """Answer every error of `app` as a problem; `refused` counts them by code."""

    def answer(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
        refused.labels(code).inc()
        return problem(status, code, detail, **more)

    @app.exception_handler(DomainError)
    async def domain(_: Request, error: DomainError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else None
        if isinstance(error, TooBusy):
            headers = {"Retry-After": "2"}
        if isinstance(error, TooMany):
            headers = {"Retry-After": str(error.retry_after_seconds)}
        return answer(error.status, error.code, error.detail, errors=error.errors, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = described(list(error.errors()))
        return answer(422, "invalid", "the request does not fit the schema; see errors", errors=errors)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return answer(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        if is_outage(error):
            log.warning("storage is away", extra={"error": type(error).__name__})
            return answer(503, "too_busy", "storage is away; nothing was stored, send again", headers={"Retry-After": "2"})
        log.error("unexpected error", exc_info=error)
        return answer(500, "internal", "an error of ours; it was logged under this request's id")

    for kind in (*STORAGE_ERRORS, Exception):
        app.add_exception_handler(kind, unexpected)

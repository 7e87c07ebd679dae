"""What happens to every request: a whole, bounded and unzipped body, a request id, a trace, a measured answer."""

import re
import zlib
from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import monotonic
from shared.errors import BadRequest, DomainError, TooLarge, problem
from shared.metrics import Metrics
from shared.tracing import continue_trace, request_id

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
CLIENT_CLOSED_REQUEST = 499
"""Only for the metrics, as nginx has it: the caller went away before the request was whole."""
_FIXED_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


class RequestMiddleware:
    """Pure ASGI: a wrapper class per request would cost more than a small endpoint."""

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body_bytes: int, larger: Mapping[str, int]) -> None:
        self._app, self._metrics, self._max_body_bytes, self._larger = app, metrics, max_body_bytes, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        started, status = monotonic(), 0
        rid = headers.get(b"x-request-id", b"").decode("latin-1")
        trace = continue_trace(headers.get(b"traceparent", b"").decode("latin-1"))
        rid = rid if _REQUEST_ID.fullmatch(rid) else trace[3:35]
        request_id.set(rid)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                names = {name for name, _ in message["headers"]}
                extra = [header for header in _FIXED_HEADERS if header[0] not in names]
                message["headers"] = [*message["headers"], (b"x-request-id", rid.encode()), *extra]
            await send(message)

        try:
            if scope["method"] not in WITHOUT_BODY:
                body = await self._body(scope["path"], headers, receive)
                scope["headers"] = [header for header in scope["headers"] if header[0] != b"content-encoding"]
                receive = _once(body, receive)
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            status = CLIENT_CLOSED_REQUEST  # nobody is there to be answered, and half a body must not look like a whole one
        except DomainError as error:
            self._metrics.rejected.labels(error.code).inc()
            await problem(error.status, error.code, error.detail)(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(scope["method"] if route != "none" else "other", route, status).observe(
                monotonic() - started
            )

    async def _body(self, path: str, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        limit = self._larger.get(path, self._max_body_bytes)
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in {b"identity", b"gzip"}:
            raise DomainErrorUnsupported("send the body as it is or with Content-Encoding: gzip")
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            more = message.get("more_body", False)
        body = b"".join(parts)
        return _unzipped(body, limit) if encoding == b"gzip" else body


_READ = frozenset({b"content-encoding", b"content-length", b"traceparent", b"x-request-id"})


class DomainErrorUnsupported(DomainError):
    status, code = 415, "unsupported_media_type"  # type: ignore[assignment]


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body may have at most {limit} bytes, unzipped; send it in parts")


def _unzipped(body: bytes, limit: int) -> bytes:
    """At most `limit` bytes are ever made from a body, however well it was packed."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest("the body says gzip but is not") from error
    if len(plain) > limit:
        raise _too_large(limit)
    if not unzip.eof or unzip.unused_data:
        raise BadRequest("the gzip body is cut off or has something behind its end")
    return plain


def _once(body: bytes, receive: Receive) -> Receive:
    delivered = False

    async def again() -> Message:
        nonlocal delivered
        if delivered:
            return await receive()
        delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

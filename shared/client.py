"""Calls from one program to a service's public HTTP API."""

import gzip
import json
import ssl
from collections.abc import Sequence
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

ZIP_FROM_BYTES = 2048
JPEG = "image/jpeg"
"""What a body of bytes is."""
FILE = "application/octet-stream"


class ApiError(Exception):
    """The other side answered with a problem, or did not answer (`status` 0). `errors`: what the problem lists, as `at: why`."""

    def __init__(self, status: int, detail: str, retry_after_seconds: float | None = None, errors: Sequence[str] = ()) -> None:
        super().__init__(f"{status or 'no answer'}: {detail}")
        self.status, self.detail, self.retry_after_seconds, self.errors = status, detail, retry_after_seconds, errors


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count; read once, for reading them takes longer than most requests."""
    return httpx.create_ssl_context()


class ApiClient:
    def __init__(
        self,
        base_url: str,
        token: str = "",
        timeout_seconds: float = 30,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=timeout_seconds,
            transport=transport,
            limits=limits,
            verify=_trusted(),
        )

    async def get(self, path: str, params: dict[str, Any] | None = None, *, token: str | None = None) -> Any:
        return await self._call("GET", path, params=params, token=token)

    async def put(self, path: str, body: Any) -> Any:
        return await self._call("PUT", path, body)

    async def post(self, path: str, body: Any, *, token: str | None = None) -> Any:
        return await self._call("POST", path, body, token=token)

    async def post_file(self, path: str, content: bytes, options: dict[str, Any]) -> Any:
        """A file as the body, and what is said of it as the query: `{"mapping": ["time=arrive"]}`; None is left out."""
        params = {name: value for name, value in options.items() if value is not None}
        return await self._call("POST", path, content, params=params, media_type=FILE)

    async def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, Any] | None = None,
        token: str | None = None,
        media_type: str = JPEG,
    ) -> Any:
        headers, content = {}, None
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, bytes):
            headers["Content-Type"], content = media_type, body
        elif body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
            if len(content) >= ZIP_FROM_BYTES:
                headers["Content-Encoding"] = "gzip"
                content = gzip.compress(content, 1)
        try:
            answer = await self._http.request(method, path, content=content, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise ApiError(0, type(error).__name__) from error
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise _problem(answer)
        try:
            return answer.json()
        except ValueError as error:
            raise ApiError(0, "what answered speaks no JSON; is the address right?") from error

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


def _problem(answer: httpx.Response) -> ApiError:
    try:
        problem = answer.json()
        detail = str(problem.get("detail", ""))
        errors = [f"{one.get('at', one.get('code', '?'))}: {one.get('detail', '')}" for one in problem.get("errors", [])]
    except (ValueError, AttributeError, TypeError):
        detail, errors = answer.reason_phrase, []
    wait = answer.headers.get("Retry-After", "")
    return ApiError(answer.status_code, detail, float(wait) if wait.isdigit() else None, errors)

"""Who may see metrics and the details of health.

Whoever asks a service without a proxy between, as Prometheus and probes do: the network lets nobody else in. What came through an
edge came from outside and needs a token of an auditor or admin. The all-in-one is itself the edge: from this machine, or a token.
"""

from starlette.requests import Request

from shared.auth import Allow
from shared.errors import DomainError
from shared.vocabulary import Role

FORWARDED = ("x-forwarded-for", "forwarded")
"""Every proxy adds one of them, and nobody outside can take it away again."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
_token = Allow(frozenset({Role.AUDITOR, Role.ADMIN}))


async def require_inspector(request: Request, *, local_only: bool = False) -> None:
    """Raises Unauthenticated or Forbidden."""
    forwarded = any(name in request.headers for name in FORWARDED)
    local = request.client is not None and request.client.host in LOOPBACK
    if forwarded or (local_only and not local):
        await _token(request)


async def may_inspect(request: Request, *, local_only: bool = False) -> bool:
    try:
        await require_inspector(request, local_only=local_only)
    except DomainError:
        return False
    return True

"""Signed bearer tokens (JWT, EdDSA) that each service verifies by itself, and what their bearer may reach.

Only the gateway and the CLI hold the signing key. A token names a role and the things it is bound to; an empty list of
districts (or contractors, stations) means the whole city, but a device without a vehicle reaches nothing. A guard says by
which bindings its endpoint narrows (`allow`); a bearer bound by anything else is refused there.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from shared.clock import now
from shared.errors import Forbidden, Invalid, NotFound, Unauthenticated
from shared.files import create_private, write_private
from shared.ids import new_id
from shared.scope import BINDINGS, HONOURED, VEHICLES, Scope, require_honoured
from shared.vocabulary import Role

ISSUER = "sanitation"
MAX_TOKEN = 8192
WHOLE_CITY = Scope()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they reach (`shared/scope.py`)."""

    token_id: str
    role: Role
    expires_at: datetime
    scope: Scope = WHOLE_CITY

    def require_vehicle(self, vehicle_id: str) -> None:
        """A device reaches its own vehicle; other roles are bound by district and contractor instead."""
        if self.role is Role.DEVICE and vehicle_id not in self.scope.vehicle_ids:
            raise Forbidden(f"this token is not bound to vehicle {vehicle_id}")

    def sees(self, **thing: str | None) -> bool:
        return self.scope.sees(**thing)

    def require_sight(self, what: str, **thing: str | None) -> None:
        """Outside its scope a thing does not exist: the answer must not tell that it does."""
        if not self.sees(**thing):
            raise NotFound(f"no such {what}")

    @property
    def is_contractor(self) -> bool:
        """Whether this is a contractor's own dispatcher, who is judged by what others decide."""
        return bool(self.scope.contractor_ids)


class TokenSigner:
    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    @cached_property
    def _key(self) -> bytes:
        """Read when it is first used: to migrate the gateway's tables nobody needs to hold the key."""
        return self._key_file.read_bytes()

    def issue(self, role: Role, lifetime: timedelta, **scope: list[str]) -> tuple[str, datetime]:
        """A token and when it expires; `scope`: any of BINDINGS. Invalid if the role cannot honour one, or lacks its own."""
        bindings = [name for name in BINDINGS if scope.get(name)]
        require_honoured(role, bindings)
        if role is Role.DEVICE and not bindings:
            raise Invalid("a device token must name its vehicles in vehicle_ids")
        return self.sign(role, lifetime, **scope)

    def sign(self, role: Role, lifetime: timedelta, **scope: list[str]) -> tuple[str, datetime]:
        """`issue` without looking at what is signed."""
        expires_at = now().replace(microsecond=0) + lifetime
        claims: dict[str, Any] = {"iss": ISSUER, "jti": new_id(), "role": role.value, "exp": expires_at, "iat": now()}
        claims |= {name: sorted(set(scope[name])) for name in BINDINGS if scope.get(name)}
        return jwt.encode(claims, self._key, algorithm="EdDSA"), expires_at


class TokenVerifier:
    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        # Verifying a signature costs as much as the rest of a small request; a token is verified once a process.
        self._verified = lru_cache(maxsize=20_000)(lambda token: _verify(token, self._key))

    @cached_property
    def _key(self) -> bytes:
        """Read when it is first used: to migrate the tables nobody needs to hold a key."""
        return self._key_file.read_bytes()

    def principal(self, token: str) -> Principal:
        if len(token) > MAX_TOKEN:
            raise Unauthenticated("the token is too long")
        principal = self._verified(token)
        if principal.expires_at <= now():
            raise Unauthenticated("the token has expired; ask for a new one")
        return principal


def _verify(token: str, key: bytes) -> Principal:
    options: Any = {"require": ["exp", "iss", "jti", "role"], "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer=ISSUER, options=options)
        scope = Scope(**{name: frozenset(map(str, claims.get(name, ()))) for name in BINDINGS})
        expires_at = datetime.fromtimestamp(claims["exp"], now().tzinfo)
        return Principal(str(claims["jti"]), Role(claims["role"]), expires_at, scope)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError) as error:
        raise Unauthenticated("the token does not verify") from error


def make_keys(signing_key: Path, verify_key: Path) -> bool:
    """Make this installation's own key pair unless it is there; True when one of the two files was made.

    A file is there as a whole or not at all. The verify key is written last, and anew when it does not belong to the
    signing key: what was interrupted is finished by the next call.
    """
    made = not signing_key.exists() and create_private(signing_key, _new_signing_key())
    private = serialization.load_pem_private_key(signing_key.read_bytes(), password=None)
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    if verify_key.exists() and verify_key.read_bytes() == public:
        return made
    write_private(verify_key, public)
    return True


def _new_signing_key() -> bytes:
    key, encryption = Ed25519PrivateKey.generate(), serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


class Allow(HTTPBearer):
    """The dependency that guards an endpoint: `principal: Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]`."""

    def __init__(self, roles: frozenset[Role], narrows: frozenset[str] = frozenset()) -> None:
        super().__init__(scheme_name="token", description="`sanitation credentials issue --role ROLE`")
        self.roles, self.narrows = roles, narrows

    async def __call__(self, request: Request) -> Principal:  # type: ignore[override]
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("send `Authorization: Bearer <token>`")
        verifier: TokenVerifier = request.app.state.resources.verifier
        principal = verifier.principal(token)
        if principal.role not in self.roles:
            raise Forbidden(f"role {principal.role} may not do this; it takes one of {', '.join(sorted(self.roles))}")
        self._require_narrowed(principal)
        return principal

    def narrowed_by(self, role: Role) -> frozenset[str]:
        """The bindings that a bearer of this role may carry here."""
        return self.narrows & HONOURED[role]

    def _require_narrowed(self, principal: Principal) -> None:
        """Whoever is bound sees a part only; where the endpoint cannot tell which part, they see nothing."""
        bindings = principal.scope.bindings
        if principal.role is Role.DEVICE and VEHICLES not in bindings:
            raise Forbidden("this token names no vehicle; ask for one with vehicle_ids")
        if beyond := bindings - self.narrowed_by(principal.role):
            names = ", ".join(sorted(beyond))
            raise Forbidden(f"this cannot be narrowed to the token's {names}; ask for a token without {names}")


def allow(*roles: Role, narrows: Collection[str] = ()) -> Callable[..., Any]:
    """Guard for an endpoint; an admin may do whatever anybody may.

    `narrows`: the bindings (`shared/scope.py`) by which the endpoint narrows what it answers or changes. A bearer with another
    one is refused. `BINDINGS`: what it answers is nobody's in particular, such as rules, a calendar, a published figure.
    """
    return Depends(Allow(frozenset({*roles, Role.ADMIN}), frozenset(narrows)))  # type: ignore[no-any-return]


class FastRoute(APIRoute):
    """For a small request that comes a thousand times a second: its endpoint takes the request and its bearer, nothing else,
    and makes its own Response. Guard and endpoint are called as they are, without FastAPI's general way to find arguments.
    """

    def __init__(self, path: str, endpoint: Callable[[Request, Principal], Awaitable[Response]], **described: Any) -> None:
        super().__init__(path, endpoint, **described)
        [guard] = [dependency.call for dependency in self.dependant.dependencies]

        async def app(scope: AsgiScope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            response = await endpoint(request, await guard(request))  # type: ignore[misc]
            await response(scope, receive, send)

        self.app = app

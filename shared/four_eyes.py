"""Whoever is judged does not judge, whoever asks does not approve: a second token, and a second person where one is named."""

from collections.abc import Iterable

from shared.auth import Principal
from shared.errors import Forbidden

CODE = "four_eyes"


def require_not_judged(principal: Principal, what: str) -> None:
    """Forbidden for a contractor's own token; `what` it wanted: "rule on its own stops"."""
    if principal.scope.contractor_ids:
        raise Forbidden(f"a contractor does not {what}: a dispatcher whose token has no contractor_ids must do this", code=CODE)


def require_another(principal: Principal, person: str | None, before: Iterable[tuple[str, str | None]], what: str) -> None:
    """Forbidden if this token, or this person, is among those (token, person) who did `what` before: "asked for this"."""
    for token_id, name in before:
        if token_id == principal.token_id or (person and name and person.strip().casefold() == name.strip().casefold()):
            raise Forbidden(f"who {what} does not decide on it: somebody else, with a token of their own, must", code=CODE)

"""A city that people at scales and desks tell what they do."""

from typing import Any

from shared.client import ApiError


class Desk:
    """A city that notes what it is told, and fails as often as it is asked to."""

    def __init__(self, *failures: int) -> None:
        self.told: list[str] = []
        self._failures = list(failures)

    async def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        raise AssertionError(f"{path} {params}")

    async def post(self, path: str, body: Any, *, token: str | None = None) -> Any:
        assert body
        assert token is None
        return self._take(f"POST {path}")

    async def put(self, path: str, body: Any) -> Any:
        assert body
        return self._take(f"PUT {path}")

    def _take(self, said: str) -> dict[str, str]:
        if self._failures:
            raise ApiError(self._failures.pop(0), "no")
        self.told.append(said)
        return {"ticket_id": "id-of-T"}

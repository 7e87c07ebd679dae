"""Bodies of the rules that hold today."""

from typing import Any

from shared.bodies import Answer


class CategoryAnswer(Answer):
    code: str
    zh: str
    en: str
    group: str
    kind: str
    matter_code: str | None
    event_code: str | None


class RulesAnswer(Answer):
    """What holds today: categories, clocks, and what is taken in."""

    categories: list[CategoryAnswer]
    clocks: dict[str, Any]
    intake: dict[str, Any]

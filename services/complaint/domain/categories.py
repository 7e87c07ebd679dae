"""What people complain about: the hotline's categories with their codes in GB/T 47678.5-2026 and GB/T 30428.2-2013."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What Open311 asks about a service besides; its names are the standard's."""

    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`kind`: matter or component, for the two share their numbers in GB/T 47678.5. `task`, `stream`: what to ask the route
    service for; `task` null: no round can have prevented it. `attributes`: what Open311 asks besides."""

    __pydantic_config__ = {"extra": "forbid"}

    code: str
    zh: str
    en: str
    group: str
    kind: str
    matter_code: str | None
    event_code: str | None
    task: str | None
    stream: str | None
    urgency: str
    keywords: Sequence[str]
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories(Version):
    groups: Mapping[str, Sequence[str]]
    categories: Sequence[Category]
    imported: Mapping[str, str]
    """What another city's service is called, in small letters → our code; the longest name that a service's name contains."""

    def by_code(self) -> dict[str, Category]:
        return {category.code: category for category in self.categories}


def category_of_import(service_name: str, imported: Mapping[str, str], default: str) -> str:
    name = service_name.casefold()
    fitting = [word for word in imported if word in name]
    return imported[max(fitting, key=len)] if fitting else default

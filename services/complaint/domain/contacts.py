"""Whom to call back, and who looked at that."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from services.complaint.domain.intake import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Of one person; what is not known is None."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    account_id: str | None = None

    def known(self) -> dict[str, str]:
        """What is known of them, by its name."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, known: Mapping[str, str | None]) -> Self:
        return cls(**known)

    def masked(self) -> Self:
        return type(self)(**{name: masked(value) for name, value in self.known().items()})

    @property
    def mark(self) -> str:
        """The same for the same person."""
        return "\x1f".join(value or "" for value in (self.phone, self.email, self.account_id, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContact:
    """Encrypted, of a case or of one who follows it."""

    contact_id: str
    case_id: str
    follows: bool
    sealed: bytes
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLook:
    """Who looked at contact data, when and why."""

    look_id: str
    case_id: str
    actor: str
    person: str
    reason: str
    at: datetime

"""What complaints say of people, encrypted with this installation's key (Fernet: AES-128-CBC with HMAC-SHA-256)."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property

from cryptography.fernet import Fernet, MultiFernet

from shared.files import create_private
from shared.settings import Settings


class ContactEncryption:
    """The newest key encrypts, all of them decrypt; `SANITATION_CONTACT_KEY`, else a file of this installation's own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _keys(self) -> list[str]:
        if self._settings.contact_key is not None:
            return [key.strip() for key in self._settings.contact_key.get_secret_value().split(",") if key.strip()]
        file = self._settings.data_dir / "keys" / "contact.key"
        if not file.exists():
            create_private(file, Fernet.generate_key())
        return [file.read_text().strip()]

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self._keys])

    def encrypt(self, contact: Mapping[str, str | None]) -> bytes:
        return self._fernet.encrypt(json.dumps(dict(contact), ensure_ascii=False).encode())

    def decrypt(self, sealed: bytes) -> dict[str, str | None]:
        contact: dict[str, str | None] = json.loads(self._fernet.decrypt(sealed))
        return contact

    def digest(self, text: str) -> str:
        """A digest that only this installation can make: the same for the same text, and the text cannot be found from it."""
        return hashlib.blake2b(text.encode(), key=self._keys[-1].encode()[:64], digest_size=16).hexdigest()

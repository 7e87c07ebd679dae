"""Third parties who read the index and send inspections of their own."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """`token_id`: of the credential it reads with; `public_key`: Ed25519, base64, of the batches it signs."""

    evaluator_id: str
    name: str
    token_id: str
    public_key: str | None
    per_minute: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Whose batch an inspection came in, and the digest of its text."""

    evaluator_id: str
    batch_sha256: str

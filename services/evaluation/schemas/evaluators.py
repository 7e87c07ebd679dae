"""Bodies of third-party evaluators."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.bodies import Answer, Body, Code, Name

Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=200)]


class EvaluatorBody(Body):
    """`token_id`: of the credential that it was given; `public_key`: Ed25519, 32 bytes in base64."""

    name: Name
    token_id: Code
    public_key: Base64 | None = None
    per_minute: int = Field(120, ge=1, le=100_000)


class EvaluatorAnswer(Answer):
    evaluator_id: str
    name: str
    token_id: str
    public_key: str | None
    per_minute: int


class SignedBatch(Body):
    """`batch`: the text of an `InspectionBatch`; `signature`: Ed25519 over its UTF-8 bytes, in base64."""

    batch: str = Field(min_length=2, max_length=8 << 20)
    signature: Base64

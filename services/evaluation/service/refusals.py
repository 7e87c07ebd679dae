"""What the rules refuse, as the error that the caller gets."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.evaluation.domain.refusals import BadValue, Refused
from shared.errors import Conflict, Invalid


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except BadValue as error:
        raise Invalid(error.detail, code=error.code) from error
    except Refused as error:
        raise Conflict(error.detail, code=error.code) from error

"""Which failures pass by themselves and which do not."""

import errno
import socket

import asyncpg
import pytest
from pydantic import ValidationError

from shared.bodies import Body
from shared.errors import is_outage, wrong_fields


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("gone"),
        ConnectionRefusedError("away"),
        TimeoutError(),
        socket.gaierror("no such host yet"),
        OSError(errno.ENOSPC, "no space left on device"),
        OSError(errno.EHOSTUNREACH, "no route"),
        OSError(errno.EMFILE, "too many open files"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.DeadlockDetectedError("again"),
        asyncpg.UndefinedColumnError("the database is older than the code"),
    ],
)
def test_what_is_away_or_full_may_succeed_later(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "no such file"),
        PermissionError(errno.EACCES, "not allowed"),
        IsADirectoryError(errno.EISDIR, "a directory"),
        OSError("of no number"),
        OSError(errno.EINVAL, "invalid argument"),
        ValueError("wrong"),
        asyncpg.UniqueViolationError("twice"),
    ],
)
def test_a_fault_of_ours_stays_one_however_often_it_is_tried(error: Exception) -> None:
    assert not is_outage(error)


class Plate(Body):
    plate: str
    axles: int


def test_what_does_not_validate_is_told_by_field_and_rule_and_not_by_value() -> None:
    with pytest.raises(ValidationError) as error:
        Plate.model_validate({"plate": 7, "axles": "secret"})
    assert wrong_fields(error.value, 1) == "plate: Input should be a valid string"
    assert "secret" not in wrong_fields(error.value, 2)

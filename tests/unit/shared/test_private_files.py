"""Keys and data files are closed to others, and a process that dies between two writes leaves nothing half done."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from shared import auth, files
from shared.auth import TokenSigner, TokenVerifier, make_keys
from shared.db import Database
from shared.settings import Settings
from shared.vocabulary import Role


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize("dies_at", ["create_private", "write_private"])
def test_keys_whose_making_was_interrupted_are_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    signing, verify = tmp_path / "signing.pem", tmp_path / "verify.pem"

    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(auth, dies_at, dies)
        with pytest.raises(KeyboardInterrupt):
            make_keys(signing, verify)
    make_keys(signing, verify)
    token, _ = TokenSigner(signing).issue(Role.ADMIN, timedelta(hours=1))
    assert TokenVerifier(verify).principal(token).role is Role.ADMIN
    assert {mode(signing), mode(verify)} == {"0o600"}


def test_a_verify_key_of_another_pair_is_replaced_and_a_right_one_stays(tmp_path: Path) -> None:
    signing, verify = tmp_path / "signing.pem", tmp_path / "verify.pem"
    assert make_keys(signing, verify)
    right = verify.read_bytes()
    verify.write_bytes(b"")
    assert make_keys(signing, verify)
    assert verify.read_bytes() == right
    assert not make_keys(signing, verify)


def test_a_write_that_dies_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    files.write_private(file, b"old")
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        files.write_private(file, b"new")
    assert file.read_bytes() == b"old"


def test_of_two_that_create_a_file_one_wins(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert files.create_private(file, b"first")
    assert not files.create_private(file, b"second")
    assert file.read_bytes() == b"first"
    assert [left.name for left in tmp_path.iterdir()] == ["key"]


async def test_a_database_file_is_closed_to_others(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    database = Database(Settings(data_dir=directory), "vehicle")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE t (n int)"))
    assert mode(directory) == "0o700"
    assert {mode(file) for file in directory.iterdir()} == {"0o600"}
    assert {file.name for file in directory.iterdir()} >= {"vehicle.sqlite3", "vehicle.sqlite3-wal"}
    await database.close()


async def test_a_database_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.sqlite3"
    file.touch(mode=0o644)
    database = Database(Settings(data_dir=tmp_path), "vehicle")
    await database.ping()
    assert mode(file) == "0o600"
    await database.close()

"""A revision that was released never changes: databases made by it are out there, and only fresh ones would notice."""

import hashlib
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RELEASED: dict[str, str] = json.loads((HERE / "released_revisions.json").read_text("utf-8"))
REVISIONS = sorted(file.relative_to(ROOT).as_posix() for file in ROOT.glob("services/*/migrations/versions/0*.py"))


def digest(path: str) -> str:
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


@pytest.mark.parametrize("path", sorted(RELEASED))
def test_a_released_revision_is_as_it_was_released(path: str) -> None:
    assert (ROOT / path).exists(), "it was released; databases need it to know where they are"
    assert digest(path) == RELEASED[path], "write a new revision instead"


def test_every_revision_is_on_the_list_of_released_ones() -> None:
    """A new revision is written down with its change; from then on it stays as it is."""
    missing = {path: digest(path) for path in REVISIONS if path not in RELEASED}
    assert not missing, f"add to tests/unit/house/released_revisions.json: {json.dumps(missing, indent=4)}"


def test_the_revisions_of_each_service_are_one_line() -> None:
    for service in sorted({path.split("/")[1] for path in REVISIONS}):
        numbers = [Path(path).name[:4] for path in REVISIONS if path.split("/")[1] == service]
        assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_each_revision_follows_the_one_before_it() -> None:
    for path in REVISIONS:
        number = Path(path).name[:4]
        before = f'"{int(number) - 1:04d}"' if number != "0001" else "None"
        assert f"\ndown_revision = {before}\n" in (ROOT / path).read_text("utf-8"), path

"""Which node is good enough, and where it is found."""

import os
from pathlib import Path

import pytest

from deploy.local import node


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v20.19.0", True),
        ("v20.18.9", False),
        ("v18.20.4", False),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("", False),
        ("node: not found", False),
    ],
)
def test_a_node_that_can_build_the_page_is_told_by_its_version(version: str, good: bool) -> None:
    assert node.is_new_enough(version) is good


def program(directory: Path, name: str, says: str) -> Path:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(f"#!/bin/sh\necho {says}\n")
    (directory / name).chmod(0o755)
    return directory


def test_the_first_node_that_is_new_enough_and_has_npm_is_taken(tmp_path: Path) -> None:
    old, bare, good = (tmp_path / name for name in ("old", "bare", "good"))
    for directory, version in ((old, "v12.22.12"), (bare, "v24.0.0"), (good, "v22.12.1")):
        program(directory, "node", version)
    program(old, "npm", "6")
    program(good, "npm", "10")
    path = os.pathsep.join(map(str, (old, tmp_path / "nowhere", bare, good)))
    assert node.find(path) == good
    assert node.find(str(old)) is None

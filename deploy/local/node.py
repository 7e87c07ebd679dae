"""Finds node and npm, or brings them as a wheel. `python -m deploy.local.node npm ci` runs a command that finds both."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LOCK = CHECKOUT / "node.lock"
NODE_20, NODE_22 = (20, 19), (22, 12)
"""Vite runs on node 20 from 20.19 on and on node 22 from 22.12 on."""


class NodeMissing(RuntimeError):
    """There is no usable node, and the wheel cannot be installed; the message says what to do."""


def is_new_enough(version: str) -> bool:
    """`version` as node prints it: v20.19.0."""
    numbers = re.match(r"v(\d+)\.(\d+)\.", version)
    if not numbers:
        return False
    major, minor = int(numbers[1]), int(numbers[2])
    return NODE_20 <= (major, minor) < (21, 0) or (major, minor) >= NODE_22


def find(path: str) -> Path | None:
    """The directory of a node that is new enough and has npm beside it."""
    for directory in path.split(os.pathsep):
        node, npm = (shutil.which(name, path=directory) for name in ("node", "npm"))
        if node and npm and is_new_enough(_version(node)):
            return Path(directory)
    return None


def ensure() -> Path:
    """The directory with node and npm: the machine's own, else the wheel's in this virtual environment."""
    ours = Path(sys.executable).parent
    path = os.environ.get("PATH", "")
    directory = find(path) or find(str(ours))
    if directory is None:
        print("no node 20.19 or newer here; installing it as a wheel", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        if subprocess.run([*command, "-r", str(LOCK)], check=False).returncode:
            raise NodeMissing("node could not be installed as a wheel; install node 20.19 or newer")
        directory = find(str(ours))
    if directory is None:
        raise NodeMissing("the node of the wheel does not run here; install node 20.19 or newer")
    return directory


def environment() -> dict[str, str]:
    """Of a command that shall find node and npm first."""
    return os.environ | {"PATH": os.pathsep.join((str(ensure()), os.environ.get("PATH", "")))}


def _version(node: str) -> str:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


if __name__ == "__main__":
    try:
        sys.exit(subprocess.run(sys.argv[1:], env=environment(), check=False).returncode)
    except NodeMissing as problem:
        sys.exit(str(problem))

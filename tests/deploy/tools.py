"""Where the programs that check containers and manifests are, and how they are run."""

import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.local.packages import ensure

ROOT = Path(__file__).resolve().parents[2]
DEPLOY, K8S, PROGRAMS = ROOT / "deploy", ROOT / "k8s", ROOT / ".venv-tools" / "bin"
CONSOLE = ROOT / "services" / "gateway" / "console"
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir())
FOREIGN = {"HTTPRoute", "ServiceMonitor", "PrometheusRule", "Cluster", "RabbitmqCluster"}
"""Kinds of resources that operators bring: their schemas are not to be had without a network."""


def tool(name: str) -> str:
    program = PROGRAMS / name
    assert program.exists(), f"{name} is missing; `make tools` brings it"
    return str(program)


def promtool() -> str:
    return str(ensure("prometheus")["prometheus"].with_name("promtool"))


def amtool() -> str:
    return str(ensure("alertmanager")["alertmanager"].with_name("amtool"))


def run(*command: str | Path, text: str | None = None) -> str:
    """What it says when all is well; the test fails with it otherwise."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    return said


@cache
def rendered(overlay: str) -> str:
    """The manifests that `kubectl apply -k` would send."""
    return subprocess.run(
        [tool("kubectl"), "kustomize", str(K8S / "overlays" / overlay)], capture_output=True, text=True, check=True
    ).stdout


@cache
def _parsed(overlay: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(rendered(overlay)))


def manifests(overlay: str, *kinds: str) -> list[dict[str, Any]]:
    """Those of these kinds; all without a kind. They are shared: nobody changes them."""
    return [m for m in _parsed(overlay) if not kinds or m["kind"] in kinds]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def anchors(markdown: str) -> set[str]:
    """Of the headings, as a forge makes them."""
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", markdown)}


def locked(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package in a requirements file."""
    entries: Sequence[str] = re.split(r"\n(?=[a-z0-9])", path.read_text("utf-8"))
    found = {}
    for entry in entries:
        if match := re.match(r"([a-z0-9._-]+)==([^ ;\\]+)", entry):
            found[match[1]] = (match[2], frozenset(re.findall(r"sha256:[0-9a-f]{64}", entry)))
    return found

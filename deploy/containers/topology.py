"""deploy/compose.yaml run by podman, where there is no Docker engine: the same images, users, limits, networks and secrets.

What is left to compose itself: the order of starting (here `start` is called in order), dependencies, and profiles. No image of
Grafana or the blackbox exporter can be had without a registry; they are left out.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).with_name("images.sh")
PROGRAMS = ("podman", "buildah", "runc", "debootstrap", "dpkg", "apt-get")
NETWORK_PACKAGES = ("netavark", "aardvark-dns")
"""Names of containers resolve with these only. They are unpacked beside, not installed."""
LEFT_OUT = frozenset({"grafana", "blackbox"})
SERVICES = ("vehicle", "route", "transfer-station", "incinerator", "complaint", "evaluation", "gateway")
PREFIX = "sanitation-check"
START_TIMEOUT_SECONDS = 180.0


def missing() -> str:
    """Why containers cannot be run here; empty when they can."""
    if os.geteuid() != 0:
        return "containers need root here"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"{', '.join(absent)} not found: apt-get install -y --no-install-recommends podman buildah runc debootstrap uidmap"
    return ""


class Topology:
    """`work` is a scratch directory; `ports` replaces PORT, HJ212_PORT and PROMETHEUS_PORT."""

    def __init__(self, work: Path, secrets: Path, ports: dict[str, int]) -> None:
        self._work, self._secrets = work, secrets
        self._values = {name: str(port) for name, port in ports.items()}
        document = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
        self._services = {name: service for name, service in document["services"].items() if name not in LEFT_OUT}
        self._networks: dict[str, Any] = document["networks"]
        self._environment = os.environ | {"WORK": str(work), "CONTAINERS_CONF": str(work / "containers.conf")}
        self.url = f"http://127.0.0.1:{ports['PORT']}"

    def prepare(self) -> None:
        """The engine's settings, all images, and the networks."""
        self._configure_engine()
        for step in ("bases", "app"):
            subprocess.run(["bash", str(IMAGES), step], env=self._environment, check=True)
        for name, network in self._networks.items():
            internal = ["--internal"] if network.get("internal") else []
            self.podman("network", "create", *internal, f"{PREFIX}-{name}")

    def _configure_engine(self) -> None:
        programs = self._work / "net"
        if not programs.exists():
            debs = self._work / "debs"
            debs.mkdir(parents=True, exist_ok=True)
            subprocess.run(["apt-get", "download", *NETWORK_PACKAGES], cwd=debs, check=True, stdout=subprocess.DEVNULL)
            for deb in debs.glob("*.deb"):
                subprocess.run(["dpkg", "-x", str(deb), str(programs)], check=True)
        (self._work / "networks").mkdir(parents=True, exist_ok=True)
        (self._work / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n'
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
            f'helper_binaries_dir = ["{programs}/usr/lib/podman", "/usr/lib/podman", "/usr/bin"]\n'
            f'[network]\nnetwork_backend = "netavark"\nnetwork_config_dir = "{self._work}/networks"\n'
        )

    def start(self, *names: str, version: str | None = None) -> None:
        """Containers of these services, replaced if they are there; waits until each is well (`migrate`: has succeeded)."""
        for name in names:
            self.remove_container(name)
            self.podman(*self._run(name, version))
        for name in names:
            self.wait_until_well(name)

    def run_once(self, name: str, *arguments: str) -> str:
        """`docker compose run --rm NAME ARGUMENTS…`; what it prints."""
        return self.podman(*self._run(name, None, detached=False), *arguments)

    def wait_until_well(self, name: str) -> None:
        if name == "migrate":
            code = self.podman("wait", f"{PREFIX}-{name}").strip()
            if code != "0":
                raise RuntimeError(f"migrate ended with {code}:\n{self.log(name)}")
            return
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while self._podman("healthcheck", "run", f"{PREFIX}-{name}").returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} is not well:\n{self.log(name)}")
            time.sleep(1)

    def kill9(self, name: str) -> None:
        """SIGKILL of its first process, as the kernel would: the engine must start it again by itself."""
        os.kill(int(self.inspect(name)["State"]["Pid"]), 9)

    def inspect(self, name: str) -> dict[str, Any]:
        (found,) = json.loads(self.podman("inspect", f"{PREFIX}-{name}"))
        return dict(found)

    def exec(self, name: str, *command: str) -> str:
        return self.podman("exec", f"{PREFIX}-{name}", *command)

    def log(self, name: str) -> str:
        done = self._podman("logs", "--tail", "40", f"{PREFIX}-{name}")
        return done.stdout + done.stderr

    def remove_container(self, name: str) -> None:
        self._podman("rm", "--force", "--time", "20", "--volumes", f"{PREFIX}-{name}")

    def remove(self) -> None:
        """Containers, volumes and networks of this check; images stay."""
        for name in reversed(self._services):
            self.remove_container(name)
        for volume in self._podman("volume", "ls", "--quiet").stdout.split():
            if volume.startswith(PREFIX):
                self._podman("volume", "rm", volume)
        for name in self._networks:
            self._podman("network", "rm", "--force", f"{PREFIX}-{name}")

    def podman(self, *arguments: str) -> str:
        done = self._podman(*arguments)
        if done.returncode:
            raise RuntimeError(f"podman {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _podman(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["podman", *arguments], env=self._environment, capture_output=True, text=True, check=False)

    def _run(self, name: str, version: str | None, *, detached: bool = True) -> list[str]:
        """The words of `podman run` that mean what compose.yaml says of this service."""
        service = self._services[name]
        limits = service["deploy"]["resources"]["limits"]
        words = ["run", "--name", f"{PREFIX}-{name}"] if detached else ["run", "--rm"]
        words += ["--detach", f"--restart={self._restart(service)}"] if detached else []
        words += ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--health-interval=disable"]
        words += [f"--cap-add={capability}" for capability in service.get("cap_add", [])]
        words += [f"--memory={limits['memory'].lower()}", f"--pids-limit={limits['pids']}", f"--cpus={limits['cpus']}"]
        words += [f"--user={service['user']}"] if "user" in service else []
        words += [f"--hostname={service['hostname']}"] if "hostname" in service else []
        networks = [f"{PREFIX}-{network}:alias={name}" for network in service.get("networks", [])]
        words += [f"--network={network}" for network in networks or [service.get("network_mode", "none")]]
        words += [f"--publish={self._filled(port)}" for port in service.get("ports", [])] if detached else []
        words += [f"--env={key}={self._filled(str(value))}" for key, value in service.get("environment", {}).items()]
        words += [f"--volume={volume}" for volume in self._volumes(service)]
        words += self._health(service)
        entry = service.get("entrypoint")
        words += [f"--entrypoint={json.dumps(entry)}"] if entry else []
        image = self._filled(service["image"])
        words.append(image if version is None else f"{image.partition(':')[0]}:{version}")
        command = list(service.get("command", []))
        if name == "postgres":
            command += ["-c", "unix_socket_directories=/tmp"]  # podman's tmpfs has no owner to be given
        return words + (command if detached or not entry else [])

    def _restart(self, service: dict[str, Any]) -> str:
        return str(service["restart"])

    def _health(self, service: dict[str, Any]) -> list[str]:
        check = service.get("healthcheck", {})
        if "test" not in check:
            return []  # the image's own
        kind, *command = check["test"]
        return [f"--health-cmd={command[0] if kind == 'CMD-SHELL' else shlex.join(command)}"]

    def _volumes(self, service: dict[str, Any]) -> list[str]:
        """Files of deploy/, named volumes, secrets; a tmpfs with an owner becomes a volume, which has the image's."""
        volumes = []
        for volume in service.get("volumes", []):
            source, _, rest = volume.partition(":")
            if source == "./secrets":
                volumes.append(f"{self._secrets}:{rest}")
            elif source.startswith("./"):
                volumes.append(f"{DEPLOY / source}:{rest}")
            else:
                volumes.append(f"{PREFIX}-{source}:{rest}")
        for secret in service.get("secrets", []):
            name, target = (secret, f"/run/secrets/{secret}") if isinstance(secret, str) else (secret["source"], secret["target"])
            volumes.append(f"{self._secrets / name}:{target}:ro")
        paths = [path.partition(":")[0] for path in service.get("tmpfs", [])]
        return volumes + [path for path in paths if path not in {"/tmp", "/var/run/postgresql"}]  # noqa: S108 - podman gives /tmp itself

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: self._values.get(found[1], found[2]), text)

"""Finds the servers' programs; installs the missing Debian packages when it may. `python -m deploy.local.packages`."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Debian's RabbitMQ wraps its programs in a script that insists on the user `rabbitmq`; the real one lies here.
RABBITMQ_GLOB = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"
CHINESE_FONT_GLOB = "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
POSTGRES_GLOB = "usr/lib/postgresql/*/bin/postgres"

DEBIAN_PACKAGES = {
    "postgres": ("postgresql", "postgresql-client"),
    "rabbitmq": ("rabbitmq-server",),
    "caddy": ("caddy",),
    "prometheus": ("prometheus",),
    "alertmanager": ("prometheus-alertmanager",),
    "chromium": ("chromium", "fonts-noto-cjk"),
    "curl": ("curl",),
}
PROGRAMS = {"alertmanager": "prometheus-alertmanager"}
"""What a server's program is called where that is not the server's name."""


class PackagesMissing(RuntimeError):
    """Programs are missing and this user may not install them; the message is the command to run."""


def find(server: str) -> Path | None:
    """The program of a server of DEBIAN_PACKAGES: the newest of those installed, None when there is none."""
    if server == "postgres":
        return _newest(POSTGRES_GLOB) or _on_path("postgres")
    if server == "rabbitmq":
        return _newest(RABBITMQ_GLOB) or _on_path("rabbitmq-server")
    if server == "chromium" and not _newest(CHINESE_FONT_GLOB):
        return None  # a browser that draws Chinese as boxes shows nobody what the page looks like
    return _on_path(PROGRAMS.get(server, server))


def ensure(*servers: str) -> dict[str, Path]:
    """The programs of the named servers (all without arguments), installed by apt when missing and root.

    Raises PackagesMissing with the one command to run when this user may not install.
    """
    wanted = servers or tuple(DEBIAN_PACKAGES)
    missing = [server for server in wanted if find(server) is None]
    if missing:
        _install([package for server in missing for package in DEBIAN_PACKAGES[server]])
    return {server: _found(server) for server in wanted}


def _install(packages: list[str]) -> None:
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PackagesMissing(f"needed programs are missing; run this as root:\n  {command}")
    print(f"installing {' '.join(packages)}", file=sys.stderr)
    # RUNLEVEL=1 keeps Debian from starting its own service of the package; PostgreSQL gets no cluster made either.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    no_cluster = Path("/etc/postgresql-common/createcluster.d/sanitation-local.conf")
    if any(package.startswith("postgresql") for package in packages):
        no_cluster.parent.mkdir(parents=True, exist_ok=True)
        no_cluster.write_text("create_main_cluster = false\n")
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=sys.stderr)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        check=True,
        env=environment,
        stdout=sys.stderr,
    )


def _found(server: str) -> Path:
    program = find(server)
    if program is None:
        raise PackagesMissing(f"{server} is still missing after installing {' '.join(DEBIAN_PACKAGES[server])}")
    return program


def _on_path(name: str) -> Path | None:
    program = shutil.which(name)
    return Path(program) if program else None


def _newest(pattern: str) -> Path | None:
    return max(Path("/").glob(pattern), key=_version, default=None)


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]


if __name__ == "__main__":
    try:
        for server, program in ensure().items():
            print(f"{server:10} {program}")
    except (PackagesMissing, subprocess.CalledProcessError) as problem:
        sys.exit(str(problem))

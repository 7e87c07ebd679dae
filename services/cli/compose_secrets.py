"""sanitation secrets: random passwords and a key pair for deploy/compose.yaml.

What is there stays: a second run changes nothing, for PostgreSQL keeps the password of its first start.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet

from shared.auth import TokenSigner, make_keys
from shared.ids import new_password
from shared.vocabulary import Role

SERVICE_TOKEN_LIFE = timedelta(days=3650)


def make_all(directory: Annotated[Path, typer.Argument(help="compose.yaml looks for them in deploy/secrets")]) -> None:
    """Make what is missing of the passwords and keys that deploy/compose.yaml needs."""
    made = make_secrets(directory)
    typer.echo(f"made in {directory}: {', '.join(made)}" if made else f"all there already in {directory}", err=True)


def make_secrets(directory: Path) -> list[str]:
    """The names of the files made. The directory is closed to others; the files are not, because Docker hands each
    into its container with the owner and mode it has here, and the containers run as numbers that this machine does not know."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    postgres, rabbitmq, grafana = (new_password() for _ in range(3))
    groups = [
        {
            "postgres_password": postgres,
            "sanitation_database_url": f"postgresql://sanitation:{postgres}@postgres:5432/sanitation",
        },
        {
            "rabbitmq.conf": f"default_user = sanitation\ndefault_pass = {rabbitmq}\nloopback_users = none\n",
            "sanitation_bus_url": f"amqp://sanitation:{rabbitmq}@rabbitmq:5672/",
        },
        {"grafana_admin_password": grafana},
        {"sanitation_contact_key": Fernet.generate_key().decode()},
    ]
    made = [name for group in groups for name in _make_together(directory, group)]
    if make_keys(directory / "signing.pem", directory / "verify.pem"):
        made += ["signing.pem", "verify.pem"]
    token, _ = TokenSigner(directory / "signing.pem").issue(Role.AUDITOR, SERVICE_TOKEN_LIFE)
    made += _make_together(directory, {"sanitation_service_token": token})
    for file in directory.iterdir():
        file.chmod(0o444)
    return made


def _make_together(directory: Path, files: dict[str, str]) -> list[str]:
    """All of them or none: two files that hold one password must not be of different runs."""
    there = [name for name in files if (directory / name).exists()]
    if there and len(there) < len(files):
        raise SystemExit(f"{directory} holds {', '.join(there)} but not the rest of {', '.join(files)}: restore or delete them")
    for name, text in files.items():
        if not there:
            (directory / name).write_text(text)
    return [] if there else list(files)

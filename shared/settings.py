"""Everything that differs between one installation and the next, read from SANITATION_* variables."""

import os
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("vehicle", "route", "transfer_station", "incinerator", "complaint", "evaluation", "gateway")
"""Each has a package of its name in services/, and a schema or file of its own; the gateway comes last."""


class Settings(BaseSettings):
    """Defaults run the whole suite in one process on SQLite and the in-process bus."""

    # What is secret may also be a file in the directory SANITATION_SECRETS_DIR, named as its variable in small letters.
    model_config = SettingsConfigDict(
        env_prefix="SANITATION_", secrets_dir=os.environ.get("SANITATION_SECRETS_DIR"), extra="ignore", frozen=True
    )

    data_dir: Path = Path("data")
    port: int = Field(8000, validation_alias=AliasChoices("PORT", "SANITATION_PORT", "port"))
    host: str = "127.0.0.1"
    database_url: SecretStr | None = None
    """postgresql://…; each service uses the schema of its name. Unset: one SQLite file per service in `data_dir`."""
    database_connections: int = 15
    """To PostgreSQL, of one process at most; one of them is for the tasks that only one process does."""
    bus_url: SecretStr | None = None
    """amqp://…; unset: events are handed over inside this process."""
    timezone: str = "Asia/Shanghai"
    vehicle_url: str | None = None
    route_url: str | None = None
    transfer_station_url: str | None = None
    incinerator_url: str | None = None
    complaint_url: str | None = None
    evaluation_url: str | None = None
    gateway_url: str | None = None
    public_url: str | None = None
    """Where the whole suite answers, every path; commands and people go there."""
    signing_key_file: Path | None = None
    verify_key_file: Path | None = None
    max_body_bytes: int = 1 << 20
    max_import_bytes: int = 32 << 20
    max_photo_bytes: int = 10 << 20
    contact_key: SecretStr | None = None
    """Encrypts what complaints say of people: one or more Fernet keys, newest first, separated by commas. Unset: a key of this
    installation's own in `data_dir`/keys."""
    service_token: SecretStr | None = None
    """A token of role evaluator for what one service asks another. Unset: signed by itself where the signing key is."""
    jurisdiction_id: str | None = None
    """Open311: the jurisdiction that requests must name when they name one."""
    hj212_port: int | None = None
    """Where data loggers of incineration plants connect; unset: nobody listens for them."""
    hj212_connections: int = 500
    """Connections there of devices that have not yet shown that they are registered; known loggers always get in."""
    hj212_connections_per_address: int = 50
    """How many of those one address may hold."""
    backup_dir: Path | None = None
    """Where backups are (`sanitation backup`, or the `backup` container): the gateway's metrics tell how old the newest is."""
    trusted_proxies: str = "127.0.0.1"
    """Whose word about the sender's address is taken (X-Forwarded-For): addresses separated by commas, or *."""
    connections_per_address: int = 500
    """Connections that one address may hold; trusted proxies hold as many as they like."""
    live_streams: int = 200
    """Live streams that one process serves at once; more are told to come again."""
    log_level: str = "INFO"
    group_commit_seconds: float = 0.004
    group_commit_records: int = 2000
    outbox_room: int = 100_000
    """Unsent events that ingest may pile up while the broker is away before it answers 503."""

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def signing_key(self) -> Path:
        return self.signing_key_file or self.data_dir / "keys" / "signing.pem"

    @property
    def verify_key(self) -> Path:
        return self.verify_key_file or self.data_dir / "keys" / "verify.pem"

    @property
    def edge_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    def url_of(self, service: str) -> str:
        """Where `service` answers; all-in-one: every service at the one port."""
        return getattr(self, f"{service}_url", None) or self.edge_url

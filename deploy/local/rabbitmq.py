"""A RabbitMQ node of our own on one machine: own name, epmd, cookie and files, a generated user, 127.0.0.1 only."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.packages import ensure
from deploy.local.passwords import kept_password
from deploy.local.ports import free_ports
from deploy.local.process import ManagedProcess
from shared.files import write_private

USER = "sanitation"
START_TIMEOUT_SECONDS = 90.0
LIMITS = ("disk_free_limit.absolute = 50MB",)
"""What a laptop or a test's machine has; deploy/rabbitmq/rabbitmq.conf holds those of the container."""


class LocalRabbit:
    """start() waits until AMQP connections are accepted; messages survive stop(), kill() and restart()."""

    def __init__(self, directory: Path, port: int, *, limits: Sequence[str] = LIMITS) -> None:
        self.port = port
        self._limits = limits
        self._directory = directory.resolve()
        self._home = self._directory / "rabbitmq"
        self._program = ensure("rabbitmq")["rabbitmq"]
        self._epmd_port, self._distribution_port = free_ports(2)
        # epmd is started here rather than by Erlang, which would leave a daemon behind that listens everywhere.
        self._epmd = ManagedProcess(
            "epmd",
            [shutil.which("epmd") or "epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"],
            self._directory,
        )
        self.process = ManagedProcess(
            "rabbitmq", [str(self._program)], self._directory, environment=self._environment(), stop_timeout_seconds=60
        )

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self._password}@127.0.0.1:{self.port}/"

    @property
    def alive(self) -> bool:
        return self.process.alive

    def start(self) -> None:
        self._write_configuration()
        self._epmd.start()
        self._epmd.wait_until_listening(self._epmd_port, START_TIMEOUT_SECONDS)
        self.process.start()
        self.process.wait_until_listening(self.port, START_TIMEOUT_SECONDS)

    def stop(self) -> None:
        self.process.stop()
        self._epmd.stop()

    def kill(self) -> None:
        """SIGKILL of the Erlang machine, as a crash."""
        self.process.kill9()

    def restart(self) -> None:
        self.stop()
        self.start()

    def set_memory_watermark(self, fraction: float) -> None:
        """The share of the machine's memory above which the broker takes no messages; 0 puts it in alarm at once."""
        self.control("set_vm_memory_high_watermark", str(fraction))

    def sync(self) -> None:
        """Write the register of queues to disk: RabbitMQ does so some seconds after a declaration, and a queue whose node is
        killed before that never comes back."""
        self.control("eval", "lists:foreach(fun dets:sync/1, dets:all()), mnesia:sync_log().")

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl ARGUMENTS…` prints."""
        command = [str(self._program.with_name("rabbitmqctl")), "--node", "sanitation@localhost", *arguments]
        done = subprocess.run(command, env=self._environment(), check=True, capture_output=True, text=True, timeout=60)
        return done.stdout

    def remove(self) -> None:
        """Stops the node and deletes its data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def _password(self) -> str:
        return kept_password(self._directory / "rabbitmq.password")

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        home = self._home
        return kept | {
            "HOME": str(home),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "sanitation@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "node.pid"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            # Nothing of a RabbitMQ that the distribution may have configured is read.
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
            # Makes the start script become the Erlang machine instead of waiting beside it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _write_configuration(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.port}",
            # Naming the first user here also means that `guest` is never made.
            f"default_user = {USER}",
            f"default_pass = {self._password}",
            "default_user_tags.administrator = true",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            *self._limits,
        ]
        write_private(self._home / "rabbitmq.conf", ("\n".join(lines) + "\n").encode())
        (self._home / "advanced.config").write_text("[].\n")
        (self._home / "enabled_plugins").write_text("[].\n")
        if not (self._home / ".erlang.cookie").exists():
            write_private(self._home / ".erlang.cookie", secrets.token_hex(20).encode())
            (self._home / ".erlang.cookie").chmod(0o400)

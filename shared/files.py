"""Files of this installation that nobody else on the machine may read."""

import os
import tempfile
from pathlib import Path


def private_directory(directory: Path) -> None:
    """Make the directory, 0700, unless it is there."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)


def private_file(file: Path) -> None:
    """Make the file, 0600, unless it is there; one that others may read is closed to them."""
    private_directory(file.parent)
    file.touch(mode=0o600)
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)


def write_private(file: Path, content: bytes) -> None:
    """Write the file, 0600, as a whole: whoever reads it finds the old content or the new, also after a crash."""
    _unfinished(file, content).replace(file)


def create_private(file: Path, content: bytes) -> bool:
    """The same unless the file is there, which then stays as it is: of several processes one wins. Whether it was this one."""
    unfinished = _unfinished(file, content)
    try:
        file.hardlink_to(unfinished)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True


def _unfinished(file: Path, content: bytes) -> Path:
    private_directory(file.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return Path(name)

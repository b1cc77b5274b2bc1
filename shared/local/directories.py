"""Is this directory fit for a server: may we write, is there room, and does nobody else use it?"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from pathlib import Path

from shared.errors import Unavailable

_MEGABYTE = 1_000_000


def made(directory: Path, *, mode: int = 0o755) -> Path:
    """The directory, absolute, made with its parents if need be. Raises Unavailable."""
    directory = directory.absolute()
    try:
        directory.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as failure:
        raise cannot_write(directory, failure) from failure
    return directory


def cannot_write(place: Path, failure: OSError) -> Unavailable:
    """The plain sentence for a file or directory that could not be written."""
    if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Unavailable(
            f"the disk that holds {place} is full.",
            code="disk-full",
            remedy="Free some space and try again.",
        )
    return Unavailable(
        f"{place} cannot be written: {failure.strerror}.",
        code="cannot-write",
        remedy="Make it writable for you, or set KESU_VAR to a directory that is.",
    )


def require_space(directory: Path, *, megabytes: int) -> None:
    """Raise Unavailable('disk-full') unless the disk of the directory has that much room."""
    free = shutil.disk_usage(directory).free // _MEGABYTE
    if free < megabytes:
        raise Unavailable(
            f"the disk that holds {directory} has {free} MB left; {megabytes} MB are needed.",
            code="disk-full",
            remedy="Free some space, or set KESU_VAR to a directory on a larger disk.",
        )


class Claim:
    """The right to start and stop what lives in a directory; ends with the process at last."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "claim.lock"
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether the directory is ours now; False while another process holds it."""
        if self._handle is not None:
            return True
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as failure:
            raise cannot_write(self._path, failure) from failure
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_back(self) -> None:
        """Let another process have the directory."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

"""How does a command write a file without harm to any other? Whole or not at all, and only what is its own.

A file is written under a temporary name in the same directory and put in its place at the end. What stands
there already is replaced only if the command can tell that an earlier run made it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from shared.errors import Rejected

PRIVATE = 0o600
"""For whatever may hold personal data: nobody else on the machine reads it."""
OPEN = 0o644
_HEAD_BYTES = 65_536


class OwnFile:
    """A file that a command is about to write; the checks are made at once, before any work is done."""

    def __init__(
        self,
        path: Path,
        *,
        is_ours: Callable[[bytes], bool],
        option: str,
        inputs: Iterable[Path] = (),
        mode: int = PRIVATE,
    ) -> None:
        """Check the place. `is_ours` judges the beginning of what stands there already.

        Raises Rejected('output-is-input'), 'file-exists', 'output-unwritable', naming `option`.
        """
        # A link to the place stays a link: what it points to is what is meant.
        self._option = option
        try:
            self.path = path.resolve()
        except (OSError, RuntimeError) as error:
            raise Rejected("output-unwritable", f"{path} leads nowhere", field=option) from error
        self._mode = mode
        self._is_ours = is_ours
        for given in inputs:
            if _is_same(self.path, given):
                raise Rejected(
                    "output-is-input",
                    f"{path} is the file that is read",
                    field=option,
                    remedy="Name another place to write to.",
                )
        self._check_place()
        self._draft: Path | None = None
        self._stream: BinaryIO | None = None

    @property
    def is_begun(self) -> bool:
        """Whether anything was written."""
        return self._stream is not None

    def write(self, content: bytes) -> None:
        """Add to the draft, which is made with the first piece. Raises Rejected('output-unwritable')."""
        try:
            if self._stream is None:
                self._stream = self._begun()
            self._stream.write(content)
        except OSError as error:
            raise self._unwritable(error) from error

    def keep(self) -> None:
        """Put the draft in its place, whole. Raises Rejected('file-exists'), 'output-unwritable'."""
        if self._stream is None or self._draft is None:
            return
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            # Somebody may have put a file there since.
            self._check_place()
            self._draft.replace(self.path)
        except OSError as error:
            raise self._unwritable(error) from error
        self._stream, self._draft = None, None

    def discard(self) -> None:
        """Let go of the draft; what stood in its place before still does."""
        if self._stream is not None and self._draft is not None:
            self._stream.close()
            self._draft.unlink(missing_ok=True)
            self._stream, self._draft = None, None

    def remove_earlier(self) -> None:
        """Take away what an earlier run left in this place; what is not ours stays."""
        if self.path.exists():
            self._check_place()
            self.path.unlink()

    def _begun(self) -> BinaryIO:
        self._draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(self._draft, flags, self._mode), "wb")

    def _check_place(self) -> None:
        folder = self.path.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            why = "cannot be written to" if folder.is_dir() else "is no folder"
            raise Rejected(
                "output-unwritable",
                f"{folder} {why}",
                field=self._option,
                remedy=f"Name another place with {self._option}.",
            )
        if not os.path.lexists(self.path):
            return
        if not self.path.is_file() or not self._is_ours(_head(self.path)):
            raise Rejected(
                "file-exists",
                f"{self.path} is there already and was not written by this command",
                field=self._option,
                remedy=f"Name another place with {self._option}, or move that file away yourself.",
            )

    def _unwritable(self, error: OSError) -> Rejected:
        return Rejected(
            "output-unwritable",
            f"{self.path}: {error.strerror}",
            field=self._option,
            remedy=f"Name another place with {self._option}.",
        )


def write_own(file: OwnFile, content: bytes) -> None:
    """The content in its place, whole or not at all. Raises what `OwnFile` raises."""
    try:
        file.write(content)
        file.keep()
    finally:
        file.discard()


def _is_same(path: Path, given: Path) -> bool:
    """Whether both are one file, by whatever name, or will be."""
    try:
        return path.samefile(given)
    except OSError:
        return path == given.resolve()


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""

"""What may these tests ask for? The files of a small, sound company."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared.policy.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Sound files in a folder of their own."""
    return Files(tmp_path)

"""Does a failure read as plain sentences?"""

from __future__ import annotations

import pytest

from shared.errors import Rejected, Unavailable


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Rejected("x", "the file is cut"), "the file is cut"),
        (Rejected("x", "the file is cut", remedy="Fetch it again."), "the file is cut. Fetch it again."),
        (Rejected("x", "It is cut.", remedy="Fetch it again."), "It is cut. Fetch it again."),
        (Unavailable("port 8001 is taken", field="KESU_INTAKE_PORT", remedy="Use another."),
         "port 8001 is taken (field KESU_INTAKE_PORT). Use another."),
    ],
)  # fmt: skip
def test_what_where_and_what_to_do(error, sentence):
    assert error.sentence() == sentence

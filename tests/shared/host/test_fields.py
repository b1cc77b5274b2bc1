"""Which texts do doors take?"""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.host.fields import Line, OptionalLine, Text


@pytest.mark.parametrize("kind", [Line, OptionalLine], ids=["line", "optional"])
@pytest.mark.parametrize("sign", "\n\r\t\x0b\x0c\x1b\x7f\x85\u2028\u2029")
def test_a_line_is_one_line(kind, sign):
    with pytest.raises(ValidationError, match="must be one line"):
        TypeAdapter(kind).validate_python(f"Wang{sign}Fang")


@pytest.mark.parametrize("text", ["王小明", "O'Brien-Müller", "Coil 3 × 7 mm", "a b", "ﬀ\u200d"])
def test_a_line_keeps_every_letter(text):
    assert TypeAdapter(Line).validate_python(text) == text


def test_a_text_has_lines():
    assert TypeAdapter(Text).validate_python("a\r\n\tb") == "a\r\n\tb"

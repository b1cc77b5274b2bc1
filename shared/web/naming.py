"""What is a clock of a policy called in the reader's language?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shared.web.languages import known_language
from shared.web.texts import Catalogue, read_texts

_TEXTS = Path(__file__).parent / "templates"


def clock_name(name: str, language: str) -> str:
    """`final-response` as "final response" or "最终答复"; a law's clock with the law's code behind it.

    A name that a company made up itself is shown as it is written, hyphens as spaces; a language that
    we do not write gets English.
    """
    law, _, own = name.rpartition(".")
    spoken = _texts().get(f"clock.{own}", {}).get(known_language(language) or "en", own.replace("-", " "))
    if not law:
        return spoken
    return f"{spoken}（{law}）" if known_language(language) == "zh" else f"{spoken} ({law})"


@cache
def _texts() -> Catalogue:
    return read_texts((_TEXTS,))

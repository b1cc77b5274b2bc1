"""Which of our languages does a reader want?"""

from __future__ import annotations

LANGUAGES: dict[str, str] = {"zh": "中文", "en": "English"}
"""Code and own name of every language that pages are written in."""


def known_language(tag: str | None) -> str | None:
    """Our code for a BCP 47 tag such as `zh-Hans-CN` or `EN`; None where we do not speak it."""
    primary = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else None


def choose_language(accept_language: str | None, default: str) -> str:
    """The language of ours that the header ranks highest; `default` where it names none of them.

    Source: RFC 9110 section 12.5.4; weights of 0 exclude, malformed weights count as 0.
    """
    best, best_weight = known_language(default) or next(iter(LANGUAGES)), 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        language = known_language(tag)
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best


def page_language(lang: str | None, own: str | None, accept_language: str | None) -> str:
    """The switch's choice, else the complaint's or person's `own`, else the browser's (edge case 39)."""
    chosen = known_language(lang) or known_language(own)
    return chosen or choose_language(accept_language, "zh")


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip().lower() == "q" and 0 <= weight <= 1 else 0.0

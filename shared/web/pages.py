"""How does a template become a page? Jinja2 with autoescape, in the reader's language."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.web.languages import LANGUAGES, choose_language, known_language
from shared.web.naming import clock_name
from shared.web.static import asset
from shared.web.texts import Catalogue, in_language, read_texts, speak

__all__ = ["LANGUAGES", "choose_language", "known_language", "render"]

BASE = Path(__file__).parent / "templates"


def render(template: str, *, language: str, directories: tuple[Path, ...] = (), **values: object) -> str:
    """The page as HTML; `directories` are searched first, then the base templates.

    In templates: `say("key", name=...)` gives a text of the directories' `texts.yaml`,
    `label(mapping)` the wording of a policy or organisation label, `clock_name(name)` what a clock is
    called, `asset("kesu.css")` the address of a static file, `language` and `languages` what they say.
    An unset value raises instead of leaving a hole.
    """
    environment, texts = _workshop(directories)
    return environment.get_template(template).render(
        {
            "say": lambda key, **fields: speak(texts, key, language, fields),
            "label": partial(in_language, language=language),
            "clock_name": partial(clock_name, language=language),
            "asset": asset,
            "language": language,
            "languages": LANGUAGES,
        }
        | values
    )


@lru_cache
def _workshop(directories: tuple[Path, ...]) -> tuple[Environment, Catalogue]:
    environment = Environment(
        loader=FileSystemLoader([*directories, BASE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment, read_texts((BASE, *directories))

"""What do pages say in each language? Catalogues of plain YAML, checked when they are read.

A `texts.yaml` stands beside the templates that use it and holds `key: {zh: ..., en: ...}`: both
languages side by side, so that no translation is forgotten unseen, and no step that compiles them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from shared.errors import Rejected
from shared.policy.document import read_document
from shared.web.languages import LANGUAGES

Catalogue = Mapping[str, Mapping[str, str]]
_SHAPE = TypeAdapter(dict[str, dict[str, str]])


def read_texts(directories: tuple[Path, ...]) -> Catalogue:
    """All texts of these directories by key, then language; a later directory overrides an earlier.

    Raises Rejected('text-malformed') or Rejected('text-untranslated') naming the file and the key.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for directory in directories:
        file = directory / "texts.yaml"
        if file.is_file():
            texts.update(_read(file))
    return texts


def speak(texts: Catalogue, key: str, language: str, values: Mapping[str, object]) -> str:
    """The text in this language, `{name}` fields filled in.

    Raises Rejected('text-unknown'): a page that would show a hole is a bug found in tests.
    """
    try:
        return texts[key][language].format_map(values)
    except KeyError as error:
        raise Rejected(
            "text-unknown", f"no text or field {error.args[0]} for {key} in {language}", field=key
        ) from None


def in_language(labels: Mapping[str, str], language: str) -> str:
    """A label of policy or organisation in this language, else in its first; '' if it has none."""
    return labels.get(language) or next(iter(labels.values()), "")


def _read(file: Path) -> Catalogue:
    document = read_document(file, texts=True)
    for problem in document.problems:
        raise Rejected("text-malformed", problem.sentence(), field=file.name)
    try:
        texts = _SHAPE.validate_python(document.value)
    except ValidationError as error:
        raise Rejected("text-malformed", f"{file.name}: {error}", field=file.name) from error
    for key, languages in texts.items():
        if missing := LANGUAGES.keys() - languages.keys():
            raise Rejected(
                "text-untranslated",
                f"{file.name}: {key} is missing in {', '.join(sorted(missing))}",
                field=key,
                remedy="Write the sentence in every language of shared/web/languages.py.",
            )
    return texts

"""Could a test file hold a test that needs no fixture? Read from its text, without importing it.

Files of which every test asks for a fixture import FastAPI, SQLAlchemy and the application of a service;
whoever runs the tests of deciders only (`-m domain`) need not wait for that. In doubt the answer is yes:
pytest, which knows all fixtures, then says which tests are meant.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

_NO_ARGUMENTS = re.compile(r"^(?:async )?def test\w*\(\)", re.MULTILINE)
_GIVEN_FROM_AFAR = re.compile(r"pytest_generate_tests|^class Test|^pytestmark\b.*parametrize", re.MULTILINE)


def may_need_no_fixture(file: Path) -> bool:
    """Whether any test of the file may have no other arguments than those that its decorators give it."""
    text = file.read_text("utf-8")
    if _NO_ARGUMENTS.search(text) or _GIVEN_FROM_AFAR.search(text):
        return True
    return any(
        _needs_none(node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    )


def _needs_none(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if not all(ast.unparse(decorator).startswith("pytest.mark.") for decorator in test.decorator_list):
        return True  # Hypothesis, or one of the file's own: who knows what it gives.
    texts = [
        node.value
        for decorator in test.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    given = {word for text in texts for word in re.findall(r"\w+", text)}
    return {one.arg for one in (*test.args.args, *test.args.kwonlyargs)} <= given

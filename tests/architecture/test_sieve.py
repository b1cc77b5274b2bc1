"""Does `make test-domain` reach every test that it promises, though it leaves files out unread?"""

from __future__ import annotations

import pytest

from tests.support.sieve import may_need_no_fixture


def test_no_file_that_holds_a_test_of_deciders_is_left_out(request):
    """Of the tests of this very session; `make test` collects them all."""
    held = {item.path for item in request.session.items if item.get_closest_marker("domain")}

    assert [file for file in held if not may_need_no_fixture(file)] == []


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("def test_a():\n    pass\n", True),
        ("async def test_a():\n    pass\n", True),
        ("def test_a(stand):\n    pass\n", False),
        ("async def test_a(\n    stand, url\n):\n    pass\n", False),
        ("@pytest.mark.parametrize('n', [1])\ndef test_a(n):\n    pass\n", True),
        ("@pytest.mark.parametrize('n, m', [1])\ndef test_a(n, m):\n    pass\n", True),
        ("@pytest.mark.parametrize(('n', 'm'), [1])\ndef test_a(n, m, stand):\n    pass\n", False),
        ("@given(numbers)\ndef test_a(n):\n    pass\n", True),
        ("@mine\ndef test_a(n):\n    pass\n", True),
        ("class TestIt:\n    def test_a(self):\n        pass\n", True),
        ("def pytest_generate_tests(metafunc): ...\ndef test_a(n):\n    pass\n", True),
        ("def helper():\n    pass\n", False),
    ],
)
def test_in_doubt_a_file_is_read(tmp_path, text, may):
    file = tmp_path / "test_it.py"
    file.write_text(text)

    assert may_need_no_fixture(file) is may

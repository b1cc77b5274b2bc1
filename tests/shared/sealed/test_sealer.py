"""Does only the right key open what was sealed, and only for the complaint that it is about?"""

from __future__ import annotations

import base64
import itertools
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Rejected
from shared.ids import new_id
from shared.sealed.sealer import Sealer, derive, new_key

SECRET = "an installation's secret, long enough for anybody"
OLD, NEW = f"k1:{new_key()}", f"k2:{new_key()}"
ABOUT = new_id()
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
JSON = st.dictionaries(TEXTS, st.none() | TEXTS | st.integers(-(2**53), 2**53) | st.lists(TEXTS, max_size=3))


def sealer(setting: str = OLD, *, secret: str = SECRET) -> Sealer:
    return Sealer.from_setting(setting, secret=secret)


def refused(code: str, **fields: str):
    return pytest.raises(Rejected, match=f"^{code}:")


@settings(max_examples=60)
@given(values=JSON)
def test_what_was_sealed_opens_as_it_was(values):
    assert sealer().open(sealer().seal(values, about=ABOUT), about=ABOUT) == values


def test_the_sealed_text_gives_nothing_away_and_never_looks_the_same_twice():
    one, two = (sealer().seal({"name": "Fang Wang"}, about=ABOUT) for _ in range(2))

    assert one != two
    assert one.startswith("k1.")
    plain = base64.urlsafe_b64decode(one.partition(".")[2])
    assert b"Fang" not in plain and b"name" not in plain


def test_another_key_does_not_open_it_even_under_the_same_name():
    sealed = sealer(OLD).seal({"a": 1}, about=ABOUT)
    with refused("cannot-open"):
        sealer(f"k1:{new_key()}").open(sealed, about=ABOUT)
    with refused("cannot-open"):
        sealer(NEW).open(sealed, about=ABOUT)


def test_it_does_not_open_for_another_complaint():
    sealed = sealer().seal({"a": 1}, about=ABOUT)
    with refused("cannot-open"):
        sealer().open(sealed, about=UUID(int=ABOUT.int ^ 1))


def test_not_one_changed_bit_goes_unnoticed():
    sealed = sealer().seal({"name": "Fang Wang"}, about=ABOUT)
    raw = base64.urlsafe_b64decode(sealed.partition(".")[2])
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        text = "k1." + base64.urlsafe_b64encode(bytes(changed)).decode()
        with refused("cannot-open"):
            sealer().open(text, about=ABOUT)


@pytest.mark.parametrize(
    "text", ["", "k1", "k1.", "k1.AA==", "k1.%%%", "k1.é", ".AAAA", "k9.AAAA", "k1." + "A" * 16, "\ud800.x"]
)
def test_rubbish_is_refused_and_never_a_bug(text):
    with refused("cannot-open"):
        sealer().open(text, about=ABOUT)


def test_after_a_rotation_the_new_key_seals_and_both_open():
    before = sealer(OLD).seal({"a": 1}, about=ABOUT)
    ring = sealer(f"{NEW},{OLD}")
    after = ring.seal({"a": 1}, about=ABOUT)

    assert ring.active == "k2" and after.startswith("k2.")
    assert ring.open(before, about=ABOUT) == ring.open(after, about=ABOUT) == {"a": 1}
    assert (ring.needs_rotation(before), ring.needs_rotation(after)) == (True, False)


def test_a_key_that_left_the_ring_is_named_in_the_refusal():
    sealed = sealer(OLD).seal({"a": 1}, about=ABOUT)
    with pytest.raises(Rejected) as told:
        sealer(NEW).open(sealed, about=ABOUT)
    assert "'k1'" in told.value.detail and "KESU_SEAL_KEYS" in (told.value.remedy or "")


@pytest.mark.parametrize(
    "setting",
    [
        "k1",
        "k1:",
        "k1:short",
        "k1:" + base64.b64encode(b"x" * 31).decode(),
        pytest.param("k 1:" + new_key(), id="a space in the name"),
        pytest.param(":" + new_key(), id="no name"),
        pytest.param("k1:" + new_key()[:-2] + "!!", id="not base64"),
    ],
)
def test_a_bad_ring_is_refused_with_the_entry_and_without_the_key(setting):
    with pytest.raises(Rejected) as told:
        sealer(setting)
    assert (told.value.code, told.value.field) == ("bad-seal-key", "KESU_SEAL_KEYS")
    secret_part = setting.partition(":")[2]
    assert not secret_part or secret_part not in told.value.sentence()


@pytest.mark.parametrize("setting", ["", " , "])
def test_an_empty_ring_is_refused(setting):
    with refused("no-seal-key"):
        sealer(setting)


def test_pseudonyms_are_stable_and_do_not_depend_on_case_or_margin_or_on_the_keys():
    one = sealer(OLD).pseudonym("Fang.Wang@customer.example")
    assert one == sealer(NEW).pseudonym("  fang.wang@CUSTOMER.example ")
    assert one.startswith("c-") and "fang" not in one


def test_pseudonyms_of_others_and_of_other_installations_differ():
    names = [sealer().pseudonym(f"{n}@customer.example") for n in range(2000)]
    assert len(set(names)) == 2000
    assert sealer(secret=SECRET + "!").pseudonym("0@customer.example") != names[0]


def test_keys_for_different_purposes_have_nothing_in_common():
    keys = [derive(SECRET, purpose) for purpose in ("tokens", "links", "pseudonyms")] + [
        derive("x" * 40, "tokens")
    ]
    assert all(one != two for one, two in itertools.combinations(keys, 2))
    assert {len(key) for key in keys} == {32}

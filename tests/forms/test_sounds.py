import sys

import pytest

from bottega.errors import UsageError
from bottega.forms.sounds import common, dictionary, rhyme, sound, weak


def test_syllables_and_rhymes():
    assert sound("sea").syllables == 1 and sound("wonderful").syllables == 3 and sound("Don’t").syllables == 1
    assert sound("sea").rhyme == sound("tree").rhyme != sound("day").rhyme
    assert sound("leave").onset == sound("believe").onset != sound("grieve").onset


def test_words_in_dispute_are_left_out():
    assert sound("fire") is None and sound("fire", disputed=True).syllables == 2
    assert sound("wind").rhyme == ""  # the air, or to wind a clock?
    assert sound("the").rhyme == ""


def test_unknown_words_have_no_sound():
    assert sound("xqzzt") is None and sound("s") is None and sound("春") is None


def test_a_word_without_stress_rhymes_with_nothing():
    assert rhyme("AH0 V") == ("", "")


def test_the_lists_are_in_the_dictionary():
    assert all(dictionary().phones_for_word(word.lower()) for word in common() | weak())


def test_a_missing_dictionary_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pronouncing", None)
    with pytest.raises(UsageError, match=r"bottega\[verse\]"):
        dictionary.__wrapped__()

import pytest

from bottega.errors import UsageError
from bottega.forms import FORMS, find


def test_every_line_has_a_place_in_the_scheme():
    for form in FORMS.values():
        assert not form.scheme or len(form.scheme) == len(form.lines)
        assert form.language == "zh" or form.rhyme == "never" or form.scheme


def test_an_unknown_form_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean “sonnet”"):
        find("Sonett")
    with pytest.raises(UsageError, match="there are quatrain5"):
        find("villanelle")

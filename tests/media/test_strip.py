"""Contact strips: a film in one picture."""

from fractions import Fraction

import numpy as np
import pytest
from tests.media.conftest import pictures

from bottega.errors import UsageError
from bottega.media.strip import sheet, strip
from bottega.media.video import Film


def test_a_strip_shows_frames_from_the_first_to_the_last() -> None:
    film = Film(pictures(9), Fraction(12))
    row = strip(film, 3, 48)
    assert row.shape == (52, 3 * 66 + 2, 3)
    for place, number in enumerate((0, 4, 8)):
        np.testing.assert_array_equal(row[2:50, 2 + place * 66 :][:, :64], film.frames[number])
    assert (row[:2] == 255).all() and (row[:, 66:68] == 255).all()
    assert strip(Film(pictures(2), Fraction(12)), 8, 96).shape == (100, 2 * 130 + 2, 3)  # twice as large, two frames
    assert strip(film, 1, 24).shape == (28, 36, 3)


def test_transparency_is_shown_over_a_checkerboard() -> None:
    row = strip(Film(np.zeros((2, 48, 48, 4), np.uint8), Fraction(12)))
    assert set(np.unique(row)) == {232, 250, 255}


def test_a_sheet_has_one_row_for_each_film() -> None:
    page = sheet([Film(pictures(9), Fraction(12)), Film(pictures(2), Fraction(12))], 4, 48)
    assert page.shape == (50 + 52, 4 * 66 + 2, 3)
    assert (page[52:, 140:] == 255).all()
    for empty in ([], [Film(pictures(0), Fraction(12))]):
        with pytest.raises(UsageError):
            sheet(empty)

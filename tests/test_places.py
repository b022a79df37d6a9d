"""Where results go."""

import pytest

from bottega.errors import UsageError
from bottega.places import place, unused


def test_a_file_a_folder_or_nothing_in_particular(tmp_path, home):
    assert place(tmp_path / "a.png", "x", [".png"]) == tmp_path / "a.png"
    assert place(tmp_path / "new", "x", [".png"]) == tmp_path / "new" / "x.png"
    assert place(tmp_path / "try-0.4", "x", [".png"]) == tmp_path / "try-0.4" / "x.png"
    (tmp_path / "odd.png").mkdir()
    assert place(tmp_path / "odd.png", "x", [".png"]) == tmp_path / "odd.png" / "x.png"
    assert place(None, "x", [".png", ".jpg"]) == home / "works" / "x.png"
    with pytest.raises(UsageError, match=r"\.png, \.jpg"):
        place(tmp_path / "a.mp4", "x", [".png", ".jpg"])


def test_nothing_is_overwritten(tmp_path):
    assert unused(tmp_path / "a.png") == tmp_path / "a.png"
    (tmp_path / "a.png").touch()
    assert unused(tmp_path / "a.png") == tmp_path / "a-1.png"

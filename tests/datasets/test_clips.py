"""Rows of film: windows at random times, all frames of one changed alike, each a function of seed and step."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from bottega.datasets.clips import Clips, FilmsInMemory
from bottega.representations.clips import Clip


def counting(length: int, first: int = 0) -> np.ndarray:
    """A film whose frames are numbered by their left half, 255 minus that by their right."""
    film = np.empty((length, 4, 4, 3), np.uint8)
    film[:, :, :2] = (first + np.arange(length))[:, None, None, None]
    film[:, :, 2:] = 255 - film[:, :, :2]
    return film


@pytest.fixture
def data() -> FilmsInMemory:
    films = [counting(40), counting(100, 50), counting(5, 200)]
    return FilmsInMemory(films, np.array([0, 1, 0]), ["one", "two"], rate=Fraction(10))


def test_windows_are_pieces_of_films_mirrored_as_a_whole(data: FilmsInMemory) -> None:
    rows = Clips(data, frames=8)
    assert rows.per_row == pytest.approx(0.8)
    assert len(rows) == round((40 + 100 + 8) / 8)
    seen, turned = set(), 0
    for step in range(20):
        clips, labels = rows.batch((1,), step, 16)
        assert clips.shape == (16, 8, 4, 4, 3)
        assert labels is not None
        for clip, label in zip(clips, labels, strict=True):
            mirrored = clip[0, 0, 0, 0] == 255 - clip[0, 0, 3, 0] and clip[1, 0, 0, 0] < clip[0, 0, 0, 0]
            numbers = (clip[:, :, ::-1] if mirrored else clip)[:, 0, 0, 0].astype(int)
            turned += int(mirrored)
            steps = np.diff(numbers)
            assert set(steps.tolist()) == {1} or numbers[0] == 200
            seen.add((int(label), int(numbers[0])))
    assert 100 < turned < 220  # about half of 320
    assert len(seen) > 60
    assert {label for label, _first in seen} == {0, 1}


def test_short_films_are_played_and_held(data: FilmsInMemory) -> None:
    rows = Clips(data, frames=8, mirror=False)
    clips = np.concatenate([rows.batch((2,), step, 32)[0] for step in range(4)])
    short = clips[clips[:, 0, 0, 0, 0] == 200]
    assert len(short)
    assert short[0, :, 0, 0, 0].tolist() == [200, 201, 202, 203, 204, 204, 204, 204]


def test_rows_do_not_depend_on_the_number_of_processes(data: FilmsInMemory) -> None:
    rows = Clips(data, frames=8, reverse=True)
    whole, labels = rows.batch((3,), 5, 8)
    halves = [rows.batch((3,), 5, 8, rank, 2) for rank in (0, 1)]
    np.testing.assert_array_equal(whole, np.concatenate([half[0] for half in halves]))
    np.testing.assert_array_equal(labels, np.concatenate([half[1] for half in halves]))
    assert not np.array_equal(whole, rows.batch((3,), 6, 8)[0])
    backwards = [clip for clip in rows.batch((3,), 0, 64)[0] if abs(int(clip[1, 0, 0, 0]) - int(clip[0, 0, 0, 0])) == 1]
    assert len(backwards) > 20


def test_no_films_and_no_frames_are_refused(data: FilmsInMemory) -> None:
    with pytest.raises(ValueError, match="at least"):
        Clips(data, frames=0)
    with pytest.raises(ValueError, match="at least"):
        Clips(FilmsInMemory([counting(4)], held_out=np.array([0])), frames=4)


def test_every_epoch_goes_through_all_of_the_film(data: FilmsInMemory) -> None:
    rows = Clips(data, frames=8, mirror=False)
    clips, _labels = rows.batch((4,), 0, len(rows))
    assert len({int(clip[0, 0, 0, 0]) // 25 for clip in clips}) >= 5


def test_tensors_go_there_and_back_for_any_length() -> None:
    clip = Clip((3, 8, 4, 4), Fraction(12))
    frames = torch.from_numpy(counting(11))[None]
    values = clip.encode(frames)
    assert values.shape == (1, 3, 11, 4, 4)
    assert (values.min() >= -1, values.max() <= 1) == (True, True)
    assert torch.equal(clip.decode(values), frames)
    assert clip.for_networks(5) == {"shape": (3, 8, 4, 4), "classes": 5}

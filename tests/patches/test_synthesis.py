import os
import subprocess
import sys

import pytest
import torch

from bottega.patches import Guide, Search, resize, synthesis, synthesise
from bottega.patches.measure import coverage, strangeness
from bottega.randomness import Random

QUICK = Search(coarsest=14, rounds=(3, 1))

SAME = """
import hashlib, torch
from bottega.patches import Search, resize, synthesis, synthesise
from bottega.randomness import Random
synthesis.EXHAUSTIVE = 900  # both searches, and with enough places for two threads to share them
x = resize(Random(3).uniform(3, 14, 17), (140, 170))
made = synthesise([x], (140, 170), Random(0), how=Search(coarsest=20, ratio=0.5, rounds=(2, 1)), noise=1.0)
print(torch.get_num_threads(), hashlib.sha256(made.numpy().tobytes()).hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_number_of_threads():
    said = []
    for threads in ("1", "2"):
        surroundings = {**os.environ, "OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "PASSIVE"}
        done = subprocess.run(
            [sys.executable, "-c", SAME], env=surroundings, capture_output=True, text=True, check=True
        )
        said.append(done.stdout.split())
    assert [threads for threads, _ in said] == ["1", "2"]
    assert said[0][1] == said[1][1]


def test_a_picture_from_noise_is_made_of_the_sources_patches(picture):
    noise = Random(0, "noise").uniform(3, 40, 56)
    made = synthesise([picture], (40, 56), Random(0), how=QUICK, guess=noise, noise=0.5)
    assert made.shape == (3, 40, 56) and made.min() >= 0 and made.max() <= 1
    assert strangeness(picture, made) < 0.1 < 0.3 < strangeness(picture, noise)
    other = synthesise([picture], (40, 56), Random(1), how=QUICK, guess=noise, noise=0.5)
    assert not torch.equal(made, other)


def test_what_was_learned_serves_again(picture):
    learned = {}
    made = [synthesise([picture], (40, 56), Random(0), how=QUICK, noise=0.5, learned=learned) for _time in range(2)]
    assert len(learned) > 1
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], synthesise([picture], (40, 56), Random(0), how=QUICK, noise=0.5))


def test_a_picture_that_is_already_right_stays(picture):
    made = synthesise([picture], (40, 56), Random(0), how=QUICK)
    assert (made - picture).abs().max() < 0.01
    assert coverage(picture, made) == 1


def test_what_is_known_stays_and_what_is_not_allowed_is_not_used(picture):
    known = torch.ones(40, 56, dtype=torch.bool)
    known[10:30, 30:50] = False
    spoilt = torch.where(known, picture, torch.tensor([1.0, 0.0, 1.0])[:, None, None])
    made = synthesise([spoilt], (40, 56), Random(0), how=QUICK, values=spoilt, known=known, allowed=[known])
    assert torch.equal(made[:, known], picture[:, known])
    assert (made[:, ~known][1] > 0.05).float().mean() > 0.99  # nothing of the loud colour


def test_going_around_closes_the_seam(picture):
    def step(x):
        return float((x[:, :, 0] - x[:, :, -1]).abs().mean())

    ramp = (picture * 0.3 + torch.linspace(0, 0.7, 56)).clamp(0, 1)
    made = synthesise([ramp], (40, 56), Random(0), how=QUICK, wrap=(False, True))
    assert step(made) < 0.6 * step(ramp)


def test_a_guide_says_where_patches_go(picture):
    light, dark = torch.full((3, 24, 24), 0.8), torch.full((3, 24, 24), 0.2)
    where = torch.zeros(1, 32, 32)
    where[:, :, 16:] = 1
    guide = Guide(where, [torch.ones(1, 24, 24), torch.zeros(1, 24, 24)], weight=2.0)
    grey = torch.full((3, 32, 32), 0.5)
    made = synthesise([light, dark], (32, 32), Random(0), how=QUICK, guess=grey, guide=guide)
    assert made[:, :, :12].mean() < 0.3 and made[:, :, 20:].mean() > 0.7


def test_films_are_made_alike():
    clip = resize(Random(2, "clip").uniform(3, 3, 4, 4), (8, 16, 20))
    made = synthesise([clip], (10, 16, 20), Random(0), how=Search(patch=5, coarsest=8, rounds=(2, 1)), noise=0.3)
    assert made.shape == (3, 10, 16, 20)
    assert strangeness(clip, made) < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (3, 5), (4, 90)])
def test_pictures_smaller_than_a_patch(size):
    x = Random(0, "x").uniform(3, *size)
    made = synthesise([x], size, Random(0), noise=0.5)
    assert made.shape == x.shape and bool(made.isfinite().all())
    wide = synthesise([x], (size[0] + 3, size[1] + 9), Random(0), wrap=True)
    assert wide.shape == (3, size[0] + 3, size[1] + 9) and bool(wide.isfinite().all())


def test_beyond_the_largest_level_the_field_is_carried_up(picture, monkeypatch):
    x = resize(picture, (80, 112))
    monkeypatch.setattr(synthesis, "LARGEST", 40 * 56)
    made = synthesise([x], (80, 112), Random(0), how=QUICK)
    assert made.shape == x.shape
    assert (made - x).abs().mean() < 0.01

"""Frames are shifted and scaled, and come back as they were."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bottega.representations.latents import Latents


def test_frames_get_one_size_and_come_back():
    draw = np.random.default_rng(0)
    frames = [
        (draw.standard_normal((3, n)) * [[2], [0.5], [1]] + [[1], [-3], [0]]).astype(np.float32) for n in (90, 40)
    ]
    latents = Latents.of_frames(frames, 16)
    x = torch.from_numpy(np.concatenate(frames, 1))[None]
    z = latents.encode(x)
    assert z.mean(2).abs().max() < 1e-4 and z.std(2).sub(1).abs().max() < 0.02
    assert torch.allclose(latents.decode(z), x, atol=1e-5)
    again = Latents.of_model(Path(), latents.config())
    assert torch.equal(again.encode(x), z) and again.for_networks(2) == {"shape": (3, 16), "classes": 2}


def test_a_channel_without_use_is_not_blown_up():
    draw = np.random.default_rng(0)
    frames = draw.standard_normal((4, 200)).astype(np.float32) * np.array([[1], [1], [1], [1e-4]], np.float32)
    z = Latents.of_frames([frames], 8).encode(torch.from_numpy(frames)[None])
    assert z[0, 3].std() < 0.01 and z[0, 0].std() == pytest.approx(1, abs=0.02)


def test_numbers_of_grids_are_scaled_alike():
    draw = np.random.default_rng(0)
    sizes = np.array([3.0, 1.0, 1.0, 0.1, 0.5, 0.5, 0.5, 0.01])[:, None]
    frames = (sizes * draw.standard_normal((8, 4000)) + 2).astype(np.float32)
    z = Latents.of_frames([frames], 8, (2, 2)).encode(torch.from_numpy(frames)[None])[0]
    assert z.mean(1).abs().max() < 1e-4 and z.square().mean() == pytest.approx(1, abs=1e-3)
    assert torch.allclose(z.std(1) / z.std(1)[1], torch.from_numpy(sizes[:, 0]).float(), rtol=0.05)

"""Edits with a trained model: here small models of random weights, which obey the same rules."""

import numpy as np
import pytest
import torch
from tests.editing.trained.conftest import model, picture

from bottega.editing.operation import Job
from bottega.editing.trained import completion, dream, dreaming, latent, restore, restoring
from bottega.errors import UsageError

OPERATIONS = [
    (latent.RECONSTRUCT, 1, {}),
    (latent.INTERPOLATE, 2, {"count": 3}),
    (latent.MIX, 2, {}),
    (latent.VARIATIONS, 1, {"count": 2}),
    (restore.COLORIZE, 1, {}),
    (restore.DENOISE, 1, {"noise": 20}),
    (dream.DREAM, 1, {"steps": 1, "octaves": 2}),
]


@pytest.mark.parametrize("name", ["flow", "gan", "vae"])
@pytest.mark.parametrize(("of_model", "of_picture"), [(3, 3), (3, 4), (4, 3)])
@pytest.mark.parametrize(("operation", "takes", "settings"), OPERATIONS, ids=[one.name for one, _n, _s in OPERATIONS])
def test_every_edit_with_every_maker(operation, takes, settings, name, of_model, of_picture):
    job = Job(seed=3, model=model(name, of_model))
    seen = []
    job.listen = lambda share, preview: seen.append(share)
    works = {"picture": [picture(channels=of_picture), picture(20, 20, of_picture)][:takes]}
    made = operation.run(works, operation.settings(**settings), job)
    pixels = [getattr(one, "frames", one) for one in made.works]
    assert all(one.dtype == np.uint8 and one.shape[-1] == of_picture for one in pixels)
    if of_picture == 4:
        assert all((one[..., :3] <= one[..., 3:]).all() for one in pixels)
    if operation in (restore.COLORIZE, restore.DENOISE, dream.DREAM):
        assert made.works[0].shape == works["picture"][0].shape
        assert of_picture == 3 or (made.works[0][..., 3] == works["picture"][0][..., 3]).all()
    assert all(0 <= share <= 1 + 1e-6 for share in seen)
    assert seen
    again = operation.run(works, operation.settings(**settings), Job(seed=3, model=job.model))
    again = [getattr(one, "frames", one) for one in again.works]
    assert all((a == b).all() for a, b in zip(pixels, again, strict=True))


@pytest.mark.parametrize("name", ["flow", "gan", "vae"])
@pytest.mark.parametrize("shape", [(16, 16), (50, 30), (1, 9), (200, 3)])
def test_a_fill_changes_nothing_outside_the_hole(name, shape):
    original = picture(*shape)
    hole = np.zeros(shape, bool)
    hole[shape[0] // 3 : shape[0] // 3 * 2 + 1, shape[1] // 3 : shape[1] // 3 * 2 + 1] = True
    made = completion.fill(original, hole, Job(model=model(name)))
    assert made.shape == original.shape
    assert (made[~hole] == original[~hole]).all()


def test_holes_everywhere_and_nowhere():
    original, job = picture(), Job(model=model("flow"))
    assert (completion.fill(original, np.zeros((24, 40), bool), job) == original).all()
    assert completion.fill(original, np.ones((24, 40), bool), job).shape == original.shape


@pytest.mark.parametrize("aspect", [0.5, 1, 2])
def test_the_window_holds_the_hole(aspect):
    hole = np.zeros((60, 100), bool)
    hole[50:59, 2:30] = True
    top, bottom, left, right = completion.window(hole, aspect)
    assert hole[top:bottom, left:right].sum() == hole.sum()
    assert 0 <= top < bottom <= 60
    assert 0 <= left < right <= 100


def test_interpolation_counts_loops_and_strips():
    job = Job(model=model("gan"))
    settings = {"count": 5, "stops": 3}
    (film,) = latent.interpolate({"picture": []}, latent.InterpolateSettings(**settings), job).works
    assert film.frames.shape == (9, 16, 16, 3)
    (loop,) = latent.interpolate({"picture": []}, latent.InterpolateSettings(**settings, loop=True), job).works
    assert len(loop) == 12
    assert (loop.frames[0] == film.frames[0]).all()
    strip = latent.interpolate({"picture": []}, latent.InterpolateSettings(**settings, form="strip"), job)
    assert strip.works[0].shape == (16, 9 * 16, 3)
    with pytest.raises(UsageError, match="two or more"):
        latent.interpolate({"picture": [picture()]}, latent.InterpolateSettings(), job)


def test_variations_go_as_far_as_asked():
    job, works = Job(model=model("flow")), {"picture": [picture(16, 16)]}
    far = [
        latent.variations(works, latent.VariationsSettings(distance=distance), job).facts["distance"]
        for distance in (0.0, 0.3, 1.0)
    ]
    assert far[0] < far[1] < far[2]


def test_a_flow_rebuilds_what_it_never_saw():
    made = latent.reconstruct({"picture": [picture(16, 16)]}, latent.ReconstructSettings(), Job(model=model("flow")))
    assert made.facts["psnr"] > 25


def test_colours_keep_the_light():
    job, work = Job(model=model("flow")), picture()
    made = restore.colorize({"picture": [work]}, restore.ColorizeSettings(), job).works[0]
    assert np.abs(made @ restoring.LUMA - np.rint(work @ restoring.LUMA)).max() < 1.1
    grey = restore.colorize({"picture": [work]}, restore.ColorizeSettings(strength=0), job)
    assert grey.facts["colour"] == 0


def test_noise_is_measured():
    clean = np.full((64, 64, 3), 128, np.uint8)
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 20, clean.shape), 0, 255).astype(np.uint8)
    assert restoring.noise_in(clean) == 0
    assert 17 < restoring.noise_in(noisy) < 23
    assert restoring.noise_in(clean[:1]) == 0
    job = Job(model=model("vae"))
    assert (restore.denoise({"picture": [clean]}, restore.DenoiseSettings(), job).works[0] == clean).all()
    assert len(job.notes) == 2


def test_what_stands_out_of_noise_stays():
    shape = torch.zeros(1, 40, 40)
    shape[:, 10:30, 10:30] = 1
    noisy = shape + 0.1 * torch.randn(1, 40, 40, generator=torch.Generator().manual_seed(0))
    clean = restoring.standing_out(noisy, 0.1)
    assert (clean - shape).square().mean() < (noisy - shape).square().mean() / 2


def test_strips_make_no_difference(monkeypatch):
    x = torch.randn(2, 45, 30, generator=torch.Generator().manual_seed(0))
    whole = restoring.standing_out(x, 0.3)
    monkeypatch.setattr(restoring, "STRIP_NUMBERS", 1)
    assert torch.allclose(restoring.standing_out(x, 0.3), whole, atol=1e-5)


def test_windows_put_a_picture_together_again():
    x = torch.rand(3, 23, 61)
    assert torch.allclose(restoring.windowed(x, (16, 16), lambda part: part, Job()), x, atol=1e-5)


@pytest.mark.parametrize("name", ["classifier", "flow", "gan", "vae"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (33, 17)])
def test_dreams_of_any_size(name, shape):
    job, settings = Job(model=model(name)), dream.DreamSettings(steps=1, octaves=2)
    made = dream.dream({"picture": [picture(*shape)]}, settings, job)
    assert made.works[0].shape == (*shape, 3)


def test_dreaming_climbs_what_it_looks_for():
    job, work = Job(model=model("classifier")), picture(32, 32)
    dreamer = dreaming.Dreamer(job.model, "", "dog")
    made = dreamer.frames(work, dream.DreamSettings(label="dog", steps=8, octaves=1), job)[0]
    before, after = (dreamer.score(torch.from_numpy(x).permute(2, 0, 1)[None] / 127.5 - 1) for x in (work, made))
    assert after > before


def test_a_film_flies_into_the_dream():
    made = dream.dream({"picture": [picture()]}, dream.DreamSettings(steps=1, zoom=3), Job(model=model("classifier")))
    assert made.works[0].frames.shape == (3, 24, 40, 3)


def test_large_pictures_are_dreamt_smaller(monkeypatch):
    monkeypatch.setattr(dreaming, "LARGEST", 400)
    job = Job(model=model("classifier"))
    made = dream.dream({"picture": [picture(40, 60)]}, dream.DreamSettings(steps=1), job)
    assert made.works[0].shape == (40, 60, 3)
    assert job.notes


def test_what_makes_no_sense_is_said():
    works, classifier = {"picture": [picture()]}, Job(model=model("classifier"))
    with pytest.raises(UsageError, match="needs a model that makes works"):
        latent.reconstruct(works, latent.ReconstructSettings(), classifier)
    with pytest.raises(UsageError, match="not both"):
        dream.dream(works, dream.DreamSettings(layer="layer1", label="cat"), classifier)
    with pytest.raises(UsageError, match="no layer “eyes”"):
        dream.dream(works, dream.DreamSettings(layer="eyes"), classifier)
    with pytest.raises(UsageError, match="no class"):
        latent.reconstruct(works, latent.ReconstructSettings(label="owl"), Job(model=model("vae")))
    with pytest.raises(UsageError, match="cannot tell classes apart"):
        dream.dream(works, dream.DreamSettings(label="cat"), Job(model=model("vae")))

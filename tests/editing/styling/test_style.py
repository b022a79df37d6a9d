"""Style transfer as a whole, on small pictures and with few steps."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from bottega.editing.operation import Job
from bottega.editing.pixels import to_tensor
from bottega.editing.styling import learned, painting, transfer, vgg
from bottega.editing.styling.style import STYLE, StyleSettings
from bottega.errors import UsageError
from bottega.models.pictures import PictureModel
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels


@pytest.fixture(autouse=True)
def no_caches(tmp_path, monkeypatch):
    for name in ("TORCH_HOME", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("BOTTEGA_VGG", raising=False)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The same engine with fewer filters, directions and samples, which small pictures do not need."""
    for module, name, value in (
        (learned, "FIRST", 12), (learned, "SECOND", 16), (learned, "SAMPLES", 2000),
        (transfer, "POOL", 600), (transfer, "ASKED", 600), (transfer, "DIRECTIONS", 8),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


def scene(height=40, width=48, seed=0, colour=(200, 90, 40)):
    """A soft gradient with a hard square in it."""
    rows, columns = np.mgrid[:height, :width]
    noise = np.random.default_rng(seed).normal(0, 8, (height, width, 3))
    picture = (rows / height)[..., None] * np.array(colour) + (columns / width)[..., None] * 50 + noise
    picture[height // 4 : height // 2, width // 4 : width // 2] = 240
    return picture.clip(0, 255).astype(np.uint8)


def stripes(height=44, width=44, colours=((20, 40, 160), (240, 220, 60)), period=6):
    rows, columns = np.mgrid[:height, :width]
    wave = (np.sin((rows + columns) * 2 * np.pi / period) * 0.5 + 0.5)[..., None]
    return (np.array(colours[0]) * wave + np.array(colours[1]) * (1 - wave)).astype(np.uint8)


def paint(content, *styles, masks=(), job=None, **settings):
    settings = {"effort": 0.1, **settings}
    works = {"content": [content], "style": list(styles), "mask": list(masks)}
    return STYLE.run(works, StyleSettings(**settings), job or Job(seed=3))


def with_alpha(picture, alpha):
    colour = (picture * (alpha[..., None] / 255)).round().astype(np.uint8)
    return np.concatenate([colour, alpha[..., None]], 2)


def test_the_result_has_the_styles_colours_and_the_contents_shapes():
    content, style = scene(), scene(44, 44, seed=1, colour=(20, 80, 220))
    made = paint(content, style).works[0]
    assert made.shape == content.shape and made.dtype == np.uint8

    def colours(p):
        return p.reshape(-1, 3).mean(0)

    assert np.abs(colours(made) - colours(style)).mean() < 0.4 * np.abs(colours(content) - colours(style)).mean()
    light = [p.mean(2).ravel() for p in (content, made)]
    assert np.corrcoef(*light)[0, 1] > 0.4


def test_the_same_seed_gives_the_same_bytes_and_another_another_picture():
    runs = [paint(scene(), stripes(), job=Job(seed=seed)).works[0] for seed in (1, 1, 2)]
    assert np.array_equal(runs[0], runs[1]) and not np.array_equal(runs[0], runs[2])


def test_the_number_of_threads_changes_nothing():
    made, before = [], torch.get_num_threads()
    for count in (1, 3):
        torch.set_num_threads(count)
        made.append(paint(scene(), stripes()).works[0])
        assert torch.get_num_threads() == count
    torch.set_num_threads(before)
    assert np.array_equal(*made)


@pytest.mark.parametrize("loss", ["gram", "sliced"])
def test_both_losses_bring_the_picture_nearer_to_the_style(loss):
    from bottega.editing.styling.learned import LearnedEyes
    from bottega.editing.styling.transfer import Goal, Plan, Region, Style, as_batch
    from bottega.randomness import Random

    content, style = to_tensor(scene()), to_tensor(stripes())
    plan, random = Plan([(40, 48)], [20], content=0.1, loss=loss), Random(0)
    regions = [Region([Style(style)])]
    made = transfer.transfer(content, regions, lambda views: LearnedEyes(views, random), plan, random)
    goal = Goal(LearnedEyes([as_batch(style), as_batch(content)], random), content, regions, [[style]], plan, random)
    assert float(goal.loss(as_batch(made), 0)) < 0.6 * float(goal.loss(as_batch(content), 0))


def test_a_loss_that_stays_the_same_is_followed_farther_in_as_many_steps():
    from bottega.editing.styling.learned import LearnedEyes
    from bottega.editing.styling.transfer import Goal, Plan, Region, Style, as_batch, by_adam, descend
    from bottega.randomness import Random

    def eyes(random: Random) -> LearnedEyes:
        found = LearnedEyes([as_batch(style), as_batch(content)], random)
        found.octaves = 0
        return found

    content, style, told = to_tensor(scene()), to_tensor(stripes()), []
    plan, regions = Plan([(40, 48)], [20], content=0.1, loss="gram"), [Region([Style(style)])]
    goal = Goal(eyes(Random(0)), content, regions, [[style]], plan, Random(0))
    strided = content.permute(1, 2, 0).contiguous().permute(2, 0, 1)
    far = descend(strided, goal, 20, 0.02, lambda share, _picture: told.append(share))
    near = by_adam(content, goal, 20, 0.02, lambda _share, _picture: None)
    assert goal.loss(as_batch(far), 0) < 0.8 * goal.loss(as_batch(near), 0)
    assert far.min() >= 0 and far.max() <= 1
    assert told == sorted(told) and len(told) <= 45 and told[-1] == 1


def test_no_strength_is_the_content_itself_and_more_is_further_from_it():
    content, style = scene(), stripes()
    made = [paint(content, style, strength=s).works[0].astype(int) for s in (0, 0.1, 0.9)]
    apart = [np.abs(one - content).mean() for one in made]
    assert apart[0] == 0 and apart[0] < apart[1] < apart[2]


def test_the_contents_colours_are_kept_on_request():
    content, style = scene(), stripes()
    kept, plain = (paint(content, style, keep_colours=k).works[0].astype(float) for k in (True, False))

    def hue(p):
        return p - p.mean(2, keepdims=True)

    own = hue(content.astype(float))
    assert np.abs(hue(kept) - own).mean() < 0.4 * np.abs(hue(plain) - own).mean()


def test_alpha_is_kept_and_colour_stays_within_it():
    alpha = np.zeros((40, 48), np.uint8)
    alpha[8:32, 8:40], alpha[8:32, 40] = 255, 100
    made = paint(with_alpha(scene(), alpha), with_alpha(stripes(), np.full((44, 44), 255, np.uint8))).works[0]
    assert np.array_equal(made[..., 3], alpha)
    assert (made[..., :3] <= made[..., 3:]).all() and made[12, 12, :3].any()


def test_one_mask_says_where_and_one_for_each_style_says_which():
    content, mask = scene(), np.zeros((40, 48), np.uint8)
    mask[:, :24] = 255
    made = paint(content, stripes(), masks=[mask]).works[0]
    assert np.array_equal(made[:, 24:], content[:, 24:]) and (made[:, :24] != content[:, :24]).mean() > 0.5
    red, green = stripes(colours=((160, 0, 0), (255, 60, 60))), stripes(colours=((0, 120, 0), (60, 255, 60)))
    made = paint(content, red, green, masks=[mask, 255 - mask]).works[0].astype(int)
    assert made[:, :20, 0].mean() > made[:, :20, 1].mean() + 40 and made[:, 28:, 1].mean() > made[:, 28:, 0].mean() + 40


def test_weights_say_how_much_of_each_style():
    red, green = stripes(colours=((160, 0, 0), (255, 60, 60))), stripes(colours=((0, 120, 0), (60, 255, 60)))
    made = [paint(scene(), red, green, weights=w).works[0].astype(int) for w in ("1,0", "1,1", "0,1")]
    reds = [(m[..., 0] - m[..., 1]).mean() for m in made]
    assert reds[0] > reds[1] + 20 > reds[2] + 40


def test_a_mask_of_another_size_is_fitted_and_said():
    job = Job()
    paint(scene(), stripes(), masks=[np.full((10, 10), 255, np.uint8)], job=job)
    assert any("mask was stretched" in note for note in job.notes)


@pytest.mark.parametrize("size", [(1, 90), (70, 1), (1, 1), (5, 9)])
def test_tiny_pictures_work(size):
    made = paint(scene(*size), stripes()).works[0]
    assert made.shape == (*size, 3)
    assert paint(scene(), stripes(*size)).works[0].shape == (40, 48, 3)


def test_pictures_of_one_colour_work():
    flat = np.full((30, 30, 3), 77, np.uint8)
    assert paint(flat, stripes()).works[0].shape == flat.shape
    grey = paint(scene(), flat).works[0]
    assert np.abs(grey.astype(int) - 77).mean() < 20


def test_what_cannot_be_painted_is_said():
    clear = np.zeros((20, 20, 4), np.uint8)
    job = Job()
    made = paint(clear, with_alpha(stripes(), np.full((44, 44), 255, np.uint8)), job=job).works[0]
    assert np.array_equal(made, clear) and job.notes
    with pytest.raises(UsageError, match="transparent"):
        paint(with_alpha(scene(), np.full((40, 48), 255, np.uint8)), clear)
    with pytest.raises(UsageError, match="2,1"):
        paint(scene(), stripes(), weights="1,2")
    with pytest.raises(UsageError, match="one for each style"):
        paint(scene(), stripes(), masks=[np.zeros((4, 4), np.uint8)] * 2)


def test_large_pictures_are_painted_smaller_and_enlarged_along_their_edges(monkeypatch):
    monkeypatch.setattr(painting, "PAINTED", 40 * 40)
    content, job = scene(160, 200), Job()
    made = paint(content, stripes(), job=job).works[0]
    assert made.shape == content.shape and any("enlarged" in note for note in job.notes)
    edge = made.astype(int)[60:70].mean((0, 2))  # through the square, whose sides stay sharp
    assert np.abs(np.diff(edge))[46:53].max() > 2 * np.abs(np.diff(edge)).mean()


def test_previews_come_and_are_pictures():
    shown = []
    job = Job(listen=lambda share, preview: shown.append((share, preview)))
    paint(scene(), stripes(), job=job)
    shares = [share for share, _preview in shown]
    assert shares == sorted(shares) and shares[-1] == 1 and shown[0][1].dtype == np.uint8


@pytest.mark.parametrize("name", ["classifier", "gan", "cgan"])
def test_a_trained_model_can_be_the_eyes(name):
    torch.manual_seed(0)
    recipe = load(name, {})
    model = PictureModel(
        recipe, Pixels((3, 32, 32)), ["a", "b"], [0.5, 0.5], recipe.build(Pixels((3, 32, 32)), 2).eval()
    )
    made = paint(scene(), stripes(), job=Job(model=model))
    assert made.facts["features"] == "model" and made.works[0].shape == (40, 48, 3)


def test_a_model_that_does_not_look_is_refused():
    recipe = load("flow", {})
    model = PictureModel(recipe, Pixels((3, 32, 32)), [], [], recipe.build(Pixels((3, 32, 32)), 0).eval())
    with pytest.raises(UsageError, match="no network that looks"):
        paint(scene(), stripes(), job=Job(model=model))


def test_vgg_is_used_where_its_weights_are_and_left_on_request(tmp_path, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    weights = {name: torch.randn(shape, generator=generator) * 0.05 for name, shape in vgg.shapes().items()}
    save_file(weights, tmp_path / "vgg.safetensors")
    made = paint(scene(), stripes(), vgg=str(tmp_path / "vgg.safetensors"))
    assert made.facts["features"] == "vgg19" and made.works[0].shape == (40, 48, 3)
    monkeypatch.setenv("BOTTEGA_VGG", str(tmp_path / "vgg.safetensors"))
    assert paint(scene(), stripes()).facts["features"] == "vgg19"
    assert paint(scene(), stripes(), vgg="off").facts["features"] == "patches"


def test_a_download_that_fails_leaves_the_learned_filters_and_a_note(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    job = Job()
    assert paint(scene(), stripes(), vgg="download", job=job).facts["features"] == "patches"
    assert any("could not be fetched" in note for note in job.notes)


def test_the_record_keeps_no_path():
    assert "vgg" not in StyleSettings(vgg="/home/somebody/vgg.safetensors").model_dump(mode="json")

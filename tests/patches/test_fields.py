import torch

from bottega.patches.descriptors import describe, learn
from bottega.patches.fields import distances, lift, nearest_field, scattered, search, shifts_of
from bottega.patches.pyramid import canvas_of, resize
from bottega.randomness import Random

FLAT = (False, False)


def test_the_nearest_is_the_nearest_and_of_equal_ones_the_first():
    keys = Random(0, "keys").integers(50, 300, 6).float()
    keys = torch.cat([keys, keys])  # everything twice
    queries = keys[:40] + 1
    index, far = nearest_field(queries, keys)
    everything = (queries[:, None] - keys[None]).square().sum(2)
    assert (far == everything.amin(1)).all()
    assert index.max() < 300


def test_completeness_uses_more_of_the_keys():
    keys = Random(0, "keys").normal(400, 8).mul(100).round()
    queries = Random(0, "queries").normal(400, 8).mul(30).round()  # all in the middle
    used = [len(nearest_field(queries, keys, alpha)[0].unique()) for alpha in (None, 0.01)]
    assert used[1] > 1.2 * used[0]


def test_patchmatch_comes_near_the_exhaustive_search(picture):
    canvas = canvas_of([picture], [None], (7, 7))
    basis, keys = learn(canvas, torch.ones(3))
    queries = describe(picture.flip(2), basis, FLAT)
    grid = queries.shape[:-1]
    start = scattered(canvas, grid, Random(1, "start"))
    _, found = search(queries, keys, start, canvas, Random(1), 4)
    places = canvas.valid.nonzero()[:, 0]
    _, best = nearest_field(queries.flatten(0, 1), keys[places])
    first = distances(queries.flatten(0, 1), keys, start.flatten())
    assert found.mean() < best.mean() + 0.05 * (first.mean() - best.mean())


def test_descriptors_measure_the_patches(picture):
    canvas = canvas_of([picture], [None], (7, 7))
    _, keys = learn(canvas, torch.ones(3), components=147)
    true = picture.unfold(1, 7, 1).unfold(2, 7, 1).permute(1, 2, 0, 3, 4).reshape(-1, 147)
    rows = keys[canvas.valid]
    ours, theirs = torch.cdist(rows[::50], rows[::50]), torch.cdist(true[::50], true[::50])
    assert torch.corrcoef(torch.stack([ours.flatten(), theirs.flatten()]))[0, 1] > 0.999
    assert rows.abs().amax() <= 2000 and (rows == rows.round()).all()


def test_a_shift_grows_with_the_picture(picture):
    old = canvas_of([resize(picture, (20, 28))], [None], (5, 5))
    new = canvas_of([picture], [None], (5, 5))
    field = (torch.arange(16)[:, None] * 28 + torch.arange(20) + 4).int()
    _, (down, across) = shifts_of(lift(field, old, new, (36, 44)), new)
    assert (down == 0).all() and (across[:, :40] == 8).all()

import torch

from bottega.patches import arranging, variation
from bottega.patches.measure import ARRANGED, Match, coverage, difference, distance, one_piece
from bottega.patches.proportions import Balance
from bottega.randomness import Random


def silent(share, x):
    pass


def test_distance_is_none_to_itself_and_grows(picture):
    assert distance(picture, picture) == 0
    moved = picture.roll(3, 2)
    assert 0 < distance(picture, moved) < difference(picture, moved)  # only moved aside
    assert one_piece(Match.of(moved, picture, ARRANGED[2])) > 0.7
    assert distance(picture, Random(0).uniform(3, 40, 56)) > 0.7


def test_a_layout_is_judged_by_distance_fit_and_proportions(picture):
    def lost(made, wish):
        return variation.Judge(picture, Balance.of([picture], 7), wish).lost(made)

    moved, noise = picture.roll(9, 2), Random(0).uniform(3, 40, 56)
    assert lost(picture, 0) < lost(moved, 0) < lost(noise, 0)
    assert lost(moved, 0.2) < lost(picture, 0.2)  # a copy is not what was asked for


def test_mending_betters_a_layout(picture, monkeypatch):
    monkeypatch.setattr(variation, "TRIES", 3)
    monkeypatch.setitem(ARRANGED, 2, 56)
    monkeypatch.setattr(variation, "PROMISING", 0)
    judge = variation.Judge(picture, Balance.of([picture], 7), 0.6)
    reached = []
    for mends in (0, 20):
        monkeypatch.setattr(variation, "MENDS", mends)
        reached.append(judge.lost(variation.layout([picture], (40, 56), 0.6, Random(1), silent)))
    assert reached[1] < reached[0]


def test_what_is_cut_changes_places_and_nothing_is_lost(picture):
    for seed in range(4):
        cut = variation.exchanged(picture, Random(seed))
        assert torch.equal(cut.sort(2).values, picture.sort(2).values) and not torch.equal(cut, picture)
        assert distance(picture, cut) > 0.3


def test_a_layout_is_the_same_however_many_threads(picture, monkeypatch):
    for name, count in (("TRIES", 3), ("PROMISING", 1), ("MENDS", 2)):
        monkeypatch.setattr(variation, name, count)
    made, threads = [], torch.get_num_threads()
    for count in (1, 3):
        torch.set_num_threads(count)
        made.append(variation.layout([picture], (40, 56), 0.8, Random(3), silent))
    torch.set_num_threads(threads)
    assert torch.equal(*made)


def test_the_slider_goes_from_near_to_far(picture, monkeypatch):
    monkeypatch.setattr(variation, "TRIES", 6)
    monkeypatch.setattr(variation, "MENDS", 4)
    reached = []
    for wish in (0.1, 0.5, 1.0):
        made = variation.vary([picture], (40, 56), wish, Random(0))
        reached.append(distance(picture, made))
        if wish == 0.1:
            assert coverage(picture, made) > 0.85
    assert 0 < reached[0] < reached[1] < reached[2]


def test_a_patchwork_shares_its_place_out(picture):
    black, white = picture * 0, picture * 0 + 1
    made = arranging.patchwork([black, white], (48, 48), [3, 1], 4, Random(0))
    assert abs(float(made.mean()) - 0.25) < 0.08


def test_another_shape_keeps_the_disc_round(picture):
    made = arranging.reshape(picture, (40, 84), Random(0), silent)
    assert made.shape == (3, 40, 84)
    assert coverage(picture, made) > 0.6


def test_ranks_share_a_place_where_numbers_are_equal():
    assert arranging.ranks(torch.tensor([5.0, 1.0, 5.0])).tolist() == [0.75, 0.0, 0.75]


def test_what_came_out_as_a_copy_is_varied_again_a_little_farther(picture, monkeypatch):
    wishes = []

    def near(sources, size, wish, random, on_try):
        wishes.append(wish)
        return sources[0] if wish < 0.3 else sources[0].roll(19, 2)

    monkeypatch.setattr(variation, "layout", near)
    shares = []
    made = variation.vary([picture], (40, 56), 0.1, Random(0), on_level=lambda share, x: shares.append(share))
    assert wishes == [0.1, 0.1 + variation.FARTHER, 0.1 + 2 * variation.FARTHER]
    assert distance(picture, made) >= variation.COPY and max(shares) <= 1
    wishes.clear()
    assert torch.allclose(variation.vary([picture], (40, 56), 0.0, Random(0)), picture, atol=0.01) and len(wishes) == 1

from bottega.patches import arranging, variation
from bottega.patches.measure import coverage, difference, distance, one_piece
from bottega.randomness import Random


def silent(share, x):
    pass


def test_distance_is_none_to_itself_and_grows(picture):
    assert distance(picture, picture) == 0
    moved = picture.roll(3, 2)
    assert 0 < distance(picture, moved) < difference(picture, moved)  # only moved aside
    assert one_piece(picture, moved) > 0.7
    assert distance(picture, Random(0).uniform(3, 40, 56)) > 0.7


def test_the_slider_goes_from_near_to_far(picture, monkeypatch):
    monkeypatch.setattr(variation, "TRIES", 6)
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
    import torch

    assert arranging.ranks(torch.tensor([5.0, 1.0, 5.0])).tolist() == [0.75, 0.0, 0.75]

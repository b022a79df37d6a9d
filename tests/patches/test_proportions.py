import torch

from bottega.patches.proportions import Balance, Liveliness
from bottega.patches.variation import warp
from bottega.randomness import Random


def test_a_picture_with_more_of_one_thing_is_out_of_balance(picture):
    balance = Balance.of([picture], 7)
    assert balance.lost(picture) == 0
    assert balance.lost(picture.flip(2)) < 0.06  # the same parts, turned round
    doubled = torch.cat([picture[:, :, :28], picture[:, :, :28]], 2)
    assert balance.lost(doubled) > 3 * balance.lost(picture.flip(2))
    assert Balance.of([picture, doubled], 7).lost(doubled) < balance.lost(doubled)


def test_proportions_of_pictures_of_one_row_and_of_films(picture):
    row, clip = picture[:, :1], Random(2, "clip").uniform(3, 8, 16, 20)
    assert Balance.of([row], 7).lost(row) == 0
    assert Balance.of([clip], 5).lost(clip) == 0 < Balance.of([clip], 5).lost(clip * 0.5)


def test_a_picture_without_its_fine_detail_is_less_lively(picture):
    lively, smooth = Liveliness.of([picture]), (picture + picture.roll(1, 1) + picture.roll(1, 2)) / 3
    assert float(lively.lost(picture)) == 0
    assert float(lively.lost(smooth)) > 2 * float(lively.lost(picture.roll(1, 2))) > 0


def test_a_picture_is_evened_out_by_moving_its_parts(picture):
    balance = Balance.of([picture], 7)
    moved = warp(picture, 0.15, Random(1))
    evened = balance.evened(moved)
    assert evened.shape == picture.shape and 0 <= float(evened.min()) <= float(evened.max()) <= 1
    assert balance.lost(evened) < 0.6 * balance.lost(moved)
    assert balance.lost(balance.evened(picture)) < 0.01  # what is even already stays so

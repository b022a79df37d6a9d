import math

import pytest
import torch
from toys import TinyGAN, weights

from bottega.training.averaging import Average


def test_half_life_is_a_share_of_the_works_seen():
    objective = TinyGAN()
    average = Average(objective, share=0.5)
    bias, kept = objective.generator[0].bias, average.tensors()["generator.0.bias"]
    torch.nn.init.zeros_(bias)
    for step in range(100):
        average.update(step)
    torch.nn.init.ones_(bias)
    for step in range(100, 200):  # twice as many works seen: the last half counts for more than half
        average.update(step)
    weight_of_old = 1.0
    for step in range(100, 200):
        weight_of_old *= 0.5 ** (1 / (0.5 * (step + 1)))
    assert kept[0].item() == pytest.approx(1 - weight_of_old, rel=1e-4)
    assert weight_of_old == pytest.approx((100 / 200) ** (math.log(2) / 0.5), rel=0.01)


def test_worn_weights_come_off_again():
    objective = TinyGAN()
    average = Average(objective, share=0.05)
    before = weights(objective)
    with torch.no_grad():
        for kept in average.kept:
            kept.fill_(7)
    with average.worn():
        assert all(bool((p == 7).all()) for p in objective.generator.parameters())
        assert torch.equal(objective.critic[0].weight, before["critic.0.weight"])
        assert torch.equal(objective.generator[1].running_mean, before["generator.1.running_mean"])
    assert all(torch.equal(value, before[name]) for name, value in objective.state_dict().items())


def test_a_share_of_zero_averages_nothing():
    assert Average(TinyGAN(), share=0).tensors() == {}

import pytest
import torch

from bottega.patches.sliced import at_quantiles, optimise, sliced_wasserstein
from bottega.randomness import Random


def stripes(size: int, width: int) -> torch.Tensor:
    """(1, 3, size, size): upright stripes."""
    columns = (torch.arange(size) // width % 2).float() * 2 - 1
    return columns.expand(1, 3, size, size).clone()


def test_a_picture_is_no_distance_from_itself_and_some_from_another() -> None:
    x = stripes(24, 3)
    same = sliced_wasserstein(x, x[0], Random(0), stride=1)
    other = sliced_wasserstein(x, stripes(24, 6)[0].mT, Random(0), stride=1)
    assert float(same) < 1e-6 < 0.1 < float(other)


def test_references_of_another_size_are_compared_by_rank() -> None:
    x = stripes(24, 3)
    far = sliced_wasserstein(torch.zeros_like(x), [stripes(48, 3)[0]], Random(0), stride=1)
    near = sliced_wasserstein(x, [stripes(48, 3)[0]], Random(0), stride=1)
    assert float(near) < 0.25 * float(far)


def test_ranks_are_read_between_neighbours() -> None:
    assert at_quantiles(torch.tensor([[0.0, 1.0]]), 4).tolist() == [[0.0, 0.25, 0.75, 1.0]]
    assert at_quantiles(torch.tensor([[0.0, 1.0, 2.0, 3.0]]), 2).tolist() == [[0.5, 2.5]]


@pytest.mark.parametrize("size", [(20, 20), (6, 12, 12), (1, 30)])
def test_optimising_brings_any_kind_of_picture_nearer(size: tuple[int, ...]) -> None:
    reference = Random(1).normal(3, *size).cumsum(-1).tanh()
    first = torch.zeros(2, 3, *size)
    made = optimise(first, reference, Random(0), steps=20, rate=0.4, stride=1, patch=5)
    before, after = (float(sliced_wasserstein(x, reference, Random(5), stride=1)) for x in (first, made))
    assert made.shape == first.shape
    assert after < 0.8 * before


def test_coarse_to_fine_ends_at_the_full_size() -> None:
    shown: list[float] = []
    first = torch.zeros(1, 3, 20, 30)
    made = optimise(
        first, stripes(24, 3)[0], Random(0), steps=10, scales=(0.5, 1.0), on_step=lambda share, _: shown.append(share)
    )
    assert made.shape == first.shape
    assert shown == [0.5, 1.0]

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks import build


@pytest.mark.parametrize("shape", [(3, 32, 32), (4, 72, 48), (3, 16, 256), (3, 128, 128)])
def test_any_shape_comes_back_as_it_went_in(shape):
    network = build("unet", shape=shape, classes=3, channels=(32, 48, 64), attention=True)
    torch.nn.init.normal_(network.leave.weight)
    x, t = torch.randn(2, *shape), torch.tensor([0.1, 0.9])
    out = network(x, t, torch.tensor([0, 3]), torch.zeros(2, 6))
    assert out.shape == x.shape and out.isfinite().all() and out.std() > 0


def test_it_starts_at_zero_and_listens_to_time_and_class():
    network = build("unet", shape=(3, 16, 16), classes=2, channels=(32, 48), encoder=(1, 1), decoder=(1,))
    x, t = torch.randn(1, 3, 16, 16), torch.tensor([0.5])
    assert network(x, t, torch.tensor([0])).abs().max() == 0
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.normal_(part.weight, std=0.05)
    one = network(x, t, torch.tensor([0]))
    assert not torch.allclose(one, network(x, t, torch.tensor([1])))
    assert not torch.allclose(one, network(x, torch.tensor([0.9]), torch.tensor([0])))


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match="multiples of 16"):
        build("unet", shape=(3, 32, 32), classes=0, channels=(30, 64), encoder=(1, 1), decoder=(1,))
    with pytest.raises(UsageError, match="widths"):
        build("unet", shape=(3, 32, 32), classes=0, widths=(32,))

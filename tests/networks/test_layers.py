import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.functional import batch_norm

from bottega.networks.layers import BatchNorm, Dropout, average, conv, conv_transpose, stages


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (5, 2), (3, 2), (8, 4), (25, 4)])
def test_stride_divides_and_transposed_stride_multiplies_the_sides(dims, kernel, stride):
    x = torch.zeros(2, 3, *([8] * dims)) if kernel < 25 or dims == 1 else torch.zeros(1, 1, *([8] * dims))
    inputs = x.shape[1]
    assert conv(dims, inputs, 2, kernel, stride)(x).shape[2:] == (8 // stride,) * dims
    assert conv_transpose(dims, inputs, 2, kernel, stride)(x).shape[2:] == (8 * stride,) * dims


@pytest.mark.parametrize(
    ("size", "count"), [((32, 32), 3), ((28, 28), 2), ((32, 48), 3), ((64, 64), 4), ((256, 256), 6), ((24, 72), 2)]
)
def test_stages_leave_a_grid_of_at_least_four(size, count):
    assert stages(size) == count


@pytest.mark.parametrize("shape", [(6, 3, 5), (6, 3, 4, 5), (6, 3, 2, 4, 5)])
def test_batch_norm_is_torchs_in_one_process(shape):
    x, ours = torch.randn(shape), BatchNorm(3)
    expected = batch_norm(x, torch.zeros(3), torch.ones(3), ours.weight, ours.bias, training=True)
    assert torch.equal(ours(x), expected)


def test_dropout_keeps_the_mean_and_rests_in_eval():
    torch.manual_seed(0)
    x, layer = torch.ones(64, 32, 8, 8).contiguous(memory_format=torch.channels_last), Dropout(0.3)
    y = layer(x)
    assert abs(y.mean().item() - 1) < 0.01
    assert abs((y == 0).float().mean().item() - 0.3) < 0.01
    assert y.is_contiguous(memory_format=torch.channels_last)
    assert layer.eval()(x) is x


class Whole(nn.Module):
    """Batch norm, dropout and a mean over the batch, in one small network."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first, self.norm, self.drop = nn.Conv2d(3, 8, 3), BatchNorm(8), Dropout(0.5)
        self.last = nn.Linear(8, 1)

    def forward(self, x):
        return self.last(self.drop(self.norm(self.first(x)).relu()).mean((2, 3))).square()


def losses_and_gradients(x):
    network = Whole()
    values = []
    for step in range(2):
        torch.manual_seed(step)
        loss = average(network(x).mean()).log()
        network.zero_grad()
        loss.backward()
        values.append(loss.item())
    gradients = torch.cat([p.grad.flatten() for p in network.parameters()])
    return values, gradients, network.norm.running_mean.clone(), network.norm.running_var.clone()


def one_of_two(rank, meeting, x, answers):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    values, gradients, mean, variance = losses_and_gradients(x.chunk(2)[rank])
    dist.all_reduce(gradients)  # the training loop averages gradients over the processes
    answers[rank] = (values, (gradients / 2).tolist(), mean.tolist(), variance.tolist())
    dist.destroy_process_group()


def test_two_processes_equal_one(tmp_path):
    x = torch.randn(8, 3, 6, 6) * 2 + 1
    values, gradients, mean, variance = losses_and_gradients(x)
    with mp.Manager() as manager:
        answers = manager.dict()
        mp.spawn(one_of_two, ((tmp_path / "meeting").as_uri(), x, answers), nprocs=2)
        for rank in range(2):
            found = answers[rank]
            assert found[0] == pytest.approx(values, rel=1e-4)
            assert torch.allclose(torch.tensor(found[1]), gradients, rtol=1e-3, atol=1e-5)
            assert torch.allclose(torch.tensor(found[2]), mean, atol=1e-6)
            assert torch.allclose(torch.tensor(found[3]), variance, rtol=1e-5)

import torch

from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.training.muon import Muon, orthogonal, suits
from bottega.training.turns import Turn


def test_directions_become_orthogonal_whatever_their_shape():
    torch.manual_seed(0)
    for shape in ((3, 32, 288), (2, 64, 32), (1, 40, 40)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert values.min() > 0.4 and values.max() < 1.3


def test_only_wide_kernels_suit_it():
    assert suits(torch.nn.Conv2d(32, 64, 3).weight)
    assert not suits(torch.nn.Conv2d(3, 64, 3).weight)
    assert not suits(torch.nn.Conv2d(64, 64, 3).bias)
    assert not suits(torch.nn.Linear(64, 64).weight)
    assert suits(torch.nn.Linear(64, 64).weight, matrices=True)
    assert not suits(torch.nn.Linear(64, 64).bias, matrices=True)


def test_tables_of_tokens_are_no_matrices():
    objective = Objective()
    objective.model = torch.nn.Sequential(torch.nn.Embedding(64, 64), torch.nn.Linear(64, 64))
    for matrices, taken in ((False, []), (True, ["model.1.weight"])):
        settings = OptimizerSettings(muon=0.02, matrices=matrices)
        turn = Turn(objective, Phase("model", ("model",), lambda *_: {}, settings))
        assert list(turn.muon.named) == taken


def test_it_reaches_what_plain_gradients_crawl_to():
    """A badly scaled least-squares problem: gradient descent needs hundreds of times more steps."""
    torch.manual_seed(0)
    target = torch.randn(32, 32, 1, 1)
    scales = torch.logspace(0, 2, 32)
    kernel = torch.nn.Parameter(torch.zeros(32, 32, 1, 1))
    muon = Muon({"kernel": kernel})
    for step in range(200):
        kernel.grad = None
        loss = ((kernel - target) * scales.view(1, 32, 1, 1)).square().mean()
        loss.backward()
        muon.step(0.2 * (1 - step / 200))
    assert loss < 0.02 * ((target * scales.view(1, 32, 1, 1)).square().mean())


def test_the_momenta_are_views_of_what_it_uses():
    kernels = {name: torch.nn.Parameter(torch.randn(32, 32, 3, 3)) for name in ("a", "b")}
    muon = Muon(kernels)
    for kernel in kernels.values():
        kernel.grad = torch.ones_like(kernel)
    muon.step(0.1)
    assert set(muon.tensors()) == {"a", "b"}
    muon.tensors()["b"].zero_()
    assert muon.momenta[0][1].abs().sum() == 0 and muon.momenta[0][0].abs().sum() > 0

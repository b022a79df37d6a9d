import torch

from bottega.objectives.base import OptimizerSettings
from bottega.objectives.flow import Flow
from bottega.randomness import Random


class Straight(torch.nn.Module):
    """The exact velocity towards one work: v(x, t) = (work - x) / (1 - t)."""

    def __init__(self, work):
        super().__init__()
        self.shape, self.work = tuple(work.shape), torch.nn.Parameter(work)

    def forward(self, x, t, label=None, augmentation=None):
        to = self.work if label is None else self.work * (label[:, None, None, None] - 1)
        return (to - x) / (1 - t[:, None, None, None]).clamp(min=1e-3)


def flow(network, **numbers):
    return Flow(network, classes=numbers.pop("classes", 0), optimizers={}, **numbers)


def test_the_exact_velocity_costs_nothing_and_leads_to_the_work():
    work = torch.rand(3, 8, 8) * 2 - 1
    objective = flow(Straight(work), mirror=False)
    batch = work.expand(16, -1, -1, -1)
    assert objective.loss(batch, None, Random(0), 0.5)["loss"] < 1e-4
    made = objective.sample(4, None, Random(1), steps=5)
    assert torch.allclose(made, work.expand_as(made), atol=1e-4)


def test_guidance_exaggerates_the_class():
    work = torch.ones(1, 8, 8)
    objective = flow(Straight(work), classes=1)  # label 0 leads to -1, "no class" (1) to 0
    label = torch.zeros(2, dtype=torch.int64)
    plain = objective.sample(2, label, Random(0), steps=4, guidance=1.0)
    strong = objective.sample(2, label, Random(0), steps=4, guidance=2.0)
    assert torch.allclose(plain, -torch.ones_like(plain), atol=1e-3)
    assert torch.allclose(strong, -2 * torch.ones_like(strong), atol=1e-3)


def test_labels_are_hidden_for_the_share_asked_for():
    seen = []

    class Spy(Straight):
        def forward(self, x, t, label=None, augmentation=None):
            seen.append(label)
            return super().forward(x, t, None)

    objective = flow(Spy(torch.zeros(1, 8, 8)), classes=3, unlabelled=0.25)
    objective.loss(torch.zeros(4000, 1, 8, 8), torch.ones(4000, dtype=torch.int64), Random(0), 0.0)
    assert abs((seen[0] == 3).float().mean() - 0.25) < 0.03 and set(seen[0].tolist()) == {1, 3}


def test_the_optimizer_of_the_recipe_is_used():
    chosen = OptimizerSettings(lr=1.0)
    objective = Flow(Straight(torch.zeros(1, 8, 8)), classes=0, optimizers={"velocity": chosen})
    assert objective.phases()[0].optimizer is chosen

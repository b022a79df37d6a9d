"""A phase of an objective with its optimizer: everything one turn of a training step needs."""

import torch
from torch import Tensor, nn

from bottega.objectives.base import Objective, Phase, at
from bottega.training.muon import Muon, suits


class Turn:
    """One phase, ready to learn.

    Adam's moments are made at once, not at the first step, so that a checkpoint has the same tensors at every time.
    """

    def __init__(self, objective: Objective, phase: Phase) -> None:
        self.phase = phase
        mine = {id(p) for name in phase.networks for p in getattr(objective, name).parameters()}
        # what a network has frozen for good (fixed features, say) stays frozen
        learnable = [(name, p) for name, p in objective.named_parameters() if p.requires_grad]
        self.named = {name: p for name, p in learnable if id(p) in mine}
        self.learners: list[nn.Parameter] = list(self.named.values())
        chosen = phase.optimizer
        tables = {id(m.weight) for m in objective.modules() if isinstance(m, nn.Embedding)}  # rows, not a matrix
        suited = {name: p for name, p in self.named.items() if suits(p, chosen.matrices) and id(p) not in tables}
        wide = suited if chosen.muon else {}
        self.muon = Muon(wide)
        self.rest = {name: p for name, p in self.named.items() if name not in wide}
        self.adam = torch.optim.AdamW(self.rest.values(), eps=chosen.eps, weight_decay=chosen.weight_decay, fused=True)
        for p in self.rest.values():
            step = torch.zeros((), dtype=torch.float32, device=p.device)
            self.adam.state[p] = {"step": step, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}

    def backward(self, loss: Tensor) -> None:
        """Gradients for this phase's networks; those of the others are not computed."""
        loss.backward(inputs=self.learners, retain_graph=self.phase.keeps_graph)

    def gradients(self) -> list[Tensor]:
        """The gradients there are after ``backward``."""
        return [p.grad for p in self.learners if p.grad is not None]

    def step(self, progress: float, scale: float, norm: Tensor) -> None:
        """Clip the gradients, whose total norm is ``norm``, and move the weights."""
        chosen, group = self.phase.optimizer, self.adam.param_groups[0]
        if chosen.clip:
            torch._foreach_mul_(self.gradients(), (chosen.clip / (norm + 1e-6)).clamp(max=1.0))
        scale *= chosen.slope(progress)
        group["lr"] = at(chosen.lr, progress) * scale
        group["betas"] = (at(chosen.beta1, progress), at(chosen.beta2, progress))
        self.adam.step()
        self.muon.step(at(chosen.muon, progress) * scale)

    def close(self) -> None:
        """Forget the gradients."""
        for p in self.learners:
            p.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """The optimizers' memory by flat name: ``<phase>/<parameter>/<moment>``."""
        memory = {
            f"{self.phase.name}/{name}/{moment}": value
            for name, p in self.rest.items()
            for moment, value in self.adam.state[p].items()
        }
        return memory | {f"{self.phase.name}/{name}/momentum": value for name, value in self.muon.tensors().items()}

"""The frames to come from the frames so far.

In training the network sees the beginning of a clip and goes on from its own frames, as it will when it is used, so
that it learns to mend what its own mistakes do to the frames that follow; it goes farther the longer it has learned
(after Bengio et al. 2015, arXiv:1506.03099).

Of what comes next it only knows what is expected, so that from nothing it would paint the mean of all films, and from
one still frame hardly a motion. A film made from nothing therefore begins with a few frames that a small network makes
at once, by flow matching (``Flow``); it learns beside the other one, which goes on from there.
"""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.flow import Flow
from bottega.objectives.latent import Tell
from bottega.randomness import Random


class NextFrames(Objective):
    """A network ``frame, state -> next frame, state``; see ``networks.next_frame.FrameGru``.

    Args:
        model: the network.
        first: a velocity network of the first few frames; see ``networks.moments``. Without it films are
            only carried on.
        classes: number of classes, 0 for none.
        optimizers: settings of the phases ``"model"`` and ``"first"``.
        seen: share of a clip that is seen before the network goes on alone; in half of the steps less.
        absolute: weight of the mean absolute error beside the mean squared error.
        beginnings: weight of the error while frames are still seen.
        growth: share of training after which the network goes on to the end of the clip; at first it makes 2 frames.
        moments: parts of each clip that the network of first frames learns from in a step.
        time_mean: of the times at which it learns, see ``Flow``. Frames in a row are so much alike that what they show
            is decided early on the way from noise.
    """

    averaged = ("model", "first")
    controls: ClassVar[dict[str, float]] = {"guidance": 1.0, "temperature": 0.0}

    def __init__(
        self,
        model: nn.Module,
        first: nn.Module | None = None,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        seen: float = 0.5,
        absolute: float = 0.1,
        beginnings: float = 0.5,
        growth: float = 0.5,
        moments: int = 8,
        time_mean: float = -1.0,
    ) -> None:
        super().__init__()
        self.model: Any = model
        self.classes = classes
        self.optimizers = {name: optimizers.get(name, OptimizerSettings()) for name in ("model", "first")}
        self.seen, self.absolute, self.beginnings, self.growth = seen, absolute, beginnings, growth
        self.moments, self.length = moments, self.model.shape[1]
        self.flow: list[Flow] = []  # in a list, so that torch does not count its network twice
        if first is not None:
            self.first: Any = first
            settings = {"velocity": self.optimizers["first"]}
            self.flow = [Flow(first, classes=classes, optimizers=settings, mirror=False, time_mean=time_mean)]
        else:
            self.averaged = ("model",)

    def phases(self) -> list[Phase]:
        model = Phase("model", ("model",), self.loss, self.optimizers["model"])
        first = [Phase("first", ("first",), self.first_loss, flow.optimizer) for flow in self.flow]
        return [model, *first]

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """How far the frames are from those of the clips ``x`` (B, C, T, H, W): squared, and a little absolute."""
        most = max(1, round(self.seen * x.shape[2]))
        fewer = bool(random.child("fewer").permutation(2)[0])  # the same in every process
        begun = 1 + int(random.child("begun").permutation(most)[0]) if fewer else most
        share = min(1.0, progress / self.growth) if self.growth else 1.0
        last = begun + max(2, round(share * (x.shape[2] - begun)))
        made = self._told(x[:, :, : min(last, x.shape[2])], begun, label)
        off = made - x[:, :, 1 : made.shape[2] + 1]
        each = (off.square() + self.absolute * off.abs()).mean((0, 1, 3, 4))  # (T - 1,)
        weights = torch.ones_like(each)
        weights[: begun - 1] = self.beginnings
        squared = off[:, :, begun - 1 :].square().mean().detach()
        return {"loss": (weights * each).sum() / weights.sum(), "squared": squared}

    def _told(self, x: Tensor, begun: int, label: Tensor | None) -> Tensor:
        """What the network makes of each frame after the first: ``(B, C, T - 1, H, W)``; ``begun`` frames are seen."""
        state, frame, made = self.model.begin(len(x)), x[:, :, 0], []
        for t in range(x.shape[2] - 1):
            if 0 < t < begun:
                frame = x[:, :, t]
            frame, state = self.model(frame, state, label)
            made.append(frame)
        return torch.stack(made, 2)

    def first_loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """That of the flow, on parts of the clips ``x`` (B, C, T, H, W)."""
        (flow,), count = self.flow, self.first.frames
        begins = random.child("moments").integers(x.shape[2] - count + 1, len(x), self.moments, 1)
        times = (begins + torch.arange(count)).to(x.device)
        row = torch.arange(len(x), device=x.device)[:, None, None]
        small = self.first.small(x).movedim(2, 1)  # once, not for each of the parts, which overlap
        parts = small[row, times].flatten(0, 1).transpose(1, 2)  # (B·moments, C, count, h, w)
        labels = None if label is None else label.repeat_interleave(self.moments)
        return flow.loss(parts.flatten(1, 2), labels, random, progress)

    @torch.no_grad()
    def sample(
        self,
        n: int,
        label: Tensor | None,
        random: Random,
        *,
        frames: int | None = None,
        guidance: float = 1.0,
        temperature: float = 0.0,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """New films ``(n, C, frames, H, W)`` of any length: first frames by the flow, carried on.

        Args:
            guidance: above 1 the first frames are more typical of their class, less varied.
            temperature: see ``complete``.
        """
        channels, length, height, width = self.model.shape
        x = self.model.place.new_zeros(n, channels, frames or length, height, width)
        nothing = torch.zeros(n, 1, x.shape[2], dtype=torch.bool, device=x.device)
        controls = {"guidance": guidance, "temperature": temperature}
        return self.complete(x, nothing, label, random, tell=tell, **controls)

    @torch.no_grad()
    def complete(  # type: ignore[override]
        self,
        known: Tensor,
        mask: Tensor,
        label: Tensor | None,
        random: Random,
        *,
        guidance: float = 1.0,
        temperature: float = 0.0,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """``known`` (B, C, T, H, W) with what follows its beginning made anew.

        Args:
            mask: bool ``(B, 1, T)``, True where frames are known: the same beginning in every row.
            guidance: of the first frames, where none is known.
            temperature: how much what is remembered is disturbed before the network goes on alone, as a share of its
                size: at 0 it does what is expected, and always the same.

        Raises:
            ValueError: other frames than a beginning are known, or none and there is no network of first frames.
        """
        begun, count = int(mask[0, 0].sum()), known.shape[2]
        if not bool((mask == (torch.arange(count, device=mask.device) < begun)).all()):
            raise ValueError("a network that goes from frame to frame can only carry a beginning on")
        n, made = len(known), known.clone()
        label = any_class(label, n, self.classes, random.child("class"))
        label = None if label is None else label.to(known.device)
        if not begun:
            if not self.flow:
                raise ValueError("nothing is known, and no network was given for first frames")
            first = self.flow[0].sample(n, label, random.child("first"), guidance=guidance)
            begun = min(self.first.frames, count)
            made[:, :, :begun] = self.first.whole(first)[:, :, :begun]
        state = self.model.begin(n)
        noise = [random.child("memory", layer).normal(*state[layer].shape).to(known) for layer in (1, 2)]
        for t in range(count - 1):
            if t == begun - 1 and temperature:
                fine, coarse = (h + temperature * h.std() * e for h, e in zip(state[1:], noise, strict=True))
                state = state._replace(fine=fine, coarse=coarse)
            frame, state = self.model(made[:, :, t], state, label)
            if t + 1 >= begun:
                made[:, :, t + 1] = frame.clamp(-1, 1)
                tell((t + 2 - begun) / (count - begun))
        return made

"""A codec of sounds: an autoencoder whose few frames a second keep what an ear would miss.

What comes out is compared with what went in as spectra through windows of several lengths (Yamamoto et al. 2020,
arXiv:1910.11480; RAVE: Caillon & Esling 2021, arXiv:2111.05011) and, so that phases come out right too, sample by
sample. The latent frames are clouds near N(0, 1) (Kingma & Welling 2014, arXiv:1312.6114), so that a second model can
learn to write them. Late in training the encoder stays as it is and a critic joins in, as in RAVE, for the decoder to
learn what no distance says.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu

from bottega.networks.layers import average
from bottega.networks.spectral import REACH, power
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.randomness import Random

BLOCK, MARGIN = 256, 24
"""Frames that are coded at once, and those beside them that they can see."""
SILENCE = 1e-7
"""Power below which a frequency counts as silent."""


class Codec(Objective):
    """An encoder and a decoder that meet in a sequence of latent frames.

    Args:
        encoder: ``(B, C, N) -> mean, logvar (B, T, L)``; decoder: ``(B, T, L) -> (B, C, N)``.
        critic: ``(B, C, N) -> [(scores, features), …]``; none where left out.
        classes: not looked at.
        optimizers: for the phases "codec" and "critic".
        windows: of the spectra that are compared, in samples; looks: how many of them, drawn anew, at each step.
        wave: weight of the difference of samples beside that of spectra.
        kl: weight of the mean KL divergence of a latent number from N(0, 1), in nats.
        late: progress at which the critic joins in and the encoder stays as it is.
        fooling, features: weights of the critic's scores and of the difference of what it sees.
    """

    averaged = ("encoder", "decoder")

    def __init__(
        self,
        *,
        encoder: nn.Module,
        decoder: nn.Module,
        critic: nn.Module | None = None,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        windows: tuple[int, ...] = (2048, 1024, 512, 256, 128),
        looks: int = 2,
        wave: float = 0.5,
        kl: Number = 0.01,
        late: float = 0.7,
        fooling: float = 0.05,
        features: float = 0.5,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.critic, self.classes = encoder, decoder, critic, classes
        self.optimizers = optimizers or {}
        self.windows, self.looks, self.wave, self.kl = windows, looks, wave, kl
        self.late, self.fooling, self.features = late, fooling, features
        self.made: Tensor | None = None

    @property
    def hop(self) -> int:
        """Samples of a latent frame."""
        return self.encoder.span  # type: ignore[return-value]

    @property
    def width(self) -> int:
        """Numbers of a latent frame."""
        return self.encoder.latent  # type: ignore[return-value]

    def phases(self) -> list[Phase]:
        codec, critic = (self.optimizers.get(name, OptimizerSettings()) for name in ("codec", "critic"))
        phases = [Phase("codec", ("encoder", "decoder"), self.loss, codec)]
        return phases if self.critic is None else [*phases, Phase("critic", ("critic",), self.loss_of_critic, critic)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Differences of spectra and samples, and the KL term; later the critic's. Each also by itself."""
        judged = self.critic is not None and progress >= self.late
        x = pad(batch, (0, -batch.shape[2] % self.hop))
        with torch.set_grad_enabled(not judged):
            mean, logvar = self.encoder(x)
        noise = random.normal(*mean.shape).to(mean.device)
        y = self.decoder(mean + (0.5 * logvar).exp() * noise)
        chosen = random.child("windows").permutation(len(self.windows))[: self.looks]
        parts = differences(x.flatten(0, 1), y.flatten(0, 1), [self.windows[i] for i in chosen])
        parts["kl"] = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss = parts["convergence"] + parts["log"] + self.wave * parts["wave"] + at(self.kl, progress) * parts["kl"]
        if judged:
            parts |= self._verdict(x, y)
            loss = loss + self.fooling * parts["fooling"] + self.features * parts["features"]
            self.made = y.detach()
        return {"loss": loss} | {name: part.detach() for name, part in parts.items()}

    def _verdict(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """How well the critic's eyes are fooled, and how differently they see ``x`` and ``y`` ``(B, C, N)``."""
        assert self.critic is not None
        with torch.no_grad():
            known = self.critic(x)
        fooling, features = x.new_zeros(()), x.new_zeros(())
        for (_real, of_x), (scores, of_y) in zip(known, self.critic(y), strict=True):
            fooling = fooling - scores.mean()
            for a, b in zip(of_x, of_y, strict=True):
                features = features + (a - b).abs().mean() / a.abs().mean() / len(of_x)
        return {"fooling": fooling / len(known), "features": features / len(known)}

    def loss_of_critic(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """relu(1 - D(x)) + relu(1 + D(y)); nothing before its time."""
        assert self.critic is not None
        made, self.made = self.made, None
        if made is None:
            still = torch.stack([p.sum() for p in self.critic.parameters()]).sum() * 0.0
            return {"loss": still}
        x = pad(batch, (0, -batch.shape[2] % self.hop))
        pairs = zip(self.critic(x), self.critic(made), strict=True)
        losses = [relu(1 - real).mean() + relu(1 + false).mean() for (real, _a), (false, _b) in pairs]
        return {"loss": torch.stack(losses).mean()}

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Sounds ``(B, C, N)`` of any length to the means of their latent frames ``(B, L, ceil(N / hop))``."""
        x = pad(x, (0, -x.shape[2] % self.hop))
        span, count = self.hop, x.shape[2] // self.hop
        parts = [
            self.encoder(x[:, :, a * span : b * span])[0][:, left:right] for a, b, left, right in _stretches(count)
        ]
        return torch.cat(parts, 1).transpose(1, 2).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """Latent frames ``(B, L, T)`` to sounds ``(B, C, T · hop)``."""
        span, frames = self.hop, z.transpose(1, 2)
        parts = [
            self.decoder(frames[:, a:b])[:, :, left * span : right * span]
            for a, b, left, right in _stretches(frames.shape[1])
        ]
        return torch.cat(parts, 2)


def differences(x: Tensor, y: Tensor, windows: Sequence[int]) -> dict[str, Tensor]:
    """Between sounds ``(B, N)``: of spectra (convergence and log) and of samples; 0 where equal."""
    convergence, log = x.new_zeros(()), x.new_zeros(())
    for size in windows:
        p, q = (power(s, size // REACH).clamp(min=SILENCE) for s in (x, y))
        convergence = convergence + _relative(p.sqrt(), q.sqrt())
        log = log + (p.log() - q.log()).abs().mean() / 2
    count = len(windows)
    return {"convergence": convergence / count, "log": log / count, "wave": _relative(x, y)}


def _relative(x: Tensor, y: Tensor) -> Tensor:
    """Mean over the batch of |x - y| / |x|, soft rows not blown up without end."""
    size = x.flatten(1).square().mean(1).sqrt()
    floor = 0.1 * average(size.mean()) + 1e-4
    return ((x - y).flatten(1).square().mean(1).add(1e-12).sqrt() / (size + floor)).mean()


def _stretches(count: int) -> list[tuple[int, int, int, int]]:
    """For each block of frames: where to begin and end reading, and which part of what is read to keep."""
    found = []
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        begin, end = max(first - MARGIN, 0), min(last + MARGIN, count)
        found.append((begin, end, first - begin, last - begin))
    return found

"""What every game of a generator and a discriminator can do once it is played: find works again, and change them."""

import torch
from torch import Tensor, nn

from bottega.objectives import latent
from bottega.objectives.base import Objective
from bottega.objectives.crossing import crossed
from bottega.objectives.latent import Observation, Place, Tell
from bottega.randomness import Random


class Game(Objective):
    """An objective with a generator, whose latent space is searched with the discriminator's eyes."""

    generator: nn.Module
    discriminator: nn.Module

    def places(self, n: int, label: Tensor | None, random: Random) -> Place:
        return latent.places(n, self.generator, self.classes, label, random)

    def to_latent(self, x: Tensor, label: Tensor | None, random: Random, tell: Tell = lambda share: None) -> Place:
        first = latent.start_from(None, self.generator, self.classes, label, random)
        return latent.invert(self.generator, self.discriminator, latent.everything(x), first, tell=tell)

    @torch.no_grad()
    def from_latent(self, place: Place) -> Tensor:
        return self.generator(place.z, place.label)

    def complete(
        self,
        observation: Observation,
        label: Tensor | None,
        random: Random,
        start: Place | None = None,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        first = latent.start_from(start, self.generator, self.classes, label, random)
        return self.from_latent(latent.invert(self.generator, self.discriminator, observation, first, tell=tell))

    def mix(self, first: Place, second: Place, share: float, random: Random) -> Tensor:
        """The arrangement of one work, the colours and textures of another."""
        made = crossed(self.generator, (first.z, first.label), (second.z, second.label), share)
        return super().mix(first, second, share, random) if made is None else made

"""A part of a frame painted from a keyframe that was: the patches whose content is most like it, as they were painted.

Image analogies (Hertzmann, Jacobs, Oliver, Curless & Salesin 2001) with the guides of Jamriška et al. 2019, "Stylizing
Video by Example": what is to be seen, where it stands, and the painting so far around it. The search is done on small
pictures, where each place stands for a few pixels, over all patches of the keyframe; the painted patches are laid at
full size. The same bytes whatever the number of threads.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.moving.flow import opencv
from bottega.patches.descriptors import describe, learn
from bottega.patches.fields import distances, nearest_field
from bottega.patches.pyramid import canvas_of

PLACES = 128  # along the longer side of the small pictures
PATCH = 5  # of them: so much is compared
LAID = 3  # and so much laid down
PLACE = 0.4  # how much it matters where a patch stands, next to its colours
PAINT = 0.7  # and how the painting so far looks
TURNS = 1  # searches once there is a painting to look at
STRANGE = 0.12  # the difference of colours from which nothing is like a place
TOGETHER = 8  # rounds in which neighbours take each other's patches
BREAK = 0.6  # what a seam to a neighbour costs, in usual distances
DECIDED = 3  # how far the middle of a patch counts before its rim


class Key:
    """A keyframe and how it was painted.

    Args:
        content, painted: uint8 ``(H, W, 3)``.
    """

    def __init__(self, content: np.ndarray, painted: np.ndarray) -> None:
        self.painted = painted.astype(np.float32)
        height, width = content.shape[:2]
        self.step = max(1, round(max(height, width) / PLACES))  # pixels of a place
        self.small = -(-height // self.step), -(-width // self.step)
        self.rimmed = self.with_rim()
        self.middles = torch.cartesian_prod(*(torch.arange(n) for n in self.small))  # (h·w, 2) of the patches
        self.looks = self.shrunk(content).flatten(1)  # (3, h·w)
        self.blind = self.learnt([self.shrunk(content)], [1.0])
        self.seeing = self.learnt([self.shrunk(content), self.shrunk(painted)], [1.0, PAINT])

    def with_rim(self) -> np.ndarray:
        """The painting with ones as a fourth channel, and so wide a rim that a patch may lie around any place."""
        height, width = self.painted.shape[:2]
        near, far = LAID * self.step // 2, LAID * self.step
        edges = near, self.small[0] * self.step - height + far, near, self.small[1] * self.step - width + far
        wide = opencv().copyMakeBorder(self.painted, *edges, opencv().BORDER_REPLICATE)
        return np.dstack([wide, np.ones(wide.shape[:2], np.float32)])

    def shrunk(self, frame: np.ndarray) -> Tensor:
        """A picture ``(H, W, 3)`` of levels as float32 ``(3, h, w)`` in [0, 1]."""
        cv2, (high, wide) = opencv(), self.small
        padded = cv2.copyMakeBorder(
            frame, 0, high * self.step - frame.shape[0], 0, wide * self.step - frame.shape[1], cv2.BORDER_REPLICATE
        )
        little = cv2.resize(padded, (wide, high), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(little.astype(np.float32) / 255).permute(2, 0, 1)

    def guided(self, pictures: list[Tensor]) -> Tensor:
        """Small pictures, and where their places are, with a rim around them: ``(3n + 2, h + 4, w + 4)``."""
        high, wide = self.small
        down = (torch.arange(high) / max(self.small)).view(1, -1, 1).expand(1, high, wide)
        across = (torch.arange(wide) / max(self.small)).view(1, 1, -1).expand(1, high, wide)
        return F.pad(torch.cat([*pictures, down, across])[None], (PATCH // 2,) * 4, mode="replicate")[0]

    def learnt(self, pictures: list[Tensor], weights: list[float]):
        """How patches of these pictures become numbers, and those of the keyframe."""
        shares = torch.tensor([weight for weight in weights for _colour in range(3)] + [PLACE, PLACE])
        canvas = canvas_of([self.guided(pictures)], [None], (PATCH, PATCH))
        basis, keys = learn(canvas, shares)
        return basis, keys[canvas.valid]

    def paint(self, frame: np.ndarray, painting: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, float]:
        """Part of a frame, painted as the keyframe is.

        Args:
            frame: uint8 ``(H, W, 3)``.
            painting: float32 ``(H, W, 3)`` of levels: what is painted already.
            where: float32 ``(H, W)`` in [0, 1]: 1 where it is to be painted anew.

        Returns:
            float32 ``(H, W, 3)``, the painting with that part filled; and how strange that part is to the keyframe: the
            share of the frame that it covers with nothing there being like it.
        """
        cv2 = opencv()
        made, share = painting, where[..., None]
        small = cv2.dilate(self.shrunk(np.dstack([where * 255] * 3))[0].numpy(), np.ones((LAID, LAID)))
        chosen = torch.from_numpy(small[self.middles[:, 0], self.middles[:, 1]] > 0.02)
        if not bool(chosen.any()):
            return made, 0.0
        seen, found = self.shrunk(frame), self.middles[:0]
        for turn in range(1 + TURNS):
            basis, keys = self.seeing if turn else self.blind
            pictures = [seen, self.shrunk(made)] if turn else [seen]
            rows = describe(self.guided(pictures), basis, (False, False)).flatten(0, 1)[chosen]
            found = self.coherent(rows, keys, nearest_field(rows, keys)[0], chosen)
            laid = self.laid(self.middles[chosen], self.middles[found])
            made = painting + share * (laid - painting)
        apart = (seen.flatten(1)[:, chosen] - self.looks[:, found]).abs().mean(0) > STRANGE
        return made, float((apart * torch.from_numpy(small.flatten())[chosen]).sum()) / small.size

    def coherent(self, rows: Tensor, keys: Tensor, found: Tensor, chosen: Tensor) -> Tensor:
        """The places of patches, such that neighbours come from neighbours where that costs little: what is smooth
        would otherwise take the same patch again and again.

        Args:
            rows: ``(Q, K)``; keys: ``(h·w, K)``; found: ``(Q,)``, a key for each row.
            chosen: bool ``(h·w,)``: where the rows are.
        """
        high, wide = self.small
        at = chosen.nonzero()[:, 0]
        field = torch.full((high * wide,), -1)
        far = distances(rows, keys, found)
        seam = BREAK * (float(far.double().mean()) + 1)
        steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
        for turn in range(TOGETHER):
            field[at] = found
            offers = [self.beside(field, at, step) for step in steps]  # where each neighbour would go on, or -1
            candidates = [found, offers[turn % 4], offers[(turn + 2) % 4]]
            costs = []
            for number, candidate in enumerate(candidates):
                able = candidate.clamp_min(0)
                cost = distances(rows, keys, able) if number else far
                seams = sum(((offer >= 0) & (offer != candidate)).float() for offer in offers)
                costs.append(torch.where(candidate >= 0, cost + seam * seams, torch.inf))
            best = torch.stack(costs).argmin(0)
            found = torch.stack(candidates).gather(0, best[None])[0]
            far = distances(rows, keys, found)
        return found

    def beside(self, field: Tensor, at: Tensor, step: tuple[int, int]) -> Tensor:
        """Where the patch of the neighbour at a step goes on: ``(Q,)``, -1 where there is none."""
        high, wide = self.small
        down, across = at // wide + step[0], at % wide + step[1]
        there = (down >= 0) & (down < high) & (across >= 0) & (across < wide)
        of = torch.where(there, field[(down * wide + across).clamp(0, high * wide - 1)], -1)
        back, left = of // wide - step[0], of % wide - step[1]
        there = (of >= 0) & (back >= 0) & (back < high) & (left >= 0) & (left < wide)
        return torch.where(there, back * wide + left, -1)

    def laid(self, at: Tensor, of: Tensor) -> np.ndarray:
        """Painted patches around the places ``of``, laid around the places ``at``, both ``(Q, 2)``, one on another."""
        height, width = self.painted.shape[:2]
        step, side = self.step, LAID * self.step
        ramp = np.minimum(np.arange(side) + 1, np.arange(side, 0, -1)) / (side / 2)
        window = (np.outer(ramp, ramp) ** DECIDED).astype(np.float32)
        total = np.zeros_like(self.rimmed)  # its fourth channel counts
        stride = total.shape[1]
        first_at, first_of = ((place.numpy() * step) @ (stride, 1) for place in (at, of))  # (Q,) in a rimmed picture
        laid, paint = total.reshape(-1, 4), self.rimmed.reshape(-1, 4)
        for down in range(side):
            for across in range(side):
                offset = (down + step // 2) * stride + across + step // 2
                laid[first_at + offset] += window[down, across] * paint[first_of + offset]  # each place once
        inner = total[side // 2 :, side // 2 :][:height, :width]
        return inner[..., :3] / np.maximum(inner[..., 3:], 1e-6)

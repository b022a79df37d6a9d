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

    A place of a small picture is named by the number of the patch around it on a canvas that has a rim, see ``Canvas``:
    from a place at the edge one step leads to where no patch begins.

    Args:
        content, painted: uint8 ``(H, W, 3)``.
    """

    def __init__(self, content: np.ndarray, painted: np.ndarray) -> None:
        self.painted = painted.astype(np.float32)
        height, width = content.shape[:2]
        self.step = max(1, round(max(height, width) / PLACES))  # pixels of a place
        self.small = -(-height // self.step), -(-width // self.step)
        self.cells = self.in_cells()
        self.looks = self.shrunk(content).flatten(1)  # (3, h·w)
        canvas = canvas_of([self.guided([self.shrunk(content)])], [None], (PATCH, PATCH))
        self.valid, self.stride = canvas.valid, canvas.strides[0]  # (N,)
        self.middles = canvas.valid.nonzero()[:, 0]  # (h·w,)
        self.nowhere = len(canvas.valid) - 2  # in the rim, and so are all places around it
        self.blind = self.learnt([self.shrunk(content)], [1.0])
        self.seeing = self.learnt([self.shrunk(content), self.shrunk(painted)], [1.0, PAINT])

    def in_cells(self) -> Tensor:
        """The painting with ones as a fourth channel, cut into a cell for each place of a small picture and of a rim of
        one around it: ``((h + 2)·(w + 2), step·step, 4)``."""
        (height, width), (high, wide), step = self.painted.shape[:2], self.small, self.step
        edges = step, (high + 1) * step - height, step, (wide + 1) * step - width
        rimmed = opencv().copyMakeBorder(self.painted, *edges, opencv().BORDER_REPLICATE)
        rimmed = np.dstack([rimmed, np.ones(rimmed.shape[:2], np.float32)])
        cells = rimmed.reshape(high + 2, step, wide + 2, step, 4).swapaxes(1, 2)
        return torch.from_numpy(cells.reshape(-1, step * step, 4))

    def shrunk(self, frame: np.ndarray) -> Tensor:
        """A picture ``(H, W, 3)`` of levels, or a mask ``(H, W)``, as float32 ``(3|1, h, w)`` in [0, 1]."""
        cv2, (high, wide) = opencv(), self.small
        padded = cv2.copyMakeBorder(
            frame, 0, high * self.step - frame.shape[0], 0, wide * self.step - frame.shape[1], cv2.BORDER_REPLICATE
        )
        little = cv2.resize(padded, (wide, high), interpolation=cv2.INTER_AREA).reshape(high, wide, -1)
        return torch.from_numpy(little.astype(np.float32) / 255).permute(2, 0, 1)

    def guided(self, pictures: list[Tensor]) -> Tensor:
        """Small pictures, and where their places are, with a rim around them: ``(3n + 2, h + 4, w + 4)``."""
        high, wide = self.small
        down = (torch.arange(high) / max(self.small)).view(1, -1, 1).expand(1, high, wide)
        across = (torch.arange(wide) / max(self.small)).view(1, 1, -1).expand(1, high, wide)
        return F.pad(torch.cat([*pictures, down, across])[None], (PATCH // 2,) * 4, mode="replicate")[0]

    def learnt(self, pictures: list[Tensor], weights: list[float]):
        """How patches of these pictures become numbers, and those of the keyframe: ``(N, K)``."""
        shares = torch.tensor([weight for weight in weights for _colour in range(3)] + [PLACE, PLACE])
        return learn(canvas_of([self.guided(pictures)], [None], (PATCH, PATCH)), shares)

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
        small = cv2.dilate(self.shrunk(where * 255)[0].numpy(), np.ones((LAID, LAID)))
        chosen = torch.from_numpy(small.flatten() > 0.02)
        if not bool(chosen.any()):
            return made, 0.0
        seen, at, found = self.shrunk(frame), self.middles[chosen], self.middles[:0]
        sought = (at // self.stride + at % self.stride) % 2 == 0
        for turn in range(1 + TURNS):
            basis, keys = self.seeing if turn else self.blind
            pictures = [seen, self.shrunk(made)] if turn else [seen]
            rows = describe(self.guided(pictures), basis, (False, False)).flatten(0, 1)[chosen]
            found = self.coherent(rows, keys, self.nearest(rows, keys, torch.full_like(at, self.nowhere), sought), at)
            found = self.nearest(rows, keys, found, found == self.nowhere)
            made = painting + share * (self.laid(at, found) - painting)
        like = self.looks[:, torch.searchsorted(self.middles, found)]
        apart = (seen.flatten(1)[:, chosen] - like).abs().mean(0) > STRANGE
        return made, float((apart * torch.from_numpy(small.flatten())[chosen]).sum()) / small.size

    def nearest(self, rows: Tensor, keys: Tensor, found: Tensor, sought: Tensor) -> Tensor:
        """The keys most like some of the rows, ``sought`` ``(Q,)``; for the others, what was ``found`` ``(Q,)``."""
        found[sought] = self.middles[nearest_field(rows[sought], keys[self.middles])[0]]
        return found

    def coherent(self, rows: Tensor, keys: Tensor, found: Tensor, at: Tensor) -> Tensor:
        """The places of patches, such that neighbours come from neighbours where that costs little: what is smooth
        would otherwise take the same patch again and again.

        Args:
            rows: ``(Q, K)``; keys: ``(N, K)``.
            found: ``(Q,)``, a key for each row.
            at: ``(Q,)``: where the rows are.
        """
        count = len(self.valid)
        field = torch.full((count,), self.nowhere)
        far = distances(rows, keys, found)
        seam = BREAK * (float(far[found != self.nowhere].double().mean()) + 1)
        steps = torch.tensor([[1], [self.stride], [-1], [-self.stride]])
        beside = (at + steps) % count  # (4, Q)
        for turn in range(TOGETHER):
            field[at] = found
            offers = (field[beside] - steps) % count  # where each neighbour would go on
            offers[~self.valid[offers]] = self.nowhere
            offered = offers != self.nowhere
            least = far + seam * (offered & (offers != found)).sum(0)
            for offer in (offers[turn % 4], offers[(turn + 2) % 4]):
                away = distances(rows, keys, offer)  # from nowhere: farther than all
                cost = away + seam * (offered & (offers != offer)).sum(0)
                better = cost < least
                least, far = torch.where(better, cost, least), torch.where(better, away, far)
                found = torch.where(better, offer, found)
        return found

    def laid(self, at: Tensor, of: Tensor) -> np.ndarray:
        """Painted patches around the places ``of``, laid around the places ``at``, both ``(Q,)``, one on another."""
        (height, width), (high, wide), step = self.painted.shape[:2], self.small, self.step
        side = LAID * step
        ramp = np.minimum(np.arange(side) + 1, np.arange(side, 0, -1)) / (side / 2)
        window = (np.outer(ramp, ramp) ** DECIDED).astype(np.float32)
        windows = torch.from_numpy(window.reshape(LAID, step, LAID, step).swapaxes(1, 2).reshape(LAID, LAID, -1, 1))
        total = torch.zeros_like(self.cells)  # its fourth channel counts
        first_at, first_of = (place // self.stride * (wide + 2) + place % self.stride for place in (at, of))
        for down in range(LAID):
            for across in range(LAID):
                offset = down * (wide + 2) + across
                part = self.cells.index_select(0, first_of + offset).mul_(windows[down, across])
                total.index_add_(0, first_at + offset, part)  # each cell once
        laid = total.numpy().reshape(high + 2, wide + 2, step, step, 4)[1:-1, 1:-1].swapaxes(1, 2)
        laid = laid.reshape(high * step, wide * step, 4)[:height, :width]
        return laid[..., :3] / np.maximum(laid[..., 3:], 1e-6)

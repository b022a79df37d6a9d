"""One process or many: who am I, where do I compute, and how do we agree.

``torchrun`` starts the processes; each computes its rows of every batch and the gradients are averaged in a few large
messages. With one process nothing here touches torch.distributed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch import distributed as dist

BUCKET = 64 << 20
"""Bytes in one message: large enough that the number of messages does not matter, small beside the model."""


@dataclass(frozen=True)
class Runtime:
    """This process among ``world``; number 0 is the only one that writes files."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process reads and writes the run's folder."""
        return self.rank == 0

    def average(self, tensors: list[Tensor]) -> None:
        """Replace each tensor by its mean over the processes."""
        if self.world > 1:
            for bucket in _buckets(tensors):
                flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
                dist.all_reduce(flat)
                flat /= self.world
                _scatter(flat, bucket)

    def copy_from_first(self, tensors: list[Tensor]) -> None:
        """Give every process the tensors of process 0."""
        if self.world > 1:
            for bucket in _buckets(tensors):
                flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
                dist.broadcast(flat, 0)
                _scatter(flat, bucket)

    def agree(self, progress: float, *wishes: bool) -> tuple[float, list[bool]]:
        """The progress of process 0, and of each wish whether any process has it."""
        if self.world == 1:
            return progress, list(wishes)
        told = [progress if self.first else 0.0, *map(float, wishes)]
        together = torch.tensor(told, dtype=torch.float64, device=self.device)
        dist.all_reduce(together)
        return float(together[0]), [bool(wish > 0) for wish in together[1:]]

    def all_any(self, flag: bool) -> bool:
        """Whether the flag is up in any process."""
        return self.agree(0.0, flag)[1][0]

    def share(self, values: list[float]) -> list[float]:
        """The numbers of process 0."""
        if self.world == 1:
            return values
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.tolist()


@contextmanager
def started() -> Iterator[Runtime]:
    """Join the other processes when ``torchrun`` started this one; leave them at the end."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if gpu else torch.device("cpu")
    join = world > 1 and not dist.is_initialized()
    if gpu:
        torch.cuda.set_device(device)
    if join:
        dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
    try:
        yield Runtime(rank, world, device)
        if join:
            dist.barrier()  # who leaves while another is still talking takes it down
    finally:
        if join:
            dist.destroy_process_group()


def _buckets(tensors: list[Tensor], limit: int = BUCKET) -> Iterator[list[Tensor]]:
    """Neighbours of one dtype, together at most ``limit`` bytes."""
    bucket: list[Tensor] = []
    for tensor in tensors:
        full = sum(t.nbytes for t in bucket) + tensor.nbytes > limit
        if bucket and (full or bucket[0].dtype != tensor.dtype):
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket


@torch.no_grad()
def _scatter(flat: Tensor, tensors: list[Tensor]) -> None:
    pieces = flat.split([tensor.numel() for tensor in tensors])
    for tensor, piece in zip(tensors, pieces, strict=True):
        tensor.copy_(piece.view(tensor.shape))

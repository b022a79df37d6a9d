"""Where jobs compute: on each device one at a time."""

import shutil
from functools import cache


def places(verb: str) -> list[str]:
    """The devices on which a job of this verb may run, the preferred one first; only trainings use a GPU."""
    if verb == "train" and gpus():
        return [f"cuda:{i}" for i in range(gpus())]
    return ["cpu"]


@cache
def gpus() -> int:
    """How many GPUs there are. torch knows, but takes a second to load; without the driver's tool there is none."""
    if shutil.which("nvidia-smi") is None:
        return 0
    import torch

    return torch.cuda.device_count()

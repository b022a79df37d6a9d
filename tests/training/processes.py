"""Started by torchrun: trains the toy in several processes, several times.

``torchrun processes.py FOLDER 1`` trains a whole run, starts another and stops it; ``… 2`` resumes that one.
"""

import json
import sys
from pathlib import Path

import torch
from toys import TinyGAN, stop_after_step, train, train_recipe

from bottega.errors import Interrupted, UsageError
from bottega.recipes.recipe import names
from bottega.training.runtime import Runtime, started


def main(folder: Path, act: str) -> None:
    """The first or the second act."""
    torch.set_num_threads(1)
    with started() as runtime:
        if act == "1":
            train(folder / "whole", TinyGAN(norm=False))
            stop = stop_after_step(7) if runtime.first else lambda event: None
            try:
                train(folder / "changing", TinyGAN(norm=False), on_event=stop)
            except Interrupted as error:
                said = str(error)
            try:
                train(folder / "odd", TinyGAN(norm=False), batch=15)
            except UsageError as error:
                said += str(error)
            train(folder / "bad", BadInOne(runtime.rank))
            for name in names("image"):
                train_recipe(folder / name, name)
            report(folder, runtime, said)
        else:
            train(folder / "changing", TinyGAN(norm=False), resume=True)


class BadInOne(TinyGAN):
    """Only the second process meets something that is not a number."""

    def __init__(self, rank: int) -> None:
        super().__init__(norm=False, bad_steps=(4, 5, 6, 7, 8) if rank else ())


def report(folder: Path, runtime: Runtime, said: str) -> None:
    """Write what this process saw, after checking that everybody talks to each other."""
    seen = {
        "said": said,
        "any": [runtime.all_any(flag) for flag in (False, runtime.rank == 1)],
        "agree": runtime.agree(0.25 + runtime.rank, False, runtime.rank == 1),
        "shared": runtime.share([1.5 + runtime.rank, 2.0]),
    }
    numbers = [torch.full((3, 2), float(runtime.rank)), torch.full((), runtime.rank * 4.0, dtype=torch.float64)]
    runtime.average(numbers)
    seen["average"] = [number.flatten().tolist() for number in numbers]
    (folder / f"seen{runtime.rank}.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

"""The only training loop, for every objective and medium.

It knows phases, not GANs: a step shows one batch to each phase of the objective in turn. Everything random is a pure
function of (seed, step, phase), so a resumed run needs nothing but weights, moments and a few numbers to continue bit
for bit.
"""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from bottega.errors import Interrupted, UsageError
from bottega.language import _
from bottega.objectives.base import Objective
from bottega.randomness import Random
from bottega.training import checkpoint
from bottega.training.budget import Budget
from bottega.training.events import Event, Finished, Skipped
from bottega.training.guard import learning_scale
from bottega.training.lock import locked
from bottega.training.run import Preview, Rows, Run
from bottega.training.runtime import Runtime, started
from bottega.training.settings import Outcome, TrainingSettings
from bottega.training.stopping import listening, plain_errors
from bottega.training.turns import Turn

__all__ = ["Budget", "Outcome", "TrainingSettings", "fit"]


def fit(
    objective: Objective,
    rows: Rows,
    encode: Callable[[Tensor], Tensor],
    settings: TrainingSettings,
    budget: Budget,
    folder: Path,
    *,
    description: dict[str, Any],
    resume: bool,
    finish: bool = False,
    on_event: Callable[[Event], None],
    preview: Preview | None = None,
) -> Outcome:
    """Train ``objective`` until the budget is used, or the signal ``stopping.ENOUGH`` comes.

    Afterwards it holds the averaged weights, in eval mode.

    Args:
        rows: the works, in the order in which they are shown.
        encode: turns a batch of them, on its device, into what the objective takes.
        folder: the run's own folder, made when missing.
        description: what is trained on what, as JSON; a run is only resumed with the same description.
        resume: go on from the last checkpoint if there is one, and begin otherwise.
        finish: end at the last checkpoint instead, by the budget that the run had then.
        preview: called at even intervals.

    Raises:
        UsageError: another process trains here, the folder holds another run or nothing to finish, or the batch
            cannot be shared out.
        Interrupted: Ctrl-C; everything is saved.
        TrainingFailed: the numbers stopped being finite and going back did not help.
        OutOfRoom: memory or disk ran out; the last good checkpoint is kept.
        DataError: the folder cannot be written.
    """
    with plain_errors(folder, settings.batch), listening() as stop, started() as runtime:
        _check_batch(settings.batch, runtime)
        if finish and runtime.first:
            _check_learned(folder)
        stop.enough |= finish
        with locked(folder) if runtime.first else nullcontext():
            run = Run(objective, rows, settings, budget, folder, runtime, on_event, preview)
            run.begin(description, resume or finish, finish)
            while True:
                progress, (stopping, enough) = runtime.agree(
                    run.clock.progress(run.state.step), stop.asked, stop.enough
                )
                early = enough and not stopping and progress < 1 and run.state.step > 0
                run.show(progress, early)
                if progress >= 1 or stopping or early:
                    break
                bad_phase = take_step(run, rows, encode, progress)
                if bad_phase is not None and run.guard.out_of_patience:
                    run.go_back(bad_phase)
                run.report()
                run.save_if_due()
            return _end(run, progress, over=progress >= 1 or early)


def take_step(run: Run, rows: Rows, encode: Callable[[Tensor], Tensor], progress: float) -> str | None:
    """One batch through every phase; the name of the phase whose numbers were not finite, if one was."""
    state, settings, runtime = run.state, run.settings, run.runtime
    # after a roll-back the run must not meet the numbers that broke it again
    key = (settings.seed, "again", state.rollbacks) if state.rollbacks else (settings.seed,)
    works, labels = rows.batch(key, state.step, settings.batch, runtime.rank, runtime.world)
    batch = encode(torch.from_numpy(works).to(runtime.device))
    label = None if labels is None else torch.from_numpy(labels).to(runtime.device)
    values: dict[str, float] = {}
    for turn in run.turns:
        if progress < turn.phase.since:
            continue
        random = Random(*key, state.step, turn.phase.name, rank=runtime.rank, world=runtime.world)
        run.guard.remember()
        good, shown = take_turn(turn, batch, label, random, progress, learning_scale(state.rollbacks), runtime)
        values |= shown
        if not good:
            run.guard.undo()
            run.record("skipped", step=state.step, phase=turn.phase.name)
            run.tell(Skipped(state.step, turn.phase.name))
            state.step += 1
            return turn.phase.name
    run.guard.good()
    run.average.update(state.step)
    run.note(values)
    state.step += 1
    state.works += settings.batch
    return None


def take_turn(
    turn: Turn, batch: Tensor, label: Tensor | None, random: Random, progress: float, scale: float, runtime: Runtime
) -> tuple[bool, dict[str, float]]:
    """One phase: loss, gradients, mean over the processes, and a step of its optimizer if all of it is finite."""
    _seed_layers(random, runtime)
    losses = turn.phase.loss(batch, label, random, progress)
    turn.backward(losses["loss"])
    shown = torch.stack([value.detach().float() for value in losses.values()])
    gradients = turn.gradients()
    runtime.average([*gradients, shown])
    norm = get_total_norm(gradients)
    size, *numbers = torch.cat([norm.float().reshape(1), shown]).tolist()  # the only wait for the device
    values = {f"{turn.phase.name}.{name}": number for name, number in zip(losses, numbers, strict=True)}
    # every process holds the same means, so all of them decide alike
    good = math.isfinite(size) and math.isfinite(values[f"{turn.phase.name}.loss"])
    if good:
        turn.step(progress, scale, norm)
    turn.close()
    return good, values


def _seed_layers(random: Random, runtime: Runtime) -> None:
    """Layers cannot be handed a ``Random``; what they draw from torch's own generators is a function of the step too.

    The same in every process: dropout draws the mask of the global batch and keeps its rows.
    """
    seed = random.generator.initial_seed()
    torch.default_generator.manual_seed(seed)  # torch.manual_seed does the same a hundred times slower
    if runtime.device.type == "cuda":
        torch.cuda.manual_seed(seed)


def _end(run: Run, progress: float, over: bool) -> Outcome:
    run.report(last=True)
    if over:
        run.guard.good()  # nothing comes after this, so bad steps no longer speak against saving
    run.save()
    if not over:
        raise Interrupted(
            _("Stopped and saved at step {step}. Run the same command with --resume to go on, ").format(
                step=run.state.step
            )
            + _("or with --finish to have the model as it is now.")
        )
    run.average.install()
    run.objective.eval()
    seconds = run.clock.seconds()
    finished = Finished(run.state.step, seconds, progress)
    run.record("finished", **asdict(finished))
    run.tell(finished)
    return Outcome(run.state.step, run.state.works, seconds, run.last_losses(), run.budget, progress)


def _check_learned(folder: Path) -> None:
    """There has to be more than the checkpoint with which every run begins."""
    if not any(int(path.name.removeprefix("step-")) for path in checkpoint.found(folder / "checkpoints")):
        raise UsageError(
            _("Nothing has been learned in {folder} yet, so there is no model to make of it.").format(folder=folder)
        )


def _check_batch(batch: int, runtime: Runtime) -> None:
    if batch % runtime.world:
        raise UsageError(
            _("A batch of {batch} cannot be shared out evenly among {world} processes. ").format(
                batch=batch, world=runtime.world
            )
            + _("Choose a multiple of {world}.").format(world=runtime.world)
        )

"""A training run and its folder: what it holds, how it begins, saves, shows itself and goes back.

The folder (``MODEL/training``) holds ``run.json`` (what is trained, on what), ``log.jsonl``, ``previews/000123.png``
or ``.txt``, ``checkpoints/step-00000123/`` and ``lock.json``.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import numpy as np
import torch

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.objectives.base import Objective
from bottega.provenance.record import says
from bottega.training import checkpoint
from bottega.training.averaging import Average
from bottega.training.budget import Budget, Clock
from bottega.training.events import Event, Previewed, RolledBack, Saved, SetAside, Started, Stepped
from bottega.training.guard import Guard, all_finite, learning_scale
from bottega.training.log import Log, read
from bottega.training.runtime import Runtime
from bottega.training.settings import State, TrainingSettings
from bottega.training.turns import Turn

SCHEMA = 1
Preview = Callable[[Objective], np.ndarray | str]
"""Draws a uint8 picture ``(H, W, C)``, or writes a text, with the averaged weights."""


class Rows(Protocol):
    """What the loop asks of the works it shows: as many rows as one epoch has, and the batch of any step.

    Attributes:
        unit, per_row: what a row is counted in (``"works"``, ``"tokens"``), and how many of those it is on average.
    """

    unit: str
    per_row: float

    def __len__(self) -> int: ...
    def batch(
        self, key: tuple[int | str, ...], step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's share of the batch of a step, and its labels; a pure function of the arguments."""
        ...


class Run:
    """Networks, optimizers, average, clock and folder of one run, in this process."""

    def __init__(
        self,
        objective: Objective,
        rows: Rows,
        settings: TrainingSettings,
        budget: Budget,
        folder: Path,
        runtime: Runtime,
        on_event: Callable[[Event], None],
        preview: Preview | None,
    ) -> None:
        self.objective = _on(objective, runtime.device)
        self.settings, self.folder, self.runtime = settings, folder, runtime
        self.tell = on_event if runtime.first else _tell_nobody
        self.preview = preview if runtime.first else None
        self.turns = [Turn(self.objective, phase) for phase in self.objective.phases()]
        self.average = Average(self.objective, settings.ema)
        self.guard = Guard(self.objective)
        self.state = State()
        self.unit, self.per_row, self._rows = rows.unit, rows.per_row, len(rows)
        self._plan(budget)
        self.log: Log | None = None
        self._values: dict[str, list[float]] = {}
        self.losses: dict[str, float] = {}
        self._saved_at = self._reported_at = time.monotonic()
        self._noted = 0
        self._planned: Budget | None = None

    def _plan(self, budget: Budget) -> None:
        self.budget = budget
        self.clock = Clock(budget, budget.in_steps(self._rows, self.settings.batch))

    # ---- beginning -------------------------------------------------------------------------------------------------

    def begin(self, description: dict[str, Any], resume: bool, finish: bool = False) -> None:
        """Check the folder, take up the last checkpoint when resuming, and make the first one otherwise.

        Args:
            finish: the run is not to go on, so its plan stays the one that it came so far with.

        Raises:
            UsageError: the folder holds a run and ``resume`` is false, or holds another run.
        """
        if self.runtime.first:
            checkpoint.clear_unfinished(self.folder / "checkpoints")
            self._check(description, resume)
            self.log = Log(self.folder, self.settings.tensorboard)
        used = self.restore()
        if finish and self._planned:
            self._plan(self._planned)
        self.clock.start(used or 0.0)
        self.objective.train()
        started = Started(
            self.state.step,
            self.state.works,
            sum(p.numel() for p in self.objective.parameters()),
            self.runtime.world,
            str(self.runtime.device),
        )
        self.record("started", **asdict(started))
        self.tell(started)
        if used is None:
            self.show(0.0)
            self.save()
            self.state.reserve = self.clock.seconds()  # the end will take about as long
        self.clock.keep_back(self.state.reserve)
        self._saved_at = self._reported_at = time.monotonic()

    def _check(self, description: dict[str, Any], resume: bool) -> None:
        path = self.folder / "run.json"
        mine = {"schema": SCHEMA, "description": description, "settings": self.settings.essential()}
        mine = json.loads(json.dumps(mine))
        begun = checkpoint.found(self.folder / "checkpoints")
        if path.exists() and begun:
            if not resume:
                raise UsageError(
                    _("{folder} already holds a run. Add --resume to go on with it, or choose another folder.").format(
                        folder=self.folder
                    )
                )
            differing = _differences(_read_json(path), mine)
            if differing:
                raise UsageError(
                    _("The run in {folder} was started with other choices ({keys}). ").format(
                        folder=self.folder, keys=", ".join(differing)
                    )
                    + _("Resume it with the same ones, or choose another folder.")
                )
            return
        _write_json(path, mine)

    def restore(self) -> float | None:
        """Take up the last good checkpoint; the seconds it had used, or ``None`` when there is none."""
        loaded = None
        if self.runtime.first:
            loaded = checkpoint.load(self.folder / "checkpoints", self._set_aside)
        names = list(asdict(self.state))
        values = [float(loaded is not None)]
        if loaded is not None:
            groups, saved = loaded
            self._planned = Budget(**saved["budget"]) if "budget" in saved else None
            checkpoint.copy_into(self.tensors(), groups)
            values += [float(saved[name]) for name in names]
        else:
            values += [float(value) for value in asdict(self.state).values()]
        exists, *values = self.runtime.share(values)
        self.state = State(**{n: type(getattr(self.state, n))(v) for n, v in zip(names, values, strict=True)})
        self.runtime.copy_from_first([t for group in self.tensors().values() for t in group.values()])
        return self.state.seconds if exists else None

    def _set_aside(self, path: Path, reason: str) -> None:
        self.record("set_aside", path=path.name, reason=reason)
        self.tell(SetAside(path, reason))

    # ---- what a checkpoint holds ------------------------------------------------------------------------------------

    def tensors(self) -> checkpoint.Groups:
        """Every tensor that changes, by file and name."""
        model = {name: p.detach() for name, p in self.objective.named_parameters()}
        optimizer = {name: t for turn in self.turns for name, t in turn.tensors().items()}
        groups = {"model": model | dict(self.objective.named_buffers()), "average": self.average.tensors()}
        return groups | {"optimizer": optimizer}

    def save(self) -> None:
        """Write a checkpoint; not in the middle of bad steps, to which nobody wants to go back."""
        self._saved_at = time.monotonic()
        if not self.runtime.first or self.guard.in_a_row:
            return
        groups = self.tensors()
        if all_finite([*groups["model"].values(), *groups["average"].values()]):
            self.state.seconds = self.clock.seconds()
            known = asdict(self.state) | {"budget": self.budget.given()}
            path = checkpoint.save(self.folder / "checkpoints", self.state.step, groups, known)
            self.tell(Saved(self.state.step, path))

    def save_if_due(self) -> None:
        """Write a checkpoint when the last one is old enough."""
        if time.monotonic() - self._saved_at >= self.settings.checkpoint_minutes * 60:
            self.save()

    def go_back(self, phase: str) -> None:
        """Return to the last good checkpoint with half the learning rate and other random numbers.

        Raises:
            TrainingFailed: that was tried often enough.
        """
        now, left = self.state, self.state.step
        rollbacks = self.guard.go_back(now.rollbacks, phase)
        self.restore()
        # time, works seen and pictures shown stay; only the weights and the step go back
        self.state = State(self.state.step, now.works, now.seconds, rollbacks, now.previews, now.reserve)
        event = RolledBack(left, self.state.step, learning_scale(rollbacks))
        self.record("rolled_back", **asdict(event))
        self.tell(event)

    # ---- what one sees ----------------------------------------------------------------------------------------------

    def record(self, what: str, **record: Any) -> None:
        """A line in the log."""
        if self.log is not None:
            self.log.write(what, **record)

    def note(self, values: dict[str, float]) -> None:
        """Remember the losses of a finished step until the next report."""
        for name, value in values.items():
            self._values.setdefault(name, []).append(value)
        self._noted += 1

    def last_losses(self) -> dict[str, float]:
        """Those of the last report, which another process may have made."""
        if not self.losses and self.log is not None:
            told = [record["losses"] for record in read(self.folder) if record["what"] == "step"]
            self.losses = {name: value for name, value in (told[-1] if told else {}).items() if value is not None}
        return self.losses

    def report(self, last: bool = False) -> None:
        """Say where training is, about twice a second."""
        passed = time.monotonic() - self._reported_at
        if not self._noted or (passed < self.settings.report_seconds and not last):
            return
        rate = self._noted / max(passed, 1e-9)
        self.losses = {name: fmean(values) for name, values in self._values.items()}  # some come late, or in turn
        self._values, self._noted, self._reported_at = {}, 0, time.monotonic()
        event = Stepped(
            self.state.step,
            self.clock.progress(self.state.step),
            self.losses,
            rate * self.settings.batch * self.per_row,
            self.unit,
            self.clock.seconds_left(self.state.step, rate),
        )
        self.record("step", seconds=self.clock.seconds(), **asdict(event))
        if self.log is not None:
            self.log.scalars(self.state.step, self.losses)
        self.tell(event)

    def show(self, progress: float, early: bool = False) -> None:
        """Draw the next picture of the time-lapse if it is due; what goes wrong there does not stop training.

        Args:
            early: the run ends here, before its time: then this is the last picture, due or not.
        """
        due = _pictures_due(progress, self.settings.previews)
        if due <= self.state.previews and not (early and self.settings.previews):
            return
        self.state.previews = max(due, self.state.previews)
        if self.preview is None:
            return
        path, problem = self.folder / "previews" / f"{self.state.step:06d}", ""
        self.objective.eval()
        try:
            with torch.no_grad(), self.average.worn():
                path = _write_preview(path, self.preview(self.objective))
        except Exception as error:  # a preview is never worth a run
            problem = str(error) or type(error).__name__
        self.objective.train()
        event = Previewed(self.state.step, None if problem else path, problem)
        self.record("previewed", step=event.step, path=path.name, problem=problem)
        self.tell(event)


def _on(objective: Objective, device: torch.device) -> Objective:
    """The objective on its device, pictures' weights in the order convolutions are fastest with."""
    objective = objective.to(device)
    for p in objective.parameters():
        if p.dim() == 4:
            p.data = p.data.contiguous(memory_format=torch.channels_last)
    return objective


def _tell_nobody(event: Event) -> None:
    """Only process 0 has someone to talk to."""


def _pictures_due(progress: float, pictures: int) -> int:
    """How many of the time-lapse's pictures belong to the time up to ``progress``."""
    if pictures < 2:
        return pictures if progress >= 1 else 0
    return int(progress * (pictures - 1)) + 1


def _write_preview(path: Path, preview: np.ndarray | str) -> Path:
    """A preview under this name, with the ending of its medium."""
    from bottega.media import image

    path.parent.mkdir(exist_ok=True)
    if isinstance(preview, str):
        path = path.with_suffix(".txt")
        path.write_text(preview, encoding="utf-8")
    else:
        path = path.with_suffix(".png")
        image.write(path, preview, says())
    return path


def _write_json(path: Path, value: dict[str, Any]) -> None:
    beside = path.with_name(".writing-" + path.name)
    with beside.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            _("{path} is damaged, so the run cannot be told apart from others. Choose another folder.").format(
                path=path
            )
        ) from error


def _differences(one: Any, other: Any, name: str = "") -> list[str]:
    """Dotted names of the entries that differ between two JSON objects."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [d for key in keys for d in _differences(one.get(key), other.get(key), f"{name}.{key}".lstrip("."))]
    return [] if one == other else [name.removeprefix("description.")]

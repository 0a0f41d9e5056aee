"""A progress bar, and what was measured last."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bar:
    """Shown while it is open: `with Bar() as bar`."""

    def __init__(self) -> None:
        columns = [TextColumn("{task.fields[part]:<12}"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn()]
        self._progress = Progress(*columns, TextColumn("{task.description}"))
        self._task = self._progress.add_task("", total=None, part="")

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, part: str, steps: int) -> None:
        """Another measurement, of so many steps."""
        self._progress.reset(self._task, total=steps, part=part, description="starting ...")

    def step(self, words: str) -> None:
        """One step is done; what it has found."""
        self._progress.update(self._task, advance=1, description=words)

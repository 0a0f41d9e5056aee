"""A progress bar, and what was measured last."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column


class Bar:
    """Shown while it is open: `with Bar() as bar`."""

    def __init__(self) -> None:
        rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
        self._progress = Progress(
            TextColumn("{task.fields[part]}", table_column=Column(min_width=12)),
            BarColumn(12),
            MofNCompleteColumn(table_column=Column(min_width=7)),
            TimeElapsedColumn(table_column=Column(min_width=7)),
            TextColumn("{task.description}", table_column=rest),
            expand=True,
        )
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

"""Makes a pack for a class, or hands it out: what `python3 run.py classroom` does."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while the imports below take their time

import errno
import sys
from pathlib import Path

from classroom.options import ClassroomOptions, read_options
from classroom.serve import serve

ROOT = Path(__file__).resolve().parent.parent
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def main() -> int:
    options = read_options(sys.argv[1:], ROOT)
    let_interruptions_come()
    return serve(options.into, options.port) if options.serves else make_pack(options)


def make_pack(options: ClassroomOptions) -> int:
    from classroom.pack import make  # which needs packages; serve() does not
    from classroom.wheels import CannotPack

    try:
        make(ROOT, options)
    except CannotPack as error:
        print(f"run.py classroom: {error}", file=sys.stderr)
    except OSError as error:
        why = (
            "The disk is full: make some room"
            if error.errno in FULL
            else f"{error.filename or options.into}: {error.strerror}"
        )
        print(f"run.py classroom: {why}, then run this again.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted; run this again to go on. What has been fetched is not fetched again.", file=sys.stderr)
    else:
        return 0
    return 1


def let_interruptions_come() -> None:
    """Each is a KeyboardInterrupt from now on."""
    stopping = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in stopping:
        signal.signal(number, signal.default_int_handler)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping)  # run.py has held them back until now


if __name__ == "__main__":
    sys.exit(main())

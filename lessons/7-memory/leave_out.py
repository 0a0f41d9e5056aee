"""What does the robot arm obey if one of its three means is left out?"""

import subprocess
import sys
from pathlib import Path

from commander import send, start_commander
from lab import new_client, start, stop, until
from plug import PUBLISH, Plug

OBEYED = Path("obeyed.txt")

LEFT_OUT = {
    "nothing": ("", ""),
    "the numbers": ("if number > last:", "if True:"),
    "the persistent session": ("clean_session=False", "clean_session=True"),
    "the acknowledgement afterwards": ("manual_ack=True", "manual_ack=False"),
}


def start_arm(plug, seconds, old="", new=""):
    """The arm, as a program of its own; `new` stands in it in place of `old`."""
    script = Path("arm.py").read_text().replace(old, new)
    command = [sys.executable, "-c", script, str(seconds), str(plug.address[1])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wait_for(arm, words):
    """Until the arm prints them."""
    while (line := arm.stdout.readline()) != words + "\n":
        if not line:
            raise RuntimeError("The arm has ended. Is the broker still running?")


def forget_everything():
    stop(start(new_client("robot", "arm")))  # the arm's client id, with a clean session
    OBEYED.unlink(missing_ok=True)


def obeyed():
    return [int(number) for number in OBEYED.read_text().split()] if OBEYED.exists() else []


def break_down(left_out, kill):
    """Four commands are under way: three are waiting in the arm, the fourth gets lost. What does the arm obey?"""
    forget_everything()
    plug, commander = Plug(), start_commander()
    arm = start_arm(plug, 0.5, *left_out)
    try:
        wait_for(arm, "ready")
        for number in (1, 2, 3):
            send(commander, number)
        wait_for(arm, "received 3")
        plug.lose = [PUBLISH]
        send(commander, 4)
        until(lambda: plug.lost)

        if kill:
            arm.kill()  # now, while it obeys the first
            arm.wait()
            arm = start_arm(plug, 0, *left_out)
        else:
            plug.pull()
        wait_for(arm, "ready")
        send(commander, 5)
        until(lambda: 5 in obeyed())
    finally:
        arm.kill()
        stop(commander)
    return " ".join(str(number) for number in obeyed())


if __name__ == "__main__":
    print(f"{'left out':34}{'the plug is pulled':23}the arm is killed")
    for name, left_out in LEFT_OUT.items():
        print(f"{name:34}{break_down(left_out, kill=False):23}{break_down(left_out, kill=True)}")

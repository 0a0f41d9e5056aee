"""200 commands, 20 broken connections at each end, 4 killed arms:  python twenty_breaks.py [WHAT TO LEAVE OUT]"""

import sys

from commander import send, start_commander
from lab import stop, until
from leave_out import LEFT_OUT, forget_everything, obeyed, start_arm, wait_for
from plug import Plug

left_out = LEFT_OUT[" ".join(sys.argv[1:]) or "nothing"]
forget_everything()
commanders_plug, arms_plug = Plug(), Plug()
commander = start_commander(commanders_plug.address)
arm = start_arm(arms_plug, 0.02, *left_out)
try:
    wait_for(arm, "ready")
    for number in range(1, 201):
        if number % 10 == 5:
            commanders_plug.pull()
            arms_plug.pull()
        if number % 50 == 20:
            arm.kill()
            arm.wait()
            arm = start_arm(arms_plug, 0.02, *left_out)
        send(commander, number)
        if number % 10 == 5 or number % 50 == 20:
            wait_for(arm, "ready")  # it is back
    until(lambda: 200 in obeyed())
finally:
    arm.kill()
    stop(commander)

numbers = obeyed()
print("Broken connections of the commander:", commanders_plug.connections - 1)
print("Broken connections of the arm:", arms_plug.connections - 1)
print("Commands never obeyed:", 200 - len(set(numbers)))
print("Commands obeyed again:", len(numbers) - len(set(numbers)))
print("In order:", numbers == sorted(numbers))

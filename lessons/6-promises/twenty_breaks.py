"""200 commands, 20 broken connections at each end, and an arm that is killed 4 times."""

from commander import send, start_commander
from lab import stop, until
from leave_out import forget_everything, obeyed, start_arm, wait_for
from plug import Plug

forget_everything()
commanders_plug, arms_plug = Plug(), Plug()
commander = start_commander(commanders_plug.port)
arm = start_arm(arms_plug.port, 0.02)
try:
    wait_for(arm, "ready")
    for number in range(1, 201):
        if number % 10 == 0:
            commanders_plug.pull()
            arms_plug.pull()
        if number % 50 == 25:
            arm.kill()
            arm.wait()
            arm = start_arm(arms_plug.port, 0.02)
        send(commander, number)
        if number % 10 == 0 or number % 50 == 25:
            wait_for(arm, "ready")  # it is back
    until(lambda: 200 in obeyed())
finally:
    arm.kill()
    stop(commander)

print("Broken connections of the commander:", commanders_plug.connections - 1)
print("Broken connections of the arm:", arms_plug.connections - 1)
print("Commands obeyed:", len(obeyed()))
print("Each once and in order:", obeyed() == list(range(1, 201)))

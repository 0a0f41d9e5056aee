"""Five messages are published while the receiver is away. Which of them does it get?"""

import time

from lab import publish, start_receiver, stop

stop(start_receiver(1, clean_session=False))  # it has subscribed, and goes
for number in (1, 2, 3, 4, 5):
    publish(1, number)

receiver = start_receiver(1, clean_session=False)
time.sleep(1)
print("What arrived:", *[message.payload.decode() for message in receiver.arrived])
stop(receiver)
stop(start_receiver(1))  # a clean session, so that the broker forgets the other one

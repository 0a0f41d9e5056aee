"""Two clients with one name. How often does each of them connect in two seconds?"""

import time

from lab import new_client, start, stop
from plug import Plug

first, second = Plug(), Plug()
clients = [start(new_client("same", 0), plug.address) for plug in (first, second)]
time.sleep(2)
stop(*clients)
print("First client:", first.connections, "connections")
print("Second client:", second.connections, "connections")
print("More than ten each:", min(first.connections, second.connections) > 10)

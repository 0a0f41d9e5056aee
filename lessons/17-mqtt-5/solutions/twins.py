"""A second client comes under the same name. What does the first one hear?"""

import queue

from versions import connect, leave

reasons = queue.Queue()
for version in "3.1.1", "MQTT 5":
    first = connect(version, "twin")
    first.on_disconnect = lambda client, userdata, flags, reason, properties: reasons.put(reason)
    second = connect(version, "twin")
    print(f"{version:8}{reasons.get(timeout=10)}")
    first.on_disconnect = None
    leave(first)
    leave(second)

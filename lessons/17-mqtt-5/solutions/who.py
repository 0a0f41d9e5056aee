"""The server writes beside its command who has decided. Who can read that?"""

from seat import ID
from versions import connect, leave, publish

lamps = {version: connect(version, f"lamp-{version[-1]}", f"{ID}/commands") for version in ("3.1.1", "MQTT 5")}
server = connect("MQTT 5", "server")
publish("MQTT 5", server, "commands", "on", UserProperty=("decided by", "the server in the cellar"))
for version, lamp in lamps.items():
    command = lamp.heard.get(timeout=10)
    print(f"{version:8}{command.payload.decode():4}{getattr(command.properties, 'UserProperty', 'nothing beside it')}")
    leave(lamp)
leave(server)

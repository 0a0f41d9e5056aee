"""What does TLS cost?  After:  python ../nightlight/run.py lock --into locked --host 127.0.0.1"""

import ssl

import over_http
from plug import Plug

server = over_http.Server()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("locked/broker/cert.pem", "locked/broker/key.pem")
server.web.socket = context.wrap_socket(server.web.socket, server_side=True)

print(f"{'':34}first reading           each further one")
for title, new_device in over_http.DEVICES.items():
    plug = Plug(*over_http.ADDRESS)
    device = new_device(plug.port)
    device.url = device.url.replace("http:", "https:")
    device.session.verify = "locked/authority/cert.pem"  # whom the device trusts
    print(f"{title:34}", end="")
    for _ in range(2):
        device.send(80)
        size, round_trips = plug.count()
        print(f"{size} bytes, {round_trips:<11}", end="")
    print()

"""Opens a WebSocket by hand, and says CONNECT through it."""

import socket

# A client chooses the key at random. This one is the example of RFC 6455, so that the answer is always the same.
REQUEST = """\
GET /mqtt HTTP/1.1
Host: localhost:9001
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Protocol: mqtt

"""

# MQTT's CONNECT (MQTT 3.1.1 section 3.1): kind 10, then 0e = 14 bytes: the protocol "MQTT", version 4,
# a clean session, a keep-alive of 60 s, and the client id "me".
CONNECT = bytes.fromhex("10 0e 00044d515454 04 02 003c 00026d65")

# Around it a WebSocket frame (RFC 6455 section 5.2): 82 = binary, 80 + length = masked, and four bytes of mask, which
# a client chooses at random. This mask is all zeros and changes nothing, so that you can recognize the packet.
FRAME = bytes([0x82, 0x80 + len(CONNECT)]) + bytes(4) + CONNECT

with socket.create_connection(("localhost", 9001), timeout=5) as connection:
    connection.sendall(REQUEST.replace("\n", "\r\n").encode())
    print(connection.recv(1000).decode().replace("\r", "").strip())
    print()

    connection.sendall(FRAME)
    print("we send:   ", FRAME.hex(" "))
    print("the answer:", connection.recv(1000).hex(" "))

"""A server without a library: one socket, the packets taken apart by hand, nothing validated. What Python can do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import raw

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])

connection = raw.connect(port, "bare-server", f"{id}/+/telemetry", qos)
connection.settimeout(None)
data, number = b"", 0
while True:
    more = connection.recv(1 << 16)
    if not more:
        break
    data += more
    answers = []
    begin = 0
    while begin + 2 <= len(data) and (end := begin + 2 + data[begin + 1]) <= len(data):  # none is longer than 127 bytes
        if data[begin] & 0xF0 == raw.PUBLISH:
            topic_end = begin + 4 + data[begin + 3]
            payload = topic_end
            if data[begin] & 2:
                answers.append(b"\x40\x02" + data[topic_end : topic_end + 2])  # PUBACK
                payload += 2
            topic = data[begin + 4 : topic_end - len(b"telemetry")] + b"commands"
            led_on = b"true" if int(data[payload + len(b'{"light": ') : end - 1]) < 300 else b"false"
            body = len(topic).to_bytes(2, "big") + topic
            if qos:
                number = number % 65_535 + 1
                body += number.to_bytes(2, "big")
            body += b'{"led_on": ' + led_on + b"}"
            answers.append(bytes([raw.PUBLISH | qos << 1, len(body)]) + body)
        begin = end
    data = data[begin:]
    connection.sendall(b"".join(answers))

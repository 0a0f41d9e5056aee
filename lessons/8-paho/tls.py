"""TLS: who is the broker, who am I, and how do we keep it secret?"""

import ssl

import paho.mqtt.client as mqtt


def on_connect(client, userdata, flags, reason_code, properties):
    secret = client.socket()  # an ssl.SSLSocket
    print(f"{userdata}: {reason_code}, {secret.version()}, {secret.cipher()[0]}")
    client.disconnect()


def on_disconnect(client, userdata, flags, reason_code, properties):
    if reason_code != 0:
        print(f"{userdata}: connect() succeeds, and then: {reason_code}")


def new_client(name):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata=name, reconnect_on_failure=False)
    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    return client


def visit(client, host, port):
    try:
        client.connect(host, port)
    except ssl.SSLCertVerificationError as error:
        print(f"{client.user_data_get()}: connect() fails\n    {error.verify_message}")
    else:
        client.loop_forever()


client = new_client("trusts our authority")
client.tls_set(ca_certs="ca.crt")
visit(client, "localhost", 8883)

client = new_client("trusts the usual authorities")
client.tls_set()
visit(client, "localhost", 8883)

client = new_client("shows no certificate")
client.tls_set(ca_certs="ca.crt")
visit(client, "localhost", 8884)

client = new_client("shows a certificate")
client.tls_set(
    ca_certs="ca.crt",
    certfile="client.crt",
    keyfile="client.key",
    cert_reqs=ssl.CERT_REQUIRED,
    tls_version=ssl.PROTOCOL_TLS_CLIENT,
)
visit(client, "localhost", 8884)

CIPHER = "ECDHE-ECDSA-AES128-GCM-SHA256"
client = new_client("chooses a cipher")
client.tls_set(ca_certs="ca.crt", ciphers=CIPHER)
visit(client, "localhost", 8883)

client = new_client("brings a context")
context = ssl.create_default_context(cafile="ca.crt")
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers(CIPHER)
client.tls_set_context(context=context)
visit(client, "localhost", 8883)

client = new_client("knows the broker by another name")  # but the certificate says localhost
client.tls_set(ca_certs="ca.crt")
visit(client, "127.0.0.1", 8883)

client = new_client("does not look at the name")
client.tls_set(ca_certs="ca.crt")
client.tls_insecure_set(value=True)
visit(client, "127.0.0.1", 8883)

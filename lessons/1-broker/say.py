"""Publishes one message: python say.py TOPIC MESSAGE"""

import logging
import sys

import paho.mqtt.publish as publish

logging.disable(logging.ERROR)  # paho-mqtt 2.2 says "Client is not connected" here when all went well

topic, message = sys.argv[1:]
publish.single(topic, message, hostname="localhost")

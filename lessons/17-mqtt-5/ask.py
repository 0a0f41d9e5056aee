"""A server asks the lamp two questions. The lamp answers the second one first."""

from seat import ID
from versions import all_that_comes, connect, leave, publish

FACTS = {"light?": "80", "led?": "on"}


def answer(version, lamp):
    """Answers what is in the lamp's queue, the newest question first; without an address it cannot."""
    questions = [lamp.heard.get(timeout=10) for _ in range(2)]
    for question in reversed(questions):
        text, more = question.payload.decode(), question.properties
        if hasattr(more, "ResponseTopic"):
            where = more.ResponseTopic.removeprefix(f"{ID}/")
            publish(version, lamp, where, FACTS[text], CorrelationData=more.CorrelationData)
        else:
            print(f"  the lamp hears {text}, and does not know where to answer")


for version in "MQTT 5", "3.1.1":
    print(f"The server speaks MQTT 5, the lamp {version}:")
    server = connect("MQTT 5", "server", f"{ID}/answers")
    lamp = connect(version, "lamp", f"{ID}/questions")
    asked = {b"1": "light?", b"2": "led?"}
    for number, question in asked.items():
        publish("MQTT 5", server, "questions", question, ResponseTopic=f"{ID}/answers", CorrelationData=number)
    answer(version, lamp)
    for message in all_that_comes(server, "answers"):
        print(f"  {asked[message.properties.CorrelationData]} {message.payload.decode()}")
    leave(server)
    leave(lamp)

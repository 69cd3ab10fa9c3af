import idna
import words


def handler(event, context):
    name = event["pathParameters"]["name"]
    return {"name": words.shout(name), "ascii": idna.encode(name).decode(), "from": idna.__file__, "layer": words.__file__}

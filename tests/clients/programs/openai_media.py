"""The official `openai` package: draws, speaks and listens. Prints what it got as one JSON object."""

import base64
import io
import json
import sys

from openai import APIStatusError, OpenAI

URL, KEY, PROVIDER = sys.argv[1:4]
SOUND = bytes(range(256)) * 8_000


def main() -> dict[str, object]:
    client = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
    made = client.images.generate(model=f"{PROVIDER}/gpt-image-1", prompt="an owl")
    edited = client.images.edit(
        model=f"{PROVIDER}/gpt-image-1",
        prompt="larger",
        image=[("a.png", io.BytesIO(b"a")), ("b.png", io.BytesIO(b"b"))],
    )
    with client.audio.speech.with_streaming_response.create(
        model=f"{PROVIDER}/tts-1", voice="alloy", input="An owl."
    ) as speech:
        spoken = sum(len(piece) for piece in speech.iter_bytes())

    def listen(model: str, **more: object) -> object:
        return client.audio.transcriptions.create(model=f"{PROVIDER}/{model}", file=("owl.wav", SOUND), **more)

    whole = listen("whisper-1")
    events = list(listen("gpt-4o-transcribe", stream=True))
    try:
        listen("nothing")
        refused = None
    except APIStatusError as error:
        refused = [type(error).__name__, error.status_code, error.code]
    return {
        "made": len(base64.b64decode(made.data[0].b64_json)),
        "edited": len(edited.data),
        "spoken": spoken,
        "whole": whole.text,
        "seconds": whole.usage.seconds,
        "text": listen("whisper-1", response_format="text"),
        "verbose": float(listen("whisper-1", response_format="verbose_json").duration),
        "streamed": events[-1].text,
        "pieces": sum(event.type == "transcript.text.delta" for event in events),
        "translated": client.audio.translations.create(model=f"{PROVIDER}/whisper-1", file=("owl.wav", SOUND)).text,
        "refused": refused,
    }


print(json.dumps(main()))

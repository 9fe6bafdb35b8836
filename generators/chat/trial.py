"""A chat model tried out on a picture with a number in it."""

from __future__ import annotations

import io
import time

from ...errors import SettingsError
from ...ingest.types import Value
from .messages import message
from .model import ChatModel
from .types import Limits, Reply

NUMBER = "1874"


class Trial(Value):
    """`seconds` is what one request took, the first one perhaps."""

    limits: Limits
    reply: Reply
    seconds: float

    @property
    def legible(self) -> bool:
        """Whether the model read the number."""
        return NUMBER in self.reply.text


async def trial(chat: ChatModel) -> Trial:
    """Shows `chat` a picture and asks what it says. SettingsError when the model takes no pictures at all."""
    limits = await chat.limits()
    if limits.pictures == 0:
        cure = "serve a vision-language model, with a picture limit above 0"
        raise SettingsError(f"{chat.name} takes no pictures", where="vlm.model", cure=cure)
    asked = message(_picture(NUMBER), "Which number does the picture show? Reply with the number alone.")
    start = time.monotonic()
    reply = await chat.complete([asked], max_tokens=64)
    return Trial(limits=limits, reply=reply, seconds=time.monotonic() - start)


def _picture(text: str) -> bytes:
    """A PNG of black letters on white, 320 x 160 pixels."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (320, 160), "white")
    ImageDraw.Draw(image).text((160, 80), text, fill="black", anchor="mm", font=ImageFont.load_default(96))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

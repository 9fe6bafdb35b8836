"""What an OpenAI-compatible server says of itself: the models it serves, their limits, and how many tokens a text has.

Context (`max_model_len` in /v1/models) and /tokenize are vLLM's own; where a server has neither, settings and an
estimate stand in. The picture limit is published nowhere: it stands in the refusal of a prompt with too many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anyio

from ...errors import OctavoError, SettingsError
from ..options import ChatOptions
from .failures import explained, failure_of
from .loops import PerLoop
from .retries import retrying

if TYPE_CHECKING:
    import httpx

_WHITE = (  # a picture of 32 x 32 white pixels
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQAAAABbAUdZAAAAEUlEQVR42mP8z8DAwMQwaAkAswEBP25AfJYAAAAASUVORK5CYII="
)
_TOO_MANY = 1000  # vLLM's own default limit is 999
_UNKNOWN = (404, 405, 501)  # there is no such path


class ChatServer:
    """An OpenAI-compatible server at `base_url` (which ends in `/v1`, mostly), and one model there.

    Args:
        options: Timeout and retries.
    """

    def __init__(self, base_url: str, model: str, api_key: str | None, options: ChatOptions) -> None:
        self.base_url = base_url.rstrip("/")
        self.model = model
        self._options = options
        self._root = self.base_url.removesuffix("/v1")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._clients = PerLoop(self._client)
        self._tokenizes = True

    async def served(self) -> dict[str, int | None] | None:
        """The models served, with their context in tokens where it is said; None where there is no such list.

        Raises:
            ServerUnavailable: Nobody answers.
            SettingsError: Access is refused.
        """
        answer = await self._ask("GET", f"{self.base_url}/models")
        models = answer.get("data") if answer is not None else None
        if not isinstance(models, list):
            return None
        return {str(model["id"]): model.get("max_model_len") for model in models if isinstance(model, dict)}

    async def context(self) -> int | None:
        """Tokens of prompt and reply; None where the server does not say. SettingsError when it has no such model."""
        served = await self.served()
        if served is not None and self.model not in served:
            raise await self.not_found()
        return served[self.model] if served is not None else None

    async def pictures(self) -> int | None:
        """Pictures that one prompt may hold; None where the server does not say.

        vLLM is asked to count the tokens of a prompt with far too many pictures: it refuses and names its limit.
        """
        content = [{"type": "image_url", "image_url": {"url": _WHITE}}] * _TOO_MANY
        asked = {"model": self.model, "messages": [{"role": "user", "content": content}]}
        answer = await self._tokenized(asked)
        if answer is None:
            return None
        said = str(answer.get("error", answer))
        if match := re.search(r"At most (\d+) image", said):
            return int(match[1])
        return 0 if "not a multimodal model" in said else None

    async def count(self, text: str) -> int | None:
        """Tokens of `text`; None where the server does not count."""
        if not self._tokenizes:
            return None
        asked = {"model": self.model, "prompt": text, "add_special_tokens": False}
        answer = await self._tokenized(asked)
        count = answer.get("count") if answer is not None else None
        self._tokenizes = answer is not None
        return count if isinstance(count, int) else None

    async def not_found(self) -> OctavoError:
        """The error where the server answers 404: what it is that it does not know."""
        served = await self.served()
        if served is None:
            what = "there is no OpenAI-compatible API at this address"
            return SettingsError(what, where=f"vlm.base_url = {self.base_url}", cure=f"perhaps {self._root}/v1")
        if self.model in served:
            what = f"the server at {self.base_url} has {self.model!r}, but offers no chat with it"
            return SettingsError(what, where="vlm.model", cure="serve a model that generates text")
        names = ", ".join(sorted(served)) or "none"
        what = f"the server at {self.base_url} has no model {self.model!r}"
        return SettingsError(what, where="vlm.model", cure=f"models served there: {names}")

    async def aclose(self) -> None:
        """Close this loop's connections."""
        client = self._clients.taken()
        if client is not None:
            await client.aclose()

    def _client(self) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(headers=self._headers, timeout=self._options.timeout)

    async def _tokenized(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """None where it is not offered: a gateway to /v1 alone refuses the rest with whatever status it likes."""
        return await self._ask("POST", f"{self._root}/tokenize", body, optional=True)

    async def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, optional: bool = False
    ) -> dict[str, Any] | None:
        """The answer's JSON object, of a refusal (400) as well; None where the server knows no such path.

        Args:
            optional: Whether any refusal that stays is taken for that, too.
        """
        import httpx

        async def once() -> httpx.Response:
            with anyio.fail_after(self._options.timeout):
                response = await self._clients.here().request(method, url, json=body)
            return response if response.status_code in (400, *_UNKNOWN) else response.raise_for_status()

        try:
            response: httpx.Response = await retrying(self._options)(once)
            answer = response.json() if response.status_code not in _UNKNOWN else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            if optional and isinstance(error, httpx.HTTPStatusError):
                return None
            raise explained(failure_of(error), where=url, timeout=self._options.timeout) from error
        except ValueError:  # a web page, perhaps
            return None
        return answer if isinstance(answer, dict) else None


def estimated(text: str) -> int:
    """Tokens of `text` by its characters, rather too many: three letters to a token, and each digit or mark its own.

    Qwen's and Llama's tokenizers need 4 to 5 letters of English for a token, but one for every one to three digits.
    """
    letters = sum(len(run) for run in re.findall(r"[a-zA-Z]+", text))
    others = sum(1 for c in text if not c.isspace() and not (c.isascii() and c.isalpha()))
    return math.ceil(letters / 3) + others

"""The chat model behind vLLM, or behind any other server with OpenAI's API, from settings."""

from __future__ import annotations

from ...errors import MissingExtra, SettingsError
from ..options import ChatOptions
from .failures import START
from .llama import LlamaIndexChat


def vllm_chat(options: ChatOptions) -> LlamaIndexChat:
    """The model that `options` name. Asks nothing yet.

    Raises:
        SettingsError: Address or model are not set.
        MissingExtra: LlamaIndex's client for such servers is not installed.
    """
    if options.base_url is None:
        raise SettingsError("no server of a vision-language model is set", where="vlm.base_url", cure=START)
    if options.model is None:
        cure = f"set it to a name that {options.base_url}/models lists"
        raise SettingsError("the vision-language model has no name", where="vlm.model", cure=cure)
    try:
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        what = "LlamaIndex's client for OpenAI-compatible servers is not installed"
        raise MissingExtra(what, cure="pip install 'octavo[vllm]'") from error
    llm = OpenAILike(
        model=options.model,
        api_base=options.base_url,
        # Without a key of ours, the client library would send the environment's OPENAI_API_KEY to this server.
        api_key=options.api_key.get_secret_value() if options.api_key is not None else "none",
        is_chat_model=True,
        temperature=options.temperature,
        timeout=options.timeout,
        additional_kwargs={"extra_body": dict(options.extra_body)} if options.extra_body else {},
    )
    return LlamaIndexChat(llm, options=options)

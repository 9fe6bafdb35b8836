"""Chat models: any LlamaIndex `LLM`, and vLLM through its OpenAI-compatible API."""

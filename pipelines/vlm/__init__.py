"""Starting a vision-language model: the command that serves it with vLLM, and the server as long as it is wanted."""

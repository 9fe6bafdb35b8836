"""Commands for the vision-language model: vlm up."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from ...errors import ServerUnavailable, shown
from .app import messages

vlm = typer.Typer(
    help="Serve a vision-language model with vLLM.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@vlm.callback()
def group() -> None:
    # Keeps `up` a subcommand: typer makes a lone command the whole application.
    pass


@vlm.command(context_settings={"allow_extra_args": True})
def up(
    ctx: typer.Context,
    profile: Annotated[Literal["gpu", "cpu-tiny"], typer.Option(help="What it runs on")] = "gpu",
    model: Annotated[
        str | None, typer.Option(metavar="NAME|DIR", help="Hugging Face name or folder  [default: the profile's]")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; anyone who reaches it may use it")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    served_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the model is called  [default: as it is]")
    ] = None,
    context: Annotated[
        int | None, typer.Option(min=256, help="Tokens of prompt and reply  [default: the profile's]")
    ] = None,
    pictures: Annotated[int, typer.Option(min=1, help="Pictures of one prompt, at most")] = 8,
    gpus: Annotated[
        int | None, typer.Option(min=1, help="GPUs that share the model  [default: all, down to a power of two]")
    ] = None,
    limit: Annotated[float, typer.Option(metavar="SECONDS", help="Give up when it is not ready by then")] = 1800,
    log: Annotated[Path | None, typer.Option(help="Where vLLM's log goes  [default: a temporary file]")] = None,
    show: Annotated[
        bool, typer.Option("--print", help="Print the command, for docker or systemd, and start nothing")
    ] = False,
) -> None:
    """Start vLLM with settings for pictures of pages, and keep it until Ctrl-C.

    Arguments after `--` go to `vllm serve` and win over those that Octavo gives it.
    """
    from ..vlm.command import has_key, serve_command, settings_for, vllm_executable
    from ..vlm.serving import Server, check_free, url_of

    if ctx.args and not ctx.args[0].startswith("-"):
        raise typer.BadParameter(f"unexpected argument {ctx.args[0]!r}: a model is named with --model")
    command = serve_command(
        profile,
        model,
        executable="vllm" if show else vllm_executable(),
        host=host,
        port=port,
        served_name=served_name,
        pictures=pictures,
        context=context,
        gpus=gpus,
        extra=tuple(ctx.args),
    )
    if show:
        typer.echo(str(command))
        return
    check_free(host, port)
    address = url_of(host, port)
    log = log or Path(tempfile.mkstemp(prefix="octavo-vllm-", suffix=".log")[1])
    console = messages()
    console.print(f"starting {command.arguments[2]}; vLLM's log is {shown(str(log))}")
    try:
        with Server(command, address, log) as server:
            try:
                with console.status("waiting for vLLM") as status:
                    server.await_health(limit, lambda seconds: status.update(f"waiting for vLLM: {seconds:.0f} s"))
                typer.echo("# ready; to use it:")
                for name, value in settings_for(command, address, served_name).items():
                    typer.echo(f"export {name}={shlex.quote(value)}")
                if has_key(command):
                    typer.echo("# and OCTAVO__VLM__API_KEY, to the key that vLLM was given")
                server.wait()
            except ServerUnavailable:
                for line in server.last_words():
                    console.print(f"    {shown(line)}", soft_wrap=True)
                raise
    except KeyboardInterrupt:
        console.print("vLLM was stopped")

"""`oss-faces serve`: what it is told. Little is imported here, so that a worker can begin before anything else."""

from pathlib import Path

import click

from oss_faces.absent import absent
from oss_faces.child.begun import begun_process
from oss_faces.cli.options import CONFIG, OMIT
from oss_faces.lasting import lasting


@click.command()
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on.  [default: 127.0.0.1:9000]")
@click.option("--data", metavar="DIR", help="Folder for objects, names and the root key.")
@click.option("--mount", "mounts", metavar="BUCKET=DIR", multiple=True, help="Show a folder as a bucket, read-only.")
@OMIT
@CONFIG
def serve(listen: str | None, data: str | None, mounts: tuple[str, ...], omit: str | None, config: Path | None) -> None:
    """Start the server. Stops gracefully on SIGINT or SIGTERM."""
    with begun_process() as begun:
        # structlog imports rich where it is installed, a twentieth of a start, for colours that no log here has.
        with lasting(), absent("rich"):
            # The process imports its part beside this one, whatever the settings turn out to be.
            from oss_faces.cli.server_settings import greet_first, read  # noqa: PLC0415  (see above)

            settings = read(config, {("server", "listen"): listen, ("storage", "data_dir"): data}, omit, mounts)
            greet_first(settings, begun)
            # It loads its networks meanwhile.
            from oss_faces.cli.server_start import run  # noqa: PLC0415  (all of the server)

        run(settings, begun)

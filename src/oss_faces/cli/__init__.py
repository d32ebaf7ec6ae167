from oss_faces.cli.commands import main

__all__ = ["main"]

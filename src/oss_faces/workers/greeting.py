import os

from oss_faces.child.wire import Hello
from oss_faces.stages.settings import StageSettings
from oss_faces.workers.settings import WorkerSettings


def hello_of(settings: WorkerSettings, stages: StageSettings) -> Hello:
    """Say what every worker process of this server is told first."""
    return Hello(stages, settings.memory_bytes_max, settings.niceness, os.getpid())

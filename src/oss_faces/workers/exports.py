from oss_faces.workers.admission import Place, Workers
from oss_faces.workers.base import Crew, Job
from oss_faces.workers.door import Door
from oss_faces.workers.greeting import hello_of
from oss_faces.workers.processes import ProcessCrew
from oss_faces.workers.settings import WorkerSettings
from oss_faces.workers.threads import ThreadCrew

__all__ = ["Crew", "Door", "Job", "Place", "ProcessCrew", "ThreadCrew", "WorkerSettings", "Workers", "hello_of"]

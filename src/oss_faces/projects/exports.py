from oss_faces.projects.base import AttachmentPage, ProjectPage, ProjectQuery, Projects, SpecChange
from oss_faces.projects.memory import MemoryProjects
from oss_faces.projects.settings import ImmSettings
from oss_faces.projects.sql import SqlProjects

__all__ = [
    "AttachmentPage",
    "ImmSettings",
    "MemoryProjects",
    "ProjectPage",
    "ProjectQuery",
    "Projects",
    "SpecChange",
    "SqlProjects",
]

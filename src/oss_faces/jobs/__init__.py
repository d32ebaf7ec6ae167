"""Bulk jobs: every picture of a bucket through the line, on one machine or many, interrupted or not."""

from oss_faces.jobs.columns import columns_of
from oss_faces.jobs.engine import Engine
from oss_faces.jobs.exporting import FORMS, Form, export
from oss_faces.jobs.folder import JobSpec, ResultsFolder
from oss_faces.jobs.items import FaceRow, Failure, Item, ListingIncomplete, Loaded, Outcome
from oss_faces.jobs.local import LocalEngine
from oss_faces.jobs.parquet import Parts
from oss_faces.jobs.ray import RayEngine, RaySettings
from oss_faces.jobs.recipe import OPERATIONS, Operation, Recipe
from oss_faces.jobs.runner import JobRunner, Watch, status_of
from oss_faces.jobs.serial import SerialEngine
from oss_faces.jobs.stages import Load, Look, Stages
from oss_faces.jobs.summary import summarise
from oss_faces.jobs.tally import Tally

__all__ = [
    "FORMS",
    "OPERATIONS",
    "Engine",
    "FaceRow",
    "Failure",
    "Form",
    "Item",
    "JobRunner",
    "JobSpec",
    "ListingIncomplete",
    "Load",
    "Loaded",
    "LocalEngine",
    "Look",
    "Operation",
    "Outcome",
    "Parts",
    "RayEngine",
    "RaySettings",
    "Recipe",
    "ResultsFolder",
    "SerialEngine",
    "Stages",
    "Tally",
    "Watch",
    "columns_of",
    "export",
    "status_of",
    "summarise",
]

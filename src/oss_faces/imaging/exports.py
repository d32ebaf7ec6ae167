from oss_faces.imaging.encoding import Encoding, check_size, choose_encoding
from oss_faces.imaging.plan import PIXEL_BYTES, Plan, make_plan
from oss_faces.imaging.settings import ImagingSettings
from oss_faces.imaging.transformation import edit_for_faces, edit_picture

__all__ = [
    "PIXEL_BYTES",
    "Encoding",
    "ImagingSettings",
    "Plan",
    "check_size",
    "choose_encoding",
    "edit_for_faces",
    "edit_picture",
    "make_plan",
]

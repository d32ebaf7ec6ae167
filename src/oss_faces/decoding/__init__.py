from oss_faces.decoding.decoder import decode, inspect
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import Header

__all__ = ["DecodingSettings", "Header", "decode", "inspect"]

from oss_faces.decoding.decoder import decode, inspect, open_picture
from oss_faces.decoding.exif import read_exif
from oss_faces.decoding.rendition import BAND_BYTES
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import Header, Source

__all__ = ["BAND_BYTES", "DecodingSettings", "Header", "Source", "decode", "inspect", "open_picture", "read_exif"]

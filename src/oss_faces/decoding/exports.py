from oss_faces.decoding.decoder import decode, inspect, is_picture, open_picture
from oss_faces.decoding.exif import read_exif
from oss_faces.decoding.files import read_file
from oss_faces.decoding.rendition import BAND_BYTES
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import Header, Source
from oss_faces.decoding.video import Video, VideoFrame, open_video, require_video
from oss_faces.decoding.video_settings import VideoSettings

__all__ = [
    "BAND_BYTES",
    "DecodingSettings",
    "Header",
    "Source",
    "Video",
    "VideoFrame",
    "VideoSettings",
    "decode",
    "inspect",
    "is_picture",
    "open_picture",
    "open_video",
    "read_exif",
    "read_file",
    "require_video",
]

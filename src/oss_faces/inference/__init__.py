"""Networks: which there are, and what runs them.

Engines, and the library that rewrites networks, are not imported with the rest: the process that takes requests runs
none, and would wait for them at each start.
"""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.inference.arcface_graph import prepare_arcface as prepare_arcface
    from oss_faces.inference.dlib_graph import prepare_dlib_recognition as prepare_dlib_recognition
    from oss_faces.inference.engines import Engines as Engines
    from oss_faces.inference.engines import native_bfloat16 as native_bfloat16
    from oss_faces.inference.exports import *
    from oss_faces.inference.openvino_session import OpenVinoSession as OpenVinoSession
    from oss_faces.inference.preparation import Ranges as Ranges
    from oss_faces.inference.preparation import prepare_centerface as prepare_centerface
    from oss_faces.inference.preparation import prepare_scout as prepare_scout
    from oss_faces.inference.ranges import centerface_ranges as centerface_ranges
    from oss_faces.inference.session import OnnxSession as OnnxSession
    from oss_faces.inference.trials import Trial as Trial
    from oss_faces.inference.trials import read_trials as read_trials
else:
    __getattr__ = late_import(
        __name__,
        {
            "Engines": "engines",
            "OnnxSession": "session",
            "OpenVinoSession": "openvino_session",
            "Ranges": "preparation",
            "Trial": "trials",
            "centerface_ranges": "ranges",
            "native_bfloat16": "engines",
            "prepare_arcface": "arcface_graph",
            "prepare_centerface": "preparation",
            "prepare_dlib_recognition": "dlib_graph",
            "prepare_scout": "preparation",
            "read_trials": "trials",
        },
    )

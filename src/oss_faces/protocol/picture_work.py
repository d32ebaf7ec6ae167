"""Which requests say that they want work on a picture, or may do without: read off the surface, nothing of it trusted.

It decides in what order requests are looked at, and who is refused when there is no room. It need not be exact: a
request that hides it, as in a form, is looked at like any other, and one that is none is refused at worst.
"""

from typing import Final

from oss_faces.protocol.encoding import QUERY_LENGTH_MAX
from oss_faces.protocol.imm_actions import ImmAction
from oss_faces.values import WireRequest

_PROCESS: Final = "x-oss-process"
_PICTURE_ACTIONS: Final = frozenset(
    {
        ImmAction.DETECT_IMAGE_FACES,
        ImmAction.COMPARE_IMAGE_FACES,
        ImmAction.SEARCH_IMAGE_FIGURE_CLUSTER,
        ImmAction.IDENTIFY_FIGURES,
    }
)

_CONDITIONS: Final = frozenset({"if-none-match", "if-match", "if-modified-since", "if-unmodified-since"})


def wants_picture_work(request: WireRequest) -> bool:
    """Tell whether a request of OSS wants to read what becomes of a picture: faces, an edit, what its header says."""
    if request.method != "GET" or _PROCESS not in request.query or len(request.query) > QUERY_LENGTH_MAX:
        return False
    return any(piece.partition("=")[0] == _PROCESS for piece in request.query.split("&"))


def wants_imm_picture_work(request: WireRequest) -> bool:
    """Tell whether a request of IMM names an operation that looks at a picture, in a header or in the query."""
    name = request.header("x-acs-action")
    if name is None:
        # Not split into its pieces: a long one has many.
        name = f"&{request.query}".partition("&Action=")[2].partition("&")[0]
    return name in _PICTURE_ACTIONS


def is_conditional(request: WireRequest) -> bool:
    """Tell whether a request of OSS states a condition: it may be answered by that, without the work."""
    return any(name in _CONDITIONS for name, _ in request.headers)

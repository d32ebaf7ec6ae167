import re
from typing import Final

_BUCKET_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])", re.ASCII)


def is_bucket_name(name: str) -> bool:
    """Tell whether the name keeps the rules: 3 to 63 lower-case letters, digits and inner hyphens.

    Source: OSS "Bucket naming conventions".
    """
    return _BUCKET_NAME.fullmatch(name) is not None

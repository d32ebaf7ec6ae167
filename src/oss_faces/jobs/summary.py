"""The results as numbers: faces per picture, ages, errors."""

from collections import Counter
from typing import Any, Final

from oss_faces.jobs.columns import ERROR_NAME, FACE_COUNT, FACE_INDEX
from oss_faces.jobs.parquet import Parts

AGE_YEARS: Final = 5
"""Width of a bar of the ages."""

_FACES_MOST: Final = 20
"""Pictures with so many faces or more are one group."""


def summarise(parts: Parts) -> dict[str, Any]:
    """Count what all runs of a job have found.

    Returns:
        `pictures`, `faces`; `faces_per_picture`: number of faces -> pictures; `ages`: first year of a group of
        `AGE_YEARS` -> faces; `errors`: name -> pictures. Names of groups are text, as in JSON.

    Raises:
        ConfigurationError: a part cannot be read.
    """
    per_picture: Counter[int] = Counter()
    ages: Counter[int] = Counter()
    errors: Counter[str] = Counter()
    faces = 0
    for count, index, age, error in parts.cells(FACE_COUNT, FACE_INDEX, "Age", ERROR_NAME):
        faces += index is not None
        if error is not None:
            errors[error] += 1
        elif not index:
            per_picture[min(count, _FACES_MOST)] += 1
        if age is not None:
            ages[age // AGE_YEARS * AGE_YEARS] += 1
    return {
        "pictures": per_picture.total() + errors.total(),
        "faces": faces,
        "faces_per_picture": {str(count): per_picture[count] for count in sorted(per_picture)},
        "ages": {str(years): ages[years] for years in sorted(ages)},
        "errors": dict(errors.most_common()),
    }

import pytest
from PIL.Image import DecompressionBombError

from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage, ImageError, ImageTooLarge, UnsupportedFormat


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OSError("cut off"), CorruptImage),
        (SyntaxError("no header"), CorruptImage),
        (IndexError("short"), CorruptImage),
        (ZeroDivisionError("empty"), CorruptImage),
        (MemoryError(), ImageTooLarge),
        (DecompressionBombError("large"), ImageTooLarge),
    ],
)
def test_errors_of_the_libraries_become_ours(raised: Exception, expected: type[ImageError]):
    """The cause is kept for the log, with the format."""
    with pytest.raises(expected) as caught, translated("png"):
        raise raised
    assert caught.value.__cause__ is raised
    assert caught.value.context["format"] == "png"


def test_our_own_errors_pass():
    """What was already decided is not decided again."""
    with pytest.raises(UnsupportedFormat), translated("png"):
        raise UnsupportedFormat


def test_mistakes_of_the_program_are_not_hidden():
    """An undefined name is no fault of a picture."""
    with pytest.raises(NameError), translated("png"):
        raise NameError("mistake")

"""Names of what tasks are about."""

from oss_faces.tasks import subject_of


def test_different_names_are_different_subjects() -> None:
    """No name can pass for two, and none for another's end."""
    subjects = [("a", "b"), ("a/b",), ("a", "", "b"), ("a", "b", ""), ("a%2Fb",), ("ä" * 500,), ("ä" * 499, "ä")]
    assert len({subject_of(*names) for names in subjects}) == len(subjects)


def test_a_subject_is_short_and_stays() -> None:
    """It fits into its column whatever the names are, and two servers name it alike."""
    assert subject_of("project", "my dataset") == "project/my%20dataset"
    assert len(subject_of("p" * 128, "d" * 128, "oss://bucket/" + "ö" * 1000)) <= 200
    assert subject_of("x" * 300) == subject_of("x" * 300)

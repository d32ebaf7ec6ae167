"""Grants as text and as rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import ConfigurationError
from oss_faces.grants import ANY, EVERYTHING, NOTHING, PATTERNS, Grant, Permission, Rights

GET = Permission.GET_OBJECT


@pytest.mark.parametrize(
    ("text", "grant"),
    [
        ("*:*", Grant(("*",))),
        ("oss:GetObject:photos", Grant(("oss:GetObject",), "photos")),
        ("oss:GetObject:photos/", Grant(("oss:GetObject",), "photos")),
        ("oss:GetObject,imm:*:photos/2024/", Grant(("oss:GetObject", "imm:*"), "photos", "2024/")),
        ("oss:GetObject, oss:PutObject:*/a:b/c", Grant(("oss:GetObject", "oss:PutObject"), "*", "a:b/c")),
        ("oss:*:photos//照片 1", Grant(("oss:*",), "photos", "/照片 1")),
    ],
)
def test_text_becomes_a_grant(text: str, grant: Grant) -> None:
    """Permissions, bucket and prefix, whatever colons and slashes the prefix has."""
    assert Grant.parse(text) == grant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is written"),
        ("oss:GetObject", "no such permission: 'oss'"),
        ("*", "is written"),
        (":photos", "no such permission: ''"),
        ("oss:getobject:photos", "no such permission"),
        ("oss:Get*:photos", "no such permission"),
        ("oss:GetObject,:photos", "no such permission"),
        ("oss:GetObject:", "is written"),
        ("oss:GetObject:Photos", "no bucket"),
        ("oss:GetObject:ph*", "no bucket"),
        ("oss:GetObject:photos/2024/*", "leave out the '\\*'"),
        ("oss:GetObject:photos/" + "é" * 512, "at most 1023 bytes"),
        ("oss:GetObject:photos/\ud800", "printable"),
        ("oss:GetObject:photos/\x1b[2J", "printable"),
    ],
)
def test_text_that_could_never_cover_is_refused(text: str, reason: str) -> None:
    """A slip of the pen is an error, not a grant of nothing."""
    with pytest.raises(ConfigurationError, match=reason):
        Grant.parse(text)


BUCKETS = st.sampled_from([ANY, "photos", "other-bucket"])
KEYS = st.text("ab/:", max_size=6)
GRANTS = st.builds(Grant, st.lists(st.sampled_from(sorted(PATTERNS)), min_size=1, max_size=3).map(tuple), BUCKETS, KEYS)
PERMISSIONS = st.sampled_from(list(Permission))


@given(GRANTS)
def test_writing_and_reading_is_a_circle(grant: Grant) -> None:
    """The one-line form loses nothing."""
    assert Grant.parse(str(grant)) == grant


@pytest.mark.parametrize(
    ("grant", "bucket", "key", "covered"),
    [
        (Grant((GET,), "photos"), "photos", "a", True),
        (Grant((GET,), "photos"), "photos", "", True),
        (Grant((GET,), "photos"), "other", "a", False),
        (Grant((GET,), "photos"), "photos2", "a", False),
        (Grant((GET,), "photos"), "", "", False),
        (Grant((GET,)), "", "", True),
        (Grant((GET,), ANY, "2024/"), "any", "2024/x", True),
        (Grant((GET,), "photos", "2024/"), "photos", "2024/", True),
        (Grant((GET,), "photos", "2024/"), "photos", "2024", False),
        (Grant((GET,), "photos", "2024/"), "photos", "a/2024/x", False),
        (Grant((GET,), "photos", "2024/"), "photos", "", False),
        (Grant((GET,), "photos", "2024"), "photos", "2024x", True),
        (Grant(("oss:*",), "photos"), "photos", "a", True),
        (Grant(("imm:*",), "photos"), "photos", "a", False),
        (Grant(("*",), "photos"), "photos", "a", True),
        (Grant(("oss:PutObject",), "photos"), "photos", "a", False),
        (Grant(("oss:GetObjectAcl",), "photos"), "photos", "a", False),
        (Grant(()), "photos", "a", False),
    ],
)
def test_what_a_grant_covers(grant: Grant, bucket: str, key: str, covered: bool) -> None:
    """Bucket by name, prefix by its letters, permission by name or by its service."""
    assert grant.covers(GET, bucket, key) is covered


@given(st.lists(GRANTS, max_size=3), st.lists(GRANTS, max_size=3), PERMISSIONS, BUCKETS, KEYS)
def test_rights_within_others_are_what_both_have(
    own: list[Grant], parents: list[Grant], permission: Permission, bucket: str, key: str
) -> None:
    """Never more than the parent, never more than one's own."""
    parent = Rights(tuple(parents))
    child = Rights(tuple(own), within=parent)
    both = Rights(tuple(own)).cover(permission, bucket, key) and parent.cover(permission, bucket, key)
    assert child.cover(permission, bucket, key) is both


@given(PERMISSIONS, st.sampled_from(["", "photos"]), KEYS)
def test_everything_and_nothing(permission: Permission, bucket: str, key: str) -> None:
    """The root key may do each thing everywhere; no grants allow nothing."""
    assert EVERYTHING.cover(permission, bucket, key)
    assert not NOTHING.cover(permission, bucket, key)


def test_every_permission_can_be_granted_by_name_and_by_service() -> None:
    """Names are those of the two services, or ours, and are spelled once."""
    for permission in Permission:
        assert permission.value.startswith(("oss:", "imm:", "faces:"))
        assert {permission.value, permission.of_its_service} <= PATTERNS
    assert {"oss:*", "imm:*", "faces:*", "*"} <= PATTERNS


def test_what_tells_of_other_keys_is_granted_by_its_own_name() -> None:
    """A key for all of the object service does not see what others use."""
    whole = Grant(("oss:*", "imm:*"))
    assert not whole.covers(Permission.GET_USAGE)
    assert not whole.covers(Permission.GET_SYSTEM)
    for grant in (Grant(("faces:*",)), Grant(("faces:GetUsage",)), Grant(("*",))):
        assert grant.covers(Permission.GET_USAGE)
    assert not Grant(("faces:*",), "photos").covers(Permission.GET_USAGE)

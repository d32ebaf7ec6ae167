"""Fields that several operations share."""

import pytest

from oss_faces import request as requests
from oss_faces.errors import InvalidArgument, MalformedXML, MissingArgument
from oss_faces.request.fields import XML_ELEMENTS_MAX, parse_xml
from oss_faces.values import Acl


@pytest.mark.parametrize("acl", list(Acl))
def test_object_acl_is_one_of_four(acl: Acl) -> None:
    """Every documented ACL can be given to an object; none given is the default or, where one is needed, an error."""
    assert requests.parse_acl(acl.value, Acl.DEFAULT) is acl
    assert requests.parse_object_acl(acl.value) is acl
    assert requests.parse_acl(None, Acl.PRIVATE) is Acl.PRIVATE
    with pytest.raises(MissingArgument):
        requests.parse_object_acl("")


@pytest.mark.parametrize("acl", [acl for acl in Acl if acl is not Acl.DEFAULT])
def test_bucket_acl_is_one_of_three(acl: Acl) -> None:
    """A bucket has no `default`."""
    assert requests.parse_bucket_acl(acl.value) is acl


@pytest.mark.parametrize("text", ["default", "Private", "public", "x" * 5000])
def test_unknown_bucket_acl_is_refused(text: str) -> None:
    """Other words are errors, and a long one is not repeated at length."""
    with pytest.raises(InvalidArgument) as caught:
        requests.parse_bucket_acl(text)
    assert len(caught.value.message) < 100


@pytest.mark.parametrize("text", [None, ""])
def test_bucket_acl_must_be_given(text: str | None) -> None:
    """PutBucketAcl without an ACL changes nothing and says so."""
    with pytest.raises(MissingArgument):
        requests.parse_bucket_acl(text)


@pytest.mark.parametrize(("text", "encode"), [(None, False), ("", False), ("url", True), ("URL", True)])
def test_encoding_type_is_url_or_none(text: str | None, encode: bool) -> None:
    """`url` is the only encoding there is."""
    assert requests.parse_encoding_type(text) is encode


def test_other_encoding_type_is_refused() -> None:
    """An encoding that is not known would give a listing that cannot be read."""
    with pytest.raises(InvalidArgument):
        requests.parse_encoding_type("base64")


@pytest.mark.parametrize("element", [b"<a>", b"<a/>", b"<a></a>"])
def test_endless_document_is_not_parsed_to_its_end(element: bytes) -> None:
    """More elements than any real document has, nested or side by side, are refused without being built."""
    with pytest.raises(MalformedXML):
        parse_xml(b"<Delete>" + element * XML_ELEMENTS_MAX + b"</Delete>", "Delete")
    largest = parse_xml(b"<Delete>" + b"<a/>" * (XML_ELEMENTS_MAX - 1) + b"</Delete>", "Delete")
    assert len(largest) == XML_ELEMENTS_MAX - 1

"""Where a page ended, as a token that only this server can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument
from oss_faces.protocol import Query
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token, page_limit, read_after


def fields(**values: str) -> Fields:
    return Fields.of(Query(tuple(values.items())))


def test_no_end_no_token() -> None:
    """A last page has no token, and no token begins anew."""
    assert next_token("", "question") == ""
    assert read_after(fields(), "question") == ""


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.lists(st.text()))
def test_round_trip(after: str, question: list[str]) -> None:
    """A token gives back what it was made of, to the same question."""
    assert read_after(fields(NextToken=next_token(after, *question)), *question) == after


@pytest.mark.parametrize("question", [(), ("a", "bc"), ("ab", "c", ""), ("abc",)])
def test_token_of_another_question(question: tuple[str, ...]) -> None:
    """A token goes with the question that it answered, and with no other."""
    with pytest.raises(InvalidArgument, match="NextToken"):
        read_after(fields(NextToken=next_token("end", "ab", "c")), *question)


@given(st.integers(0), st.integers(1, 255))
def test_damaged_token(place: int, change: int) -> None:
    """No token with one character changed is taken for another place."""
    token = next_token("photos/2026/a.jpg", "question")
    place %= len(token)
    damaged = token[:place] + chr(ord(token[place]) ^ change) + token[place + 1 :]
    with pytest.raises(InvalidArgument, match="NextToken"):
        read_after(fields(NextToken=damaged), "question")


@pytest.mark.parametrize("token", ["x", "####", "AAAA", "A" * 12, "é", "A" * 9000])
def test_nonsense(token: str) -> None:
    """What cannot be a token is refused."""
    with pytest.raises(InvalidArgument, match="NextToken"):
        read_after(fields(NextToken=token))


def test_size_of_a_page() -> None:
    """0 and nothing mean the default; more than the most is refused."""
    assert [page_limit(fields(MaxResults=text), 200) for text in ("", "0", "1", "200")] == [100, 100, 1, 200]
    with pytest.raises(InvalidArgument, match="MaxResults"):
        page_limit(fields(MaxResults="201"), 200)

"""The cases about what goes wrong. Each docstring is the claim."""

from typing import Final

from tests.conformance.bench import FACES, Bench, one_face

# What a client does by itself: the case then expects the other outcome.
CORRECTS_ITS_CLOCK: Final = frozenset({"go-v2"})


def wrong_secret(bench: Bench) -> None:
    """A wrong secret is SignatureDoesNotMatch."""
    assert bench.fails("wrong_secret", lambda: bench.get("example.jpg", bench.connect.but(secret="wrong"))).request_id


def wrong_secret_v1(bench: Bench) -> None:
    """The same with signature V1."""
    wrong = bench.connect.but(secret="wrong", signature="v1")
    assert bench.fails("wrong_secret", lambda: bench.get("example.jpg", wrong)).request_id


def unknown_key(bench: Bench) -> None:
    """A key id that nobody has is InvalidAccessKeyId."""
    bench.fails("unknown_key", lambda: bench.get("example.jpg", bench.connect.but(id="nobody"), process=FACES))


def expired_url(bench: Bench) -> None:
    """A URL whose time is over is refused with the code and the status of the real service."""
    url = bench.ask("presign", bench.world.connect_ahead, method="GET", key="example.jpg", process=FACES, expires_s=60)
    status, headers, body = bench.world.raw(url["url"])
    assert status == 403
    assert headers["content-type"] == "application/xml"
    assert b"<Code>AccessDenied</Code><Message>Request has expired.</Message>" in body


def expired_url_through_client(bench: Bench) -> None:
    """The client tells an expired URL by its exception."""
    url = bench.ask("presign", bench.world.connect_ahead, method="GET", key="example.jpg", process=FACES, expires_s=60)
    bench.fails("expired_url", lambda: bench.ask("get_url", bench.world.connect_ahead, url=url["url"]))


def skewed_clock(bench: Bench) -> None:
    """A clock that is an hour off is RequestTimeTooSkewed; a client that corrects its clock then gets its answer."""
    ahead = bench.world.connect_ahead
    if bench.client.name in CORRECTS_ITS_CLOCK:
        one_face(bench.get("example.jpg", ahead, process=FACES))
    else:
        bench.fails("skewed_clock", lambda: bench.get("example.jpg", ahead, process=FACES))


def anonymous(bench: Bench) -> None:
    """Without a key image/faces is AccessDenied."""
    nobody = bench.connect.but(signature="anonymous", id="", secret="")
    bench.fails("anonymous", lambda: bench.get("example.jpg", nobody, process=FACES))


def missing_object(bench: Bench) -> None:
    """A key that does not exist is NoSuchKey, with the message and a request id."""
    failure = bench.fails("missing_object", lambda: bench.get("nothing.jpg", process=FACES))
    assert failure.request_id
    assert failure.message == "The specified key does not exist."


def missing_object_head(bench: Bench) -> None:
    """HEAD has no body, and still a missing key is NoSuchKey."""
    bench.fails("missing_object_head", lambda: bench.ask("head", key="nothing.jpg"))


def missing_bucket(bench: Bench) -> None:
    """A bucket that does not exist is NoSuchBucket."""
    bench.fails("missing_bucket", lambda: bench.get("example.jpg", bucket="no-such-bucket", process=FACES))


def not_a_picture(bench: Bench) -> None:
    """Text under the name of a picture is refused with a code that no client repeats."""
    bench.fails("not_a_picture", lambda: bench.get("note.jpg", process=FACES))


def too_large(bench: Bench) -> None:
    """A file over the limit is refused as a picture."""
    bench.fails("too_large", lambda: bench.get("large.jpg", process=FACES))


def unknown_operation(bench: Bench) -> None:
    """An operation that does not exist is InvalidArgument; nothing is ignored."""
    bench.fails("unknown_operation", lambda: bench.get("example.jpg", process="image/nonsense"))


def lost_token(bench: Bench) -> None:
    """Temporary credentials without their token are InvalidAccessKeyId."""
    key = bench.world.temporary
    bench.fails("lost_token", lambda: bench.get("example.jpg", bench.connect.but(id=key.id, secret=key.secret)))


def no_grant(bench: Bench) -> None:
    """A key that may only ask for faces is refused to store anything, with AccessDenied."""
    key = bench.world.reader
    bench.fails("no_grant", lambda: bench.put(bench.key("x"), b"x", bench.connect.but(id=key.id, secret=key.secret)))


CASES = (
    wrong_secret, wrong_secret_v1, unknown_key, lost_token, no_grant, expired_url, expired_url_through_client,
    skewed_clock, anonymous, missing_object, missing_object_head, missing_bucket, not_a_picture, too_large,
    unknown_operation,
)  # fmt: skip

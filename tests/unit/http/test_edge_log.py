"""One log line for each request, with nothing in it that must stay secret."""

import json

import oss2
import pytest

from tests.unit.http.in_process import (
    ENDPOINT,
    HEADER_ID,
    KEY_ID,
    PICTURE,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    InProcess,
    Message,
    signed,
)

HOST = {"host": "127.0.0.1:9000"}


def test_log_line_says_who_did_what(log: list[Message], bucket: oss2.Bucket) -> None:
    """One line for each request, with its names and numbers."""
    log.clear()
    bucket.get_object("dir/photo.jpg")
    [line] = log
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": HEADER_ID,
        "method": "GET",
        "action": "get_object",
        "bucket": "photos",
        "key": "dir/photo.jpg",
        "access_key_id": KEY_ID,
        "status": 200,
        "bytes_out": len(PICTURE),
    }


def test_log_line_of_a_stranger_has_no_name(log: list[Message], session: InProcess) -> None:
    """Who is not known is not named; a refusal has its code."""
    session.exchange("GET", "/photos/k?x-oss-process=image/faces", HOST)
    [line] = log
    assert (line["access_key_id"], line["code"], line["action"]) == ("", "AccessDenied", "detect_faces")


def test_log_never_holds_what_must_stay_secret(log: list[Message], bucket: oss2.Bucket, session: InProcess) -> None:
    """No secret, token, signature or query, whether the request was good, forged, expired or broken."""
    temporary = oss2.StsAuth(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN, auth_version="v4")
    sts = oss2.Bucket(temporary, ENDPOINT, "photos", session=session, region=REGION)
    sts.get_object("dir/photo.jpg", process="image/faces")
    targets = [
        sts.sign_url("GET", "dir/photo.jpg", 60).removeprefix(ENDPOINT),
        oss2.Bucket(oss2.StsAuth(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN), ENDPOINT, "photos", session=session)
        .sign_url("GET", "dir/photo.jpg", 60)
        .removeprefix(ENDPOINT),
        signed("GET", "dir/photo.jpg"),
    ]
    signatures = {
        value
        for target in targets
        for name, _, value in (pair.partition("=") for pair in target.partition("?")[2].split("&"))
        if name.lower().endswith(("signature", "token"))
    }
    assert len(signatures) >= 4
    for target in targets:
        assert session.exchange("GET", target, HOST).status == 200
        assert session.exchange("GET", target.replace("photo.jpg", "other.jpg"), HOST).status == 403
        assert session.exchange("GET", target + "&x-oss-process=image/faces", HOST).status == 403
        assert session.exchange("POST", target, HOST).status == 403
    wrong = oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET + "x"), ENDPOINT, "photos", session=session, region=REGION)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        wrong.get_object("dir/photo.jpg")
    shown = json.dumps(log, default=str)
    for secret in {SECRET, TEMPORARY_SECRET, TOKEN, "x-oss-signature", "OSS4-HMAC", *signatures}:
        assert secret not in shown


def test_mismatch_answer_helps_without_the_secret(bucket: oss2.Bucket, connect) -> None:
    """The client is told what was to be signed, but no signature that would be right."""
    wrong = connect(auth=oss2.AuthV4(KEY_ID, "another"))
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch) as caught:
        wrong.get_object("dir/photo.jpg")
    details = caught.value.details
    assert details["CanonicalRequest"].startswith("GET\n/photos/dir/photo.jpg\n")
    assert details["OSSAccessKeyId"] == KEY_ID
    assert SECRET not in str(details)

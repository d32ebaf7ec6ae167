"""`image/expressions` through both official Python SDKs, against the real server and its networks."""

import json

import alibabacloud_oss_v2 as oss
import oss2
import pytest

from tests.running import REGION, RunningServer

EXPRESSIONS = {"angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"}


def test_smiling_portrait(server: RunningServer, bucket: oss2.Bucket) -> None:
    """The astronaut smiles with an open mouth; her face is the one of image/faces, told in more detail."""
    body = bucket.get_object("example.jpg", process="image/expressions").read()
    [figure] = json.loads(body)["Figures"]
    [face] = json.loads(bucket.get_object("example.jpg", process="image/faces").read())["Figures"]
    assert (figure["Expression"], set(figure["Scores"])) == ("happy", EXPRESSIONS)
    assert figure["ExpressionConfidence"] == max(figure["Scores"].values()) > 0.5
    assert sum(figure["Scores"].values()) == pytest.approx(1, abs=0.0036)
    shared = ("FigureId", "FigureConfidence", "Boundary", "Mouth", "MouthConfidence", "HeadPose")
    assert [figure[name] for name in shared] == [face[name] for name in shared]
    assert figure["Mouth"] == "open"
    points, box = figure["Landmarks"], figure["Boundary"]
    assert points["LeftEye"]["X"] < points["Nose"]["X"] < points["RightEye"]["X"]
    assert points["LeftEye"]["Y"] < points["Nose"]["Y"] < points["LeftMouthCorner"]["Y"]
    assert all(0 < point["X"] - box["Left"] < box["Width"] for point in points.values())

    config = oss.config.load_default()
    config.endpoint, config.region = server.endpoint, REGION
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(
        server.access_key_id, server.access_key_secret
    )
    request = oss.GetObjectRequest("examplebucket", "example.jpg", process="image/expressions")
    assert json.loads(oss.Client(config).get_object(request).body.content)["Figures"] == [figure]


def test_chain_and_presigned_url(bucket: oss2.Bucket) -> None:
    """The operation ends a chain, and a URL can be signed for it, and for nothing else."""
    chain = "image/crop,x_100,y_0,w_300,h_300/expressions"
    url = bucket.sign_url("GET", "example.jpg", 60, params={"x-oss-process": chain}, slash_safe=True)
    [cropped] = json.loads(bucket.get_object_with_url(url).read())["Figures"]
    [whole] = json.loads(bucket.get_object("example.jpg", process="image/expressions").read())["Figures"]
    assert cropped["Expression"] == "happy"
    assert cropped["Landmarks"]["Nose"]["X"] == pytest.approx(whole["Landmarks"]["Nose"]["X"] - 100, abs=3)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        bucket.get_object_with_url(url.replace("expressions", "faces"))

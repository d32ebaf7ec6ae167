"""Driver of `alibabacloud_imm20200930`, the official client of IMM. Any of its operations is called by its name."""

from importlib.metadata import version as installed

from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client
from alibabacloud_tea_openapi.models import Config

from tests.conformance.clients.lines import Answer, Request, class_name, serve


def _client(connect: Request) -> Client:
    config = Config(
        access_key_id=connect["id"],
        access_key_secret=connect["secret"],
        security_token=connect["token"] or None,
        region_id=connect["region"],
        endpoint=connect["endpoint"].removeprefix("http://"),
        protocol="http",
    )
    if connect["signature"] == "rpc":
        config.signature_algorithm = "v2"
    return Client(config)


def version(request: Request) -> Answer:
    return {"version": installed("alibabacloud_imm20200930")}


def call(request: Request) -> Answer:
    wanted = getattr(models, f"{request['model']}Request")().from_map(request["parameters"])
    answer = getattr(_client(request["connect"]), request["method"])(wanted)
    return {"status": answer.status_code, "answer": answer.body.to_map()}


def describe(error: Exception) -> Answer:
    return {
        "exception": class_name(error),
        "code": getattr(error, "code", None),
        "status": getattr(error, "status_code", None),
        "request_id": getattr(error, "request_id", None),
        "message": getattr(error, "message", str(error)),
    }


if __name__ == "__main__":
    serve({"version": version, "call": call}, describe)

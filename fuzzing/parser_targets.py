"""The parsers of the wire: signatures, addresses, process strings, queries, headers, XML, parameters of IMM, TOML."""

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fuzzing import wire
from fuzzing.target import Target
from oss_faces import request as requests
from oss_faces.config import Settings, read_settings
from oss_faces.decoding import read_exif
from oss_faces.errors import ConfigurationError, RequestError
from oss_faces.protocol import (
    AddressingSettings,
    Query,
    Secret,
    SigningSettings,
    candidates,
    is_imm_request,
    parse_query,
    read_claim,
    read_imm_claim,
    resolve_action,
    resolve_imm_action,
    resolve_process,
    resolve_saving,
    verify,
    verify_imm,
)
from oss_faces.protocol.imm_claims import PARAMETERS_MAX, QUERY_LENGTH_MAX
from oss_faces.request import (
    imm,
    imm_clusters,
    imm_datasets,
    imm_files,
    imm_projects,
    imm_query,
    imm_tasks,
)
from oss_faces.request.imm_fields import Fields
from oss_faces.values import Address, WireRequest

_ADDRESSING: Final = AddressingSettings(("faces.example.com",), {"img.customer.test": "examplebucket"})
_WORDS: Final = (
    b"%2F",
    b"%",
    b"%00",
    b"%ff",
    b"%c0%af",
    b"%ED%A0%80",
    b"&",
    b"=",
    b"+",
    b"\n",
    b": ",
    b",",
    b"/",
    b"?",
)
_IMM_PARSERS: Final[tuple[Callable[[Fields], Any], ...]] = (
    imm.parse_detect_image_faces,
    imm.parse_compare_image_faces,
    imm_projects.parse_create_project,
    imm_projects.parse_update_project,
    imm_projects.parse_list_projects,
    imm_projects.parse_attach_bucket,
    imm_projects.parse_list_attached_buckets,
    imm_datasets.parse_change_dataset,
    imm_datasets.parse_named_dataset,
    imm_datasets.parse_list_datasets,
    imm_files.parse_index_file,
    imm_files.parse_index_files,
    imm_files.parse_update_file,
    imm_files.parse_update_files,
    imm_files.parse_named_file,
    imm_files.parse_named_files,
    imm_files.parse_with_fields,
    imm_clusters.parse_cluster_figures,
    imm_clusters.parse_merge_clusters,
    imm_clusters.parse_query_clusters,
    imm_clusters.parse_get_cluster,
    imm_clusters.parse_get_clusters,
    imm_clusters.parse_update_cluster,
    imm_query.parse_simple_query,
    imm_tasks.parse_get_task,
    imm_tasks.parse_list_tasks,
    imm_tasks.parse_search_figure_clusters,
    imm_tasks.parse_search_faces,
    imm_tasks.parse_message,
)


def signatures() -> Target:
    """Signatures V1, V2 and V4, by header and by URL, with the right secret at hand."""
    seeds = [wire.write(case) for pattern in ("oss2", "alibabacloud_oss_v2", "ali-oss", "synthetic")
             for case in wire.captured(f"{pattern}.json")]  # fmt: skip
    tokens = (b"OSS4-HMAC-SHA256 ", b"OSS ", b"OSS2 ", b"x-oss-date:20261122T185403Z", b"Expires=1", b"date:")
    return Target("signatures", _verify, (RequestError,), tuple(seeds), (*_WORDS, *tokens))


def imm_signatures() -> Target:
    """Signatures ACS3 and RPC."""
    seeds = tuple(wire.write(case) for case in wire.captured("imm/*.json"))
    tokens = (b"ACS3-HMAC-SHA256 ", b"SignedHeaders=", b"SignatureMethod=HMAC-SHA1", b"Timestamp=2026-11-22T18:54:06Z")
    return Target("imm_signatures", _verify_imm, (RequestError,), seeds, (*_WORDS, *tokens))


def process() -> Target:
    """Process strings."""
    seeds = (
        b"image/faces", b"image/resize,w_100,h_20,m_pad,color_FF0000/rotate,90/faces", b"image/info", b"style/a",
        b"image/crop,x_1,y_2,w_3,h_4,g_se/format,webp/quality,q_80/interlace,1/auto-orient,1",
        b"image/resize,p_50|sys/saveas,o_YQ==,b_cGhvdG9z", b"video/snapshot,t_1", b"image/expressions",
    )  # fmt: skip
    tokens = (b"image/", b"|", b"/", b",", b"_", b"w_", b"sys/saveas,o_", b"resize,", b"rotate,", b"faces", b"limit_0")
    return Target("process", _process, (RequestError,), seeds, tokens)


def operations() -> Target:
    """Which operation a request of OSS is, and its headers, query and body: listings, uploads, XML of three kinds."""
    delete = b"<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>"
    parts = b"<Part><PartNumber>1</PartNumber><ETag>&quot;A&quot;</ETag></Part>"
    complete = b"<CompleteMultipartUpload>" + parts + b"</CompleteMultipartUpload>"
    bucket = b"<CreateBucketConfiguration><StorageClass>Standard</StorageClass></CreateBucketConfiguration>"
    seeds = (
        b'GET /b/k?x-oss-process=image/info&response-content-type=a/b\nrange:bytes=0-9\nif-match:"a"\n\n',
        b"GET /b/?list-type=2&prefix=a&delimiter=/&max-keys=10&start-after=b&encoding-type=url\n\n",
        b"GET /b/?marker=a&max-keys=1000&continuation-token=YQ==\nif-modified-since:Sat, 05 Dec 2015 11:10:29 GMT\n\n",
        b"PUT /b/k\ncontent-md5:1B2M2Y8AsgTpgAmY7PhCfg==\nx-oss-object-acl:private\nx-oss-meta-a:b\n\n",
        b"PUT /b/k\nx-oss-copy-source:/b/k%20l?versionId=1\nx-oss-metadata-directive:REPLACE\n\n",
        b"POST /b/?delete\ncontent-length:10\n\n" + delete,
        b"POST /b/k?uploadId=0123456789ABCDEF0123456789ABCDEF\nx-oss-complete-all:yes\n\n" + complete,
        b"PUT /b/k?partNumber=3&uploadId=A\nx-oss-copy-source-range:bytes=0-9\nx-oss-copy-source:/b/k\n\n",
        b"POST /b/k?append&position=3\ncontent-length:3\n\nabc",
        b"GET /b/k?uploadId=A&max-parts=10&part-number-marker=2\n\n",
        b"GET /b/?uploads&key-marker=a&upload-id-marker=b&max-uploads=3\n\n",
        b"PUT /b/\nx-oss-acl:public-read\n\n" + bucket,
        b"POST /b/k?x-oss-process\n\nx-oss-process=image/resize,w_10|sys/saveas,o_YQ,b_cGhvdG9z",
    )  # fmt: skip
    tokens = (
        b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<![CDATA[", b"&#x41;", b"&#0;", b"<?xml version='1.0' encoding='UTF-7'?>",
        b"</", b"bytes=-1", b"bytes=5-2,7-", b"<Object><Key>", b"xmlns='u'", b"x-oss-meta-", b"\xff", b'W/"a"',
    )  # fmt: skip
    return Target("operations", _operate, (RequestError,), seeds, (*_WORDS, *tokens))


def imm_parameters() -> Target:
    """Parameters of IMM's operations: scalars, JSON, flattened names, and the language of SimpleQuery."""
    queries = [case["query"].encode("latin-1") for case in wire.captured("imm/*.json") if case["query"]]
    query = b'{"Operation":"and","SubQueries":[{"Field":"Size","Value":"10","Operation":"gt"},'
    seeds = (
        *queries,
        b"ProjectName=p&DatasetName=d&Query=" + query + b'{"Field":"Figures.Age","Value":"3","Operation":"lt"}]}',
        b'ProjectName=p&DatasetName=d&Aggregations=[{"Field":"Figures.Gender","Operation":"group"}]&Sort=Size',
        b'ProjectName=p&DatasetName=d&Files.1.URI=oss://photos/a&Files.1.CustomLabels={"a":"b"}&Files.2.URI=oss://b/c',
        b'ProjectName=p&Source={"URI1":"oss://photos/a","URI2":"oss://photos/b"}&Notification={}',
        b'ProjectName=p&DatasetName=d&ObjectIds=["a"]&MaxResults=3&NextToken=YQ==&Order=asc&WithFields.1=URI',
        b'ProjectName=p&TaskType=FigureClustering&StartTimeRange={"Start":"2026-11-22T18:54:06Z"}&TaskTypes.1=a',
    )  # fmt: skip
    tokens = (
        b"{",
        b"}",
        b"[",
        b"]",
        b'":"',
        b"\\ud800",
        b"1e999",
        b"NaN",
        b".1.",
        b".0=",
        b"null",
        b"[[[[[[[[",
        b"true",
    )
    return Target("imm_parameters", _imm_parameters, (RequestError,), seeds, (*_WORDS, *tokens))


def settings() -> Target:
    """The settings file."""
    folder = TemporaryDirectory(prefix="oss-faces-fuzzing-")
    file = Path(folder.name) / "oss-faces.toml"
    mounts = b'[mounts.buckets.a]\nkind="s3"\nendpoint="http://h:1"\nbucket="b"\nanonymous=true\nregion="r"\n'
    seeds = (
        b'[server]\nlisten = "127.0.0.1:0"\nregion="cn-hangzhou"\n[workers]\nrunning = 2\ndeadline_s = 3.5\n',
        b'[storage]\ndata_dir="a"\n[decoding]\npixels_max=10\n[analysis]\nomit=["age"]\n[admin]\nlisten="off"\n',
        b'[addressing]\nbase_names=["a.b"]\n[addressing.custom_domains]\n"img.a" = "photos"\n' + mounts,
        b'[mounts.buckets.b]\nfolder="/tmp/x"\nwritable=true\n[signing]\nskew_s=3\nregions=["*"]\n',
    )
    tokens = (
        b"[[",
        b"]]",
        b"{a=1}",
        b"true",
        b"inf",
        b"nan",
        b"1979-05-27",
        b'"""',
        b"\\u0000",
        b"\xff",
        b"[server]\n",
    )
    # The folder lives as long as the function that writes into it.
    return Target("settings", lambda data: _settings(folder, file, data), (ConfigurationError,), seeds, tokens)


def exif() -> Target:
    """Blocks of EXIF, which are shown by image/info."""
    little = b"II*\0\x08\0\0\0\x03\0" + b"\x0f\x01\x02\0\x04\0\0\0abc\0" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
    gps = b"\x25\x88\x04\0\x01\0\0\0\x32\0\0\0" + b"\0\0\0\0" + b"\x01\0\x02\0\x05\0\x03\0\0\0\x50\0\0\0" + bytes(60)
    big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0" + bytes(20)
    return Target("exif", lambda data: str(len(read_exif(data))), (), (little + gps, big), (b"II*\0", b"MM\0*"))


def _verify(data: bytes) -> str:
    request = wire.read(data).request
    claim = read_claim(request)
    readings = candidates(request, _ADDRESSING)
    if claim is None:
        return f"anonymous {len(readings)}"
    last: RequestError | None = None
    for secret in wire.SECRETS:
        try:
            verify(request, claim, Secret(secret), readings, wire.RECEIVED_AT, SigningSettings())
        except RequestError as error:
            last = error
        else:
            return f"signed {claim.scheme} {claim.presigned}"
    assert last is not None, "there is a secret"
    raise last


def _verify_imm(data: bytes) -> str:
    parted = wire.read(data)
    if not is_imm_request(parted.request):
        return "of OSS"
    claim = read_imm_claim(parted.request, parted.body)
    verify_imm(parted.request, parted.body, claim, Secret(wire.SECRETS[0]), wire.RECEIVED_AT, 900)
    return f"signed {claim.scheme} {resolve_imm_action(claim.action, claim.version)}"


def _process(data: bytes) -> str:
    text = data.decode("utf-8", "surrogateescape")
    with contextlib.suppress(RequestError):
        return f"saved {len(resolve_saving(text)[0].edits)}"
    found = resolve_process(text)
    return f"{found.outcome} {[type(edit).__name__ for edit in found.edits]}"


def _operate(data: bytes) -> str:
    parted = wire.read(data)
    request, body = parted.request, parted.body
    address = candidates(request, _ADDRESSING)[0]
    query = parse_query(request.query)
    action = resolve_action(request, address)
    return f"{action} {_outcomes(_object_parsers(request, query, address, body))}"


def _object_parsers(request: WireRequest, query: Query, address: Address, body: bytes) -> Iterable[Callable[[], Any]]:
    return (
        lambda: requests.parse_read(request, query, address),
        lambda: requests.parse_process_request(request, query, address),
        lambda: requests.parse_write(request, address),
        lambda: requests.parse_copy(request, address),
        lambda: requests.parse_delete_objects(request, query, address.bucket, body),
        lambda: requests.parse_save(request, address, body),
        lambda: requests.check_content_md5(request, body),
        lambda: requests.parse_put_bucket(request, address.bucket, body),
        lambda: requests.parse_append(request, query, address),
        lambda: requests.parse_begin_upload(request, query, address),
        lambda: requests.parse_part(request, query, address),
        lambda: requests.parse_part_copy(request, query, address),
        lambda: requests.parse_complete(request, query, address, body),
        lambda: requests.parse_list_parts(query, address),
        lambda: requests.parse_list_uploads(query, address.bucket),
        lambda: requests.parse_list_buckets(query),
        lambda: requests.parse_list_objects(query, address.bucket),
    )


def _imm_parameters(data: bytes) -> str:
    fields = Fields.of(parse_query(data.decode("latin-1"), QUERY_LENGTH_MAX, PARAMETERS_MAX))
    return _outcomes(partial(parse, fields) for parse in _IMM_PARSERS)


def _outcomes(calls: Iterable[Callable[[], Any]]) -> str:
    """Say of each of these parsers whether it answered; a refusal by one does not keep the others from reading."""
    marks = []
    for call in calls:
        try:
            call()
        except RequestError:
            marks.append("-")
        else:
            marks.append("+")
    return "".join(marks)


def _settings(_folder: object, file: Path, data: bytes) -> str:
    file.write_bytes(data)
    read: Settings = read_settings(file, {}, {})
    return f"{len(read.mounts.buckets)} mounts"

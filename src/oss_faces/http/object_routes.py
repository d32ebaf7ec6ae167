"""Handlers of the object level: parse, do, render."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from oss_faces import request as requests
from oss_faces.http.answers import Answer, StreamedObject, empty, xml
from oss_faces.http.call import Call
from oss_faces.operations import FaceFinder, Objects
from oss_faces.rendering import RenderingSettings, documents, expressions, figures, headers
from oss_faces.values import FaceResult, WireResponse, Work


def new_body_request_id() -> str:
    """Make the RequestId of a body: an upper-case UUID, not that of the header."""
    return str(uuid.uuid4()).upper()


@dataclass(frozen=True, slots=True)
class ObjectRoutes:
    """One method for each action on an object."""

    objects: Objects
    faces: FaceFinder
    identity: documents.Identity
    rendering: RenderingSettings
    new_request_id: Callable[[], str] = new_body_request_id
    clock: Callable[[], float] = time.perf_counter

    async def put_object(self, call: Call) -> Answer:
        """Answer PutObject."""
        want = requests.parse_write(call.request, call.address)
        meta = await self.objects.put(call.principal, want, call.body.pieces())
        return empty(200, headers.written_headers(meta))

    async def copy_object(self, call: Call) -> Answer:
        """Answer CopyObject."""
        meta = await self.objects.copy(call.principal, requests.parse_copy(call.request, call.address))
        answer = xml(documents.copy_result(meta))
        shown = (*answer.headers, *headers.written_headers(meta))
        return WireResponse(200, shown, answer.body, Work(source_bytes=meta.size_bytes))

    async def get_object(self, call: Call) -> Answer:
        """Answer GetObject: the stored bytes."""
        want = requests.parse_read(call.request, call.query, call.address)
        opened = await self.objects.open(call.principal, want)
        shown = headers.object_headers(opened.meta, want.overrides)
        if opened.byte_range is None:
            return StreamedObject(200, shown, opened)
        first, end = opened.byte_range.start, opened.byte_range.end_exclusive
        content_range = ("Content-Range", f"bytes {first}-{end - 1}/{opened.meta.size_bytes}")
        return StreamedObject(206, (*shown, content_range), opened)

    async def head_object(self, call: Call) -> Answer:
        """Answer HeadObject; `x-oss-process` on it has no effect."""
        want = requests.parse_read(call.request, call.query, call.address)
        meta = await self.objects.head(call.principal, want)
        length = ("Content-Length", str(meta.size_bytes))
        return WireResponse(200, (*headers.object_headers(meta, want.overrides), length))

    async def get_object_meta(self, call: Call) -> Answer:
        """Answer GetObjectMeta."""
        want = requests.parse_read(call.request, call.query, call.address)
        meta = await self.objects.head(call.principal, want)
        return WireResponse(200, (*headers.meta_headers(meta), ("Content-Length", str(meta.size_bytes))))

    async def delete_object(self, call: Call) -> Answer:
        """Answer DeleteObject: 204 with no body, also for a key that is absent."""
        await self.objects.delete(call.principal, call.address)
        return empty(204)

    async def get_acl(self, call: Call) -> Answer:
        """Answer GetObjectAcl."""
        acl = await self.objects.acl(call.principal, call.address)
        return xml(documents.access_control(acl, self.identity))

    async def put_acl(self, call: Call) -> Answer:
        """Answer PutObjectAcl."""
        acl = requests.parse_object_acl(call.request.header("x-oss-object-acl"))
        await self.objects.set_acl(call.principal, call.address, acl)
        return empty()

    async def detect_faces(self, call: Call) -> Answer:
        """Answer GetObject with image/faces."""
        return await self._analyse(call, figures.faces_body)

    async def detect_expressions(self, call: Call) -> Answer:
        """Answer GetObject with image/expressions: the same work, told otherwise."""
        return await self._analyse(call, expressions.expressions_body)

    async def _analyse(self, call: Call, write: Callable[[FaceResult, str, RenderingSettings, str], bytes]) -> Answer:
        """Always the whole answer: a Range has no meaning here."""
        want = requests.parse_process_request(call.request, call.query, call.address)
        assert isinstance(want, requests.DetectFaces), "other operations have actions of their own"
        meta, result = await call.body.unless_gone(self.faces.detect_faces(call.principal, want))
        found = self.clock()
        body = write(result, meta.etag, self.rendering, self.new_request_id())
        shown = headers.faces_headers(meta, body, f"{self.identity.location}-a")
        stage_ms = {**result.stage_ms, "render": (self.clock() - found) * 1e3}
        work = Work(meta.size_bytes, 1, faces=len(result.faces), is_cached=result.is_cached, stage_ms=stage_ms)
        return WireResponse(200, shown, body, work)

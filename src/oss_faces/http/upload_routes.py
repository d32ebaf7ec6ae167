"""Handlers of what comes in pieces: parse, do, render."""

from dataclasses import dataclass

from oss_faces import request as requests
from oss_faces.http.answers import Answer, empty, xml
from oss_faces.http.call import Call
from oss_faces.operations import Uploads
from oss_faces.rendering import documents, headers, upload_documents
from oss_faces.values import WireResponse, Work


@dataclass(frozen=True, slots=True)
class UploadRoutes:
    """One method for each action on parts, and AppendObject."""

    uploads: Uploads
    identity: documents.Identity

    async def append_object(self, call: Call) -> Answer:
        """Answer AppendObject."""
        want = requests.parse_append(call.request, call.query, call.address)
        meta = await self.uploads.append(call.principal, want, call.body.pieces())
        return empty(200, (*headers.written_headers(meta), headers.next_append_position(meta.size_bytes)))

    async def begin(self, call: Call) -> Answer:
        """Answer InitiateMultipartUpload."""
        want = requests.parse_begin_upload(call.request, call.query, call.address)
        return xml(upload_documents.upload_begun(want, await self.uploads.begin(call.principal, want)))

    async def put_part(self, call: Call) -> Answer:
        """Answer UploadPart."""
        want = requests.parse_part(call.request, call.query, call.address)
        part = await self.uploads.put_part(call.principal, want, call.body.pieces())
        return empty(200, headers.written_headers(part))

    async def copy_part(self, call: Call) -> Answer:
        """Answer UploadPartCopy."""
        want = requests.parse_part_copy(call.request, call.query, call.address)
        part = await self.uploads.copy_part(call.principal, want)
        answer = xml(upload_documents.part_copied(part))
        shown = (*answer.headers, *headers.written_headers(part))
        return WireResponse(200, shown, answer.body, Work(source_bytes=part.size_bytes))

    async def complete(self, call: Call) -> Answer:
        """Answer CompleteMultipartUpload."""
        await self.uploads.require_complete(call.principal, requests.parse_upload(call.query, call.address))
        body = await call.body.read(requests.COMPLETE_BODY_BYTES_MAX)
        requests.check_content_md5(call.request, body)
        want = requests.parse_complete(call.request, call.query, call.address, body)
        meta = await self.uploads.complete(call.principal, want)
        answer = xml(upload_documents.upload_completed(want, meta, self.identity))
        return WireResponse(200, (*answer.headers, *headers.written_headers(meta)), answer.body)

    async def abort(self, call: Call) -> Answer:
        """Answer AbortMultipartUpload."""
        await self.uploads.abort(call.principal, requests.parse_upload(call.query, call.address))
        return empty(204)

    async def list_parts(self, call: Call) -> Answer:
        """Answer ListParts."""
        want = requests.parse_list_parts(call.query, call.address)
        page = await self.uploads.list_parts(call.principal, want)
        return xml(upload_documents.part_list(want, page.parts, page.next_marker))

    async def list_uploads(self, call: Call) -> Answer:
        """Answer ListMultipartUploads."""
        want = requests.parse_list_uploads(call.query, call.address.bucket)
        page = await self.uploads.list_uploads(call.principal, want)
        next_markers = (page.next_key_marker, page.next_upload_id_marker)
        return xml(upload_documents.upload_list(want, page.uploads, page.common_prefixes, next_markers))

"""Handlers of the picture operations other than faces: parse, do, render."""

from dataclasses import dataclass

from oss_faces import request as requests
from oss_faces.http.answers import Answer
from oss_faces.http.call import Call
from oss_faces.operations import PictureProcessor
from oss_faces.rendering import headers, pictures
from oss_faces.values import ObjectMeta, PictureFile, WireResponse, Work


@dataclass(frozen=True, slots=True)
class PictureRoutes:
    """One method for each action on a stored picture."""

    pictures: PictureProcessor

    async def process_picture(self, call: Call) -> Answer:
        """Answer GetObject with picture operations: the new picture, or what is told of the stored one."""
        want = requests.parse_process_request(call.request, call.query, call.address)
        if isinstance(want, requests.DescribePicture):
            meta, facts = await call.body.unless_gone(self.pictures.describe(call.principal, want))
            return _processed(meta, PictureFile(pictures.info_body(facts), headers.JSON_TYPE))
        assert isinstance(want, requests.EditPicture), "image/faces is an action of its own"
        meta, picture = await call.body.unless_gone(self.pictures.edit(call.principal, want))
        return _processed(meta, picture)

    async def process_object(self, call: Call) -> Answer:
        """Answer ProcessObject."""
        self.pictures.require_saving(call.principal, call.address)
        body = await call.body.read(requests.SAVE_BODY_BYTES_MAX)
        requests.check_content_md5(call.request, body)
        want = requests.parse_save(call.request, call.address, body)
        source, saved = await self.pictures.save(call.principal, want)
        answer = pictures.saved_body(want.target, saved)
        return WireResponse(200, (("Content-Type", headers.JSON_TYPE),), answer, Work(source_bytes=source.size_bytes))


def _processed(source: ObjectMeta, made: PictureFile) -> WireResponse:
    """Answer with what was made of an object. A Range has no meaning here and is ignored."""
    shown = headers.processed_headers(source, made.content, made.media_type)
    return WireResponse(200, shown, made.content, Work(source_bytes=source.size_bytes))

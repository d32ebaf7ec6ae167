"""Handlers of IMM's operations on datasets and their files."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from oss_faces.datasets import Dataset
from oss_faces.grants import Permission
from oss_faces.http.body import RequestBody
from oss_faces.http.imm_service import ImmHandler, ImmResult, ImmWork, plain
from oss_faces.operations import DatasetKeeper, FileKeeper
from oss_faces.protocol import ImmAction
from oss_faces.rendering.imm_datasets import FileWriter, dataset_fields, updated_fields
from oss_faces.request import imm_datasets, imm_files, imm_query
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.values import Address, Principal

Want = TypeVar("Want", imm_files.IndexFiles, imm_files.UpdateFiles, imm_files.NamedFiles)


@dataclass(frozen=True, slots=True)
class ImmDatasetRoutes:
    """Operations on datasets."""

    keeper: DatasetKeeper

    async def create(self, principal: Principal, want: imm_datasets.ChangeDataset) -> ImmResult:
        """Answer CreateDataset."""
        return _dataset(await self.keeper.create(principal, want))

    async def get(self, principal: Principal, want: imm_datasets.NamedDataset) -> ImmResult:
        """Answer GetDataset."""
        return _dataset(await self.keeper.get(principal, want))

    async def list(self, principal: Principal, want: imm_datasets.ListDatasets) -> ImmResult:
        """Answer ListDatasets."""
        page, next_after = await self.keeper.list(principal, want)
        token = next_token(next_after, *want.question)
        return ImmResult({"Datasets": [dataset_fields(dataset) for dataset in page], "NextToken": token})

    async def update(self, principal: Principal, want: imm_datasets.ChangeDataset) -> ImmResult:
        """Answer UpdateDataset."""
        return _dataset(await self.keeper.update(principal, want))

    async def delete(self, principal: Principal, want: imm_datasets.NamedDataset) -> ImmResult:
        """Answer DeleteDataset."""
        await self.keeper.delete(principal, want)
        return ImmResult()


@dataclass(frozen=True, slots=True)
class ImmFileRoutes:
    """Operations on files."""

    keeper: FileKeeper
    writer: FileWriter

    async def index(self, principal: Principal, want: imm_files.IndexFiles, needed: Permission) -> ImmResult:
        """Answer IndexFileMeta or BatchIndexFileMeta."""
        return ImmResult({"EventId": await self.keeper.index(principal, want, needed)})

    async def get(self, principal: Principal, want: imm_files.NamedFiles, needed: Permission) -> ImmResult:
        """Answer GetFileMeta or BatchGetFileMeta."""
        files = await self.keeper.get(principal, want, needed)
        return ImmResult({"Files": self.writer.files(want.ref, files, want.fields)})

    async def update(self, principal: Principal, want: imm_files.UpdateFiles, needed: Permission) -> ImmResult:
        """Answer UpdateFileMeta."""
        await self.keeper.update(principal, want, needed)
        return ImmResult()

    async def update_each(self, principal: Principal, want: imm_files.UpdateFiles, needed: Permission) -> ImmResult:
        """Answer BatchUpdateFileMeta."""
        updated = await self.keeper.update_each(principal, want, needed)
        return ImmResult({"Files": [updated_fields(one.uri, one.message) for one in updated]})

    async def delete(self, principal: Principal, want: imm_files.NamedFiles, needed: Permission) -> ImmResult:
        """Answer DeleteFileMeta or BatchDeleteFileMeta."""
        await self.keeper.delete(principal, want, needed)
        return ImmResult()

    async def query(self, principal: Principal, want: imm_query.SimpleQuery) -> ImmResult:
        """Answer SimpleQuery."""
        page = await self.keeper.query(principal, want)
        token = next_token(page.next_after, *want.question)
        return ImmResult({**self.writer.page(want.ref, page, want.fields), "NextToken": token})


def dataset_handlers(datasets: ImmDatasetRoutes, files: ImmFileRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind the operations on datasets and files to what reads them and to what does them."""
    about_files = (
        _about_files(ImmAction.INDEX_FILE_META, imm_files.parse_index_file, files.index),
        _about_files(ImmAction.BATCH_INDEX_FILE_META, imm_files.parse_index_files, files.index),
        _about_files(ImmAction.GET_FILE_META, imm_files.parse_named_file, files.get),
        _about_files(ImmAction.BATCH_GET_FILE_META, imm_files.parse_named_files, files.get),
        _about_files(ImmAction.UPDATE_FILE_META, imm_files.parse_update_file, files.update),
        _about_files(ImmAction.BATCH_UPDATE_FILE_META, imm_files.parse_update_files, files.update_each),
        _about_files(ImmAction.DELETE_FILE_META, imm_files.parse_named_file, files.delete),
        _about_files(ImmAction.BATCH_DELETE_FILE_META, imm_files.parse_named_files, files.delete),
    )
    return {
        ImmAction.CREATE_DATASET: plain(imm_datasets.parse_change_dataset, datasets.create),
        ImmAction.GET_DATASET: plain(imm_datasets.parse_named_dataset, datasets.get),
        ImmAction.LIST_DATASETS: plain(imm_datasets.parse_list_datasets, datasets.list),
        ImmAction.UPDATE_DATASET: plain(imm_datasets.parse_change_dataset, datasets.update),
        ImmAction.DELETE_DATASET: plain(imm_datasets.parse_named_dataset, datasets.delete),
        ImmAction.SIMPLE_QUERY: plain(imm_query.parse_simple_query, files.query),
        **dict(about_files),
    }


def _about_files(
    action: ImmAction,
    parse: Callable[[Fields], Want],
    answer: Callable[[Principal, Want, Permission], Awaitable[ImmResult]],
) -> tuple[ImmAction, ImmHandler]:
    """Join reading and doing of an operation on files; the first one stands for all in the log and the counters.

    An operation on one file and that on many are done by the same, each under the permission of its own name.
    """
    needed = Permission(f"imm:{action.value}")

    def handle(principal: Principal, fields: Fields, _body: RequestBody) -> tuple[Address, ImmWork]:
        want = parse(fields)
        return want.sources[0], partial(answer, principal, want, needed)

    return action, handle


def _dataset(dataset: Dataset) -> ImmResult:
    return ImmResult({"Dataset": dataset_fields(dataset)})

"""Read the weights of dlib's face recognition network out of the file that dlib wrote, without dlib.

The file is a stream of values of self-telling length. Each layer wrote its version first and its numbers after those of
everything below it, so all versions come first and then all layers in the order of computing. The content is
checked by hash before it comes here: what does not fit is our mistake, not the user's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_LOSS: Final = "loss_metric_2"
_INPUT: Final = "input_rgb_image_sized"
_INPUT_LAYER_VERSION: Final = 3
_LENGTH_MASK, _SIGN_BIT = 0x0F, 0x80
_FLAGS_BYTES: Final = 3
_TAIL_TENSORS: Final = 3


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with a bias.

    Attributes:
        weights: (out, in, rows, columns).
        bias: (out,).
    """

    weights: FloatArray
    bias: FloatArray
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """A factor and an offset for each channel: batch normalisation, frozen."""

    factor: FloatArray
    offset: FloatArray


@dataclass(frozen=True, slots=True)
class Pooling:
    """The largest or the mean of a window; a `size` of 0 is the whole map."""

    largest: bool
    size: int
    stride: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Linear layer without a bias: (in, out)."""

    weights: FloatArray


@dataclass(frozen=True, slots=True)
class Rectify:
    """Cut negative numbers off."""


@dataclass(frozen=True, slots=True)
class AddBlockInput:
    """Add what went into the block."""


Layer = Convolution | Scaling | Pooling | Matrix | Rectify | AddBlockInput


@dataclass(frozen=True, slots=True)
class DlibNetwork:
    """What the file holds.

    Attributes:
        means: what is taken off red, green and blue before the division by 256.
        side: edge length of the input in pixels.
        layers: in the order of computing.
    """

    means: tuple[float, float, float]
    side: int
    layers: tuple[Layer, ...]


def read_dlib_network(content: bytes) -> DlibNetwork:
    """Read `dlib_face_recognition_resnet_model_v1.dat`, which was checked by hash before."""
    stream = _Stream(content)
    assert stream.integer() == 1, "the version of the loss layer"
    assert stream.text() == _LOSS, "the loss layer comes first"
    stream.skip_floats(2)
    while stream.integer() != _INPUT_LAYER_VERSION:
        pass
    assert stream.text() == _INPUT, "the input comes after all versions"
    means = (stream.floating(), stream.floating(), stream.floating())
    side = stream.integer()
    assert stream.integer() == side, "the input is a square"
    layers: list[Layer] = []
    while not stream.at_end:
        layers.append(_read_layer(stream, first=not layers))
    return DlibNetwork(means, side, tuple(layers))


class _Stream:
    """A place in the content that moves on with every value read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place == len(self._content)

    def take(self, count: int) -> bytes:
        end = self._place + count
        assert end <= len(self._content), "the stream is longer than its values"
        taken = self._content[self._place : end]
        self._place = end
        return taken

    def integer(self) -> int:
        control = self.take(1)[0]
        value = int.from_bytes(self.take(control & _LENGTH_MASK), "little")
        return -value if control & _SIGN_BIT else value

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def floating(self) -> float:
        mantissa, exponent = self.integers(2)
        return float(mantissa * 2.0**exponent)

    def skip_floats(self, count: int) -> None:
        self.integers(2 * count)

    def text(self) -> str:
        return self.take(self.integer()).decode("ascii")

    def tensor(self) -> FloatArray:
        assert self.integer() == 2, "the version of a tensor"
        count = int(np.prod(self.integers(4)))
        return np.frombuffer(self.take(4 * count), "<f4").astype(np.float32)

    def shape(self) -> list[int]:
        assert self.integer() == 1, "the version of a shape"
        return self.integers(4)


def _read_layer(stream: _Stream, *, first: bool) -> Layer:
    kind = stream.text()
    layer = _READERS[kind](stream)
    stream.take(_FLAGS_BYTES)
    for _ in range(_TAIL_TENSORS):
        stream.tensor()
    if first:
        stream.integer()
    return layer


def _convolution(stream: _Stream) -> Convolution:
    numbers = stream.tensor()
    _filters, _rows, _columns, stride, stride_x, padding, padding_x = stream.integers(7)
    assert (stride, padding) == (stride_x, padding_x), "windows are squares"
    shape = stream.shape()
    stream.shape()
    stream.skip_floats(4)
    size = int(np.prod(shape))
    return Convolution(numbers[:size].reshape(shape), numbers[size:], stride, padding)


def _scaling(stream: _Stream) -> Scaling:
    numbers = stream.tensor()
    stream.shape()
    stream.shape()
    assert stream.integer() == 0, "the factors are those of channels"
    factor, offset = numbers.reshape(2, -1)
    return Scaling(factor, offset)


def _pooling(stream: _Stream, *, largest: bool) -> Pooling:
    rows, columns, stride, stride_x, padding, padding_x = stream.integers(6)
    assert (rows, stride, padding, padding_x) == (columns, stride_x, 0, 0), "windows are squares without a margin"
    return Pooling(largest, rows, stride)


def _matrix(stream: _Stream) -> Matrix:
    outputs, inputs = stream.integers(2)
    numbers = stream.tensor()
    stream.shape()
    stream.shape()
    assert stream.integer() == 1, "the layer has no bias"
    stream.skip_floats(4)
    return Matrix(numbers.reshape(inputs, outputs))


_READERS: Final[Mapping[str, Callable[[_Stream], Layer]]] = {
    "con_4": _convolution,
    "affine_": _scaling,
    "relu_": lambda _stream: Rectify(),
    "add_prev_": lambda _stream: AddBlockInput(),
    "max_pool_2": lambda stream: _pooling(stream, largest=True),
    "avg_pool_2": lambda stream: _pooling(stream, largest=False),
    "fc_2": _matrix,
}

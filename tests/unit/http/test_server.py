"""The listening socket."""

import socket

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.http import ServerSettings, open_socket, socket_name


def test_free_port_is_taken_and_told() -> None:
    """Port 0 becomes a real one, which the name shows."""
    with open_socket(ServerSettings(listen="127.0.0.1:0")) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert socket_name(listener) == f"127.0.0.1:{port}"


def test_name_of_an_ipv6_socket_has_brackets() -> None:
    """The name can be put into a URL as it stands."""
    try:
        listener = open_socket(ServerSettings(listen="[::1]:0"))
    except ConfigurationError:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert socket_name(listener) == f"[::1]:{listener.getsockname()[1]}"


def test_port_in_use_is_said_in_one_line() -> None:
    """The error names the address and the reason, and the socket is not left open."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=rf"cannot listen on {address}: .*in use"):
            open_socket(ServerSettings(listen=address))

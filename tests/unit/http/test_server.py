"""The listening socket."""

import socket

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.http import AdminSettings, ServerSettings, open_admin_socket, open_socket, socket_name


def test_free_port_is_taken_and_told() -> None:
    """Port 0 becomes a real one, which the name shows."""
    with open_socket(ServerSettings(listen="127.0.0.1:0")) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert socket_name(listener) == f"127.0.0.1:{port}"


def test_listening_everywhere_is_named_by_an_address_that_can_be_called() -> None:
    """A client cannot be told to go to 0.0.0.0."""
    with open_socket(ServerSettings(listen="0.0.0.0:0")) as listener:
        assert socket_name(listener) == f"127.0.0.1:{listener.getsockname()[1]}"


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


# --- the admin address --------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def admin_name(listen: str, server_port: int) -> str | None:
    bound = open_admin_socket(AdminSettings(listen), ServerSettings(listen=f"0.0.0.0:{server_port}"))
    if bound is None:
        return None
    with bound:
        return socket_name(bound)


def test_admin_address_is_behind_the_servers() -> None:
    """By itself it takes the next port, on the loopback address whatever the server listens on."""
    port = free_port()
    assert admin_name("auto", port - 1) == f"127.0.0.1:{port}"


@pytest.mark.parametrize("server_port", [0, 65535])
def test_admin_address_is_free_where_there_is_no_next_port(server_port: int) -> None:
    """Many servers with free ports of their own do not meet there."""
    host, _, port = (admin_name("auto", server_port) or "").rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0


def test_taken_port_is_stepped_aside_from_only_by_itself() -> None:
    """Another program on the next port does not keep the server from starting; an address that was asked for does."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert admin_name("auto", port - 1) not in (None, f"127.0.0.1:{port}")
        with pytest.raises(ConfigurationError, match=rf"cannot listen on 127.0.0.1:{port} \(admin.listen\): .*in use"):
            admin_name(f"127.0.0.1:{port}", 9000)


def test_admin_address_can_be_off() -> None:
    """Then nothing listens."""
    assert admin_name("off", 9000) is None

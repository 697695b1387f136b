"""Tells whose program is at the other end of a connection from this machine, where the system says so: on Linux.

The credentials of a sandbox that takes any token (`--any-account`), or is given the one that earlier versions had, keep
no other user of the machine out.
"""

from __future__ import annotations

import os
import socket
import struct

Address = tuple[str, int]

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLMSG_ERROR = 4, 20, 1, 2  # linux/netlink.h, linux/sock_diag.h
HEADER, REQUEST, ANSWER = struct.Struct("=IHHII"), struct.Struct("=BBBxI"), struct.Struct("=II")
ANY_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
UID_AT = HEADER.size + 4 + 48 + 12  # of struct inet_diag_msg: four bytes, the socket's id, three numbers
ROOT = 0


def owner(local: Address, remote: Address) -> int | None:
    """Give the uid of the process that has the socket with these addresses (IPv4), or None where that is not known:
    there is no such socket, its process has let go of it, or this system does not tell."""
    if not hasattr(socket, "AF_NETLINK"):
        return None
    places = struct.pack("!HH4s12x4s12x", local[1], remote[1], socket.inet_aton(local[0]), socket.inet_aton(remote[0]))
    body = REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0xFFFFFFFF) + places + ANY_COOKIE
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.send(HEADER.pack(HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0) + body)
            told = kernel.recv(1024)
    except OSError:
        return None
    if HEADER.unpack_from(told)[1] == NLMSG_ERROR:
        return None
    uid, inode = ANSWER.unpack_from(told, UID_AT)
    return uid if inode else None


class OwnUserOnly:
    """Admits this user's programs and root's to a listener, and refuses those of which that cannot be told.

    listener: one that listens already. Where the system does not even tell whose that is, all are admitted.
    """

    def __init__(self, listener: socket.socket):
        self.address: Address = listener.getsockname()
        self._told = owner(self.address, ("0.0.0.0", 0)) is not None  # noqa: S104

    def admits(self, client: Address) -> bool:
        """Tell whether a client on a connection to the listener may ask."""
        return not self._told or owner(client, self.address) in (os.geteuid(), ROOT)

"""Access keys and who sent a request."""

from oss_faces.access.authentication import Authenticated, Authenticator
from oss_faces.access.keys import ROOT_KEY_FILE, AccessKey, KeyRing, MemoryKeyRing, RootKeyRing
from oss_faces.protocol.claims import Secret

__all__ = [
    "ROOT_KEY_FILE",
    "AccessKey",
    "Authenticated",
    "Authenticator",
    "KeyRing",
    "MemoryKeyRing",
    "RootKeyRing",
    "Secret",
]

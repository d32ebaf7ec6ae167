"""Access keys, what they may do, and who sent a request."""

from oss_faces.access.authentication import Authenticated, Authenticator, check_validity
from oss_faces.access.database_keys import DatabaseKeyStore
from oss_faces.access.imm_authentication import ImmAuthenticated, ImmAuthenticator
from oss_faces.access.issuing import KeyIssuer
from oss_faces.access.keeping import KeyRecord, KeyStore, MemoryKeyStore
from oss_faces.access.keys import ROOT_KEY_FILE, AccessKey, KeyRing, KeyRings, MemoryKeyRing, RootKeyRing
from oss_faces.access.nonces import DatabaseNonces, MemoryNonces, Nonces
from oss_faces.protocol.claims import Secret

__all__ = [
    "ROOT_KEY_FILE",
    "AccessKey",
    "Authenticated",
    "Authenticator",
    "DatabaseKeyStore",
    "DatabaseNonces",
    "ImmAuthenticated",
    "ImmAuthenticator",
    "KeyIssuer",
    "KeyRecord",
    "KeyRing",
    "KeyRings",
    "KeyStore",
    "MemoryKeyRing",
    "MemoryKeyStore",
    "MemoryNonces",
    "Nonces",
    "RootKeyRing",
    "Secret",
    "check_validity",
]

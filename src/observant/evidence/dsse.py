"""DSSE envelopes in exactly one spelling, so that an entry can be read with `sed` as well as with a JSON parser.

    {"payload":"<base64>","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"<hex>","sig":"<base64>"}]}

`keyid` is the hash of the verifier key (note.VerifierKey), a hint only: trust comes from the keys the caller passes.
"""

import base64
import binascii
import re
from typing import NamedTuple

from observant.evidence.note import VerifierKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_SHAPE = re.compile(
    rb'\{"payload":"([A-Za-z0-9+/]+=*)","payloadType":"application/vnd\.in-toto\+json",'
    rb'"signatures":\[\{"keyid":"([0-9a-f]{8})","sig":"([A-Za-z0-9+/]{86}==)"\}\]\}'
)


class Envelope(NamedTuple):
    payload: bytes
    key_hash: bytes
    signature: bytes

    def __bytes__(self) -> bytes:
        payload, signature = base64.b64encode(self.payload), base64.b64encode(self.signature)
        return (
            b'{"payload":"%b","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"%b","sig":"%b"}]}'
            % (payload, self.key_hash.hex().encode(), signature)
        )

    def signed_by(self, keys: list[VerifierKey]) -> VerifierKey | None:
        """The key among `keys` that signed, or None."""
        message = authenticated(self.payload)
        return next((key for key in keys if key.verifies(self.signature, message)), None)


def authenticated(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The pre-authentication encoding (PAE): what is actually signed."""
    return b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(payload), payload)


def parse(entry: bytes) -> Envelope:
    """Read an envelope; raises ValueError for any other spelling than the one above."""
    match = _SHAPE.fullmatch(entry)
    if match is None:
        raise ValueError("the entry is not a DSSE envelope in its one proper spelling")
    try:
        read = Envelope(base64.b64decode(match[1]), bytes.fromhex(match[2].decode()), base64.b64decode(match[3]))
    except binascii.Error as error:
        raise ValueError("the envelope holds broken base64") from error
    if bytes(read) != entry:
        raise ValueError("the envelope holds base64 in an improper spelling")
    return read

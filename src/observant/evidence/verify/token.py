"""RFC 3161 time-stamp tokens, read with a small DER reader and checked with `cryptography`.

Written here because a verifier may need nothing else, and because tokens exist whose certificate set is not sorted as
DER asks (`openssl ts` writes the signer first); signatures do not cover that order, so it does not matter.

Not verified: revocation, and the ESS attribute that names the signing certificate. Raises ValueError throughout.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TOKEN_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("0609608648016503040201"): hashes.SHA256(),
    bytes.fromhex("0609608648016503040202"): hashes.SHA384(),
    bytes.fromhex("0609608648016503040203"): hashes.SHA512(),
}
_ECDSA: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("06082a8648ce3d040302"): hashes.SHA256(),
    bytes.fromhex("06082a8648ce3d040303"): hashes.SHA384(),
    bytes.fromhex("06082a8648ce3d040304"): hashes.SHA512(),
}
_LONGEST_CHAIN = 8
_UNREADABLE = (
    IndexError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class Value(NamedTuple):
    """One DER value."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> "list[Value]":
        return values(self.content)


class Token(NamedTuple):
    """What a reply of a time-stamp authority says; nothing in it is verified yet."""

    hash_oid: bytes
    imprint: bytes
    time: datetime
    nonce: int | None
    info: bytes
    """DER of TSTInfo, what the signature is about."""
    certificates: list[bytes]
    signer: Value


def values(content: bytes) -> list[Value]:
    """The DER values that fill `content` exactly."""
    found, at = [], 0
    while at < len(content):
        if at + 2 > len(content) or content[at] & 0x1F == 0x1F:
            raise ValueError("the token is not DER")
        length, start = content[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            length = int.from_bytes(content[start : start + width], "big")
            start += width
            if not 1 <= width <= 4:
                raise ValueError("the token is not DER")
        end = start + length
        if end > len(content):
            raise ValueError("a length in the token reaches beyond its end")
        found.append(Value(content[at], content[start:end], content[at:end]))
        at = end
    return found


def read(reply: bytes) -> Token:
    """Read a TimeStampResp that grants a token."""
    try:
        return _read(reply)
    except (IndexError, OverflowError) as error:
        raise ValueError("the reply lacks a part of a time-stamp token") from error


def verified_time(reply: bytes, message: bytes, trusted: list[x509.Certificate]) -> datetime:
    """The time at which `message` existed, as signed by an authority whose certificate leads to a trusted one."""
    try:
        return _verified_time(reply, message, trusted)
    except _UNREADABLE as error:
        raise ValueError("the token holds something that is not supported") from error


def _verified_time(reply: bytes, message: bytes, trusted: list[x509.Certificate]) -> datetime:
    token = read(reply)
    algorithm = _HASHES.get(token.hash_oid)
    if algorithm is None or _hash(algorithm, message) != token.imprint:
        raise ValueError("the token is for other content")
    certificate = _check_signature(token, trusted)
    _check_chain(certificate, token, trusted)
    return token.time


def certificates(pem: bytes) -> list[x509.Certificate]:
    """All certificates of a PEM file."""
    return x509.load_pem_x509_certificates(pem)


def _read(reply: bytes) -> Token:
    status, *rest = values(reply)[0].parts()
    if int.from_bytes(status.parts()[0].content, "big") > 1 or not rest:
        raise ValueError("the authority granted no token")
    kind, wrapped = rest[0].parts()[:2]
    if kind.whole != _SIGNED_DATA:
        raise ValueError("the token is not SignedData")
    _, _, encapsulated, *more = wrapped.parts()[0].parts()
    info_kind, info_wrapped = encapsulated.parts()[:2]
    if info_kind.whole != _TOKEN_INFO:
        raise ValueError("the token holds something else than TSTInfo")
    info = info_wrapped.parts()[0].content
    fields = values(info)[0].parts()
    imprint = fields[2].parts()
    nonces = [int.from_bytes(field.content, "big") for field in fields[5:] if field.tag == 0x02]
    return Token(
        hash_oid=imprint[0].parts()[0].whole,
        imprint=imprint[1].content,
        time=_time(fields[4]),
        nonce=nonces[0] if nonces else None,
        info=info,
        certificates=[each.whole for part in more if part.tag == 0xA0 for each in part.parts() if each.tag == 0x30],
        signer=more[-1].parts()[0],
    )


def _time(field: Value) -> datetime:
    written = field.content.decode("ascii").partition(".")[0].rstrip("Z")
    if field.tag != 0x18 or not field.content.endswith(b"Z"):
        raise ValueError("the time of the token is not in UTC")
    return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    hasher = hashes.Hash(algorithm)
    hasher.update(content)
    return hasher.finalize()


def _check_signature(token: Token, trusted: list[x509.Certificate]) -> x509.Certificate:
    """The certificate whose key signed the token."""
    _, identifier, digest_algorithm, attributes, signature_algorithm, signature = token.signer.parts()[:6]
    algorithm = _HASHES.get(digest_algorithm.parts()[0].whole)
    if algorithm is None or attributes.tag != 0xA0:
        raise ValueError("the token is signed in a way that is not supported")
    digests = [
        attribute.parts()[1].parts()[0].content
        for attribute in attributes.parts()
        if attribute.parts()[0].whole == _MESSAGE_DIGEST
    ]
    if digests != [_hash(algorithm, token.info)]:
        raise ValueError("the signature of the token is about something else")
    signed = b"\x31" + attributes.whole[1:]  # signed as a SET, sent as [0] (RFC 5652 section 5.4)
    algorithm = _ECDSA.get(signature_algorithm.parts()[0].whole, algorithm)
    certificate = _signer(identifier, _embedded(token) + trusted)
    try:
        _verify(certificate, signature.content, signed, algorithm)
    except InvalidSignature as error:
        raise ValueError("the signature of the token is wrong") from error
    return certificate


def _verify(certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(algorithm))
    else:
        raise ValueError("the authority has a key of an unknown kind")  # noqa: TRY004 (it is the token that is wrong)


def _embedded(token: Token) -> list[x509.Certificate]:
    found = []
    for encoded in token.certificates:
        try:
            found.append(x509.load_der_x509_certificate(encoded))
        except (
            ValueError,
            x509.InvalidVersion,
        ):  # an extra certificate that this library cannot read is not the signer's
            continue
    return found


def _signer(identifier: Value, candidates: list[x509.Certificate]) -> x509.Certificate:
    for candidate in candidates:
        if identifier.tag == 0x80:
            key_identifier = x509.SubjectKeyIdentifier.from_public_key(candidate.public_key())
            if key_identifier.digest == identifier.content:
                return candidate
        else:
            issuer, serial = identifier.parts()[:2]
            number = int.from_bytes(serial.content, "big", signed=True)
            if candidate.serial_number == number and candidate.issuer.public_bytes() == issuer.whole:
                return candidate
    raise ValueError("the certificate of the signer is neither in the token nor trusted")


def _check_chain(certificate: x509.Certificate, token: Token, trusted: list[x509.Certificate]) -> None:
    """From the signer to a trusted certificate, all valid at the time of the token."""
    usages = (
        certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value if _has_usage(certificate) else ()
    )
    if ExtendedKeyUsageOID.TIME_STAMPING not in usages:
        raise ValueError("the certificate of the signer is not for time-stamping")
    candidates = trusted + _embedded(token)
    for _ in range(_LONGEST_CHAIN):
        if not certificate.not_valid_before_utc <= token.time <= certificate.not_valid_after_utc:
            raise ValueError("a certificate of the authority was not valid at that time")
        if certificate in trusted:
            return
        certificate = _issuer(certificate, candidates)
    raise ValueError("the chain of certificates is too long")


def _has_usage(certificate: x509.Certificate) -> bool:
    return any(isinstance(extension.value, x509.ExtendedKeyUsage) for extension in certificate.extensions)


def _issuer(certificate: x509.Certificate, candidates: list[x509.Certificate]) -> x509.Certificate:
    for candidate in candidates:
        constraints = [each.value for each in candidate.extensions if isinstance(each.value, x509.BasicConstraints)]
        if candidate == certificate or not constraints or not constraints[0].ca:
            continue
        try:
            certificate.verify_directly_issued_by(candidate)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return candidate
    raise ValueError("the authority is not one of those trusted")

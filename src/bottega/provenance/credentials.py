"""Content Credentials: a work signed by the person whose it is, so that everybody can see who says what of it, and
whether it was changed since (C2PA Technical Specification 2.2).

The key never leaves this machine, and nobody vouches for it: a certificate that a program makes for itself says that
two works are of one hand, not whose hand it is. Other programs call such a signature valid and not trusted.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bottega
from bottega import home
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media.disclosure import NAMES
from bottega.media.files import disk_errors, whole_file
from bottega.provenance.record import sha256

if TYPE_CHECKING:
    from cryptography import x509

SIGNED = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".wav", ".flac", ".mp3", ".mp4", ".mov"})
"""The endings of files that can carry a signature beside their record."""
CERTIFICATE, KEY = "certificate.pem", "key.pem"
RECORD = "org.bottega.record"
YEARS = 20
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
"""A file may say that its signature lies somewhere in the network: nothing is fetched."""


@dataclass(frozen=True)
class Credentials:
    """What a signature says.

    Attributes:
        by: the name in its certificate.
        intact: whether the file is as it was when it was signed.
        unsigned: SHA-256 of the file before it was signed; None when another program signed it.
        why: what is wrong, in the words of the standard; empty when intact.
    """

    by: str
    intact: bool
    unsigned: str | None
    why: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The same as a sentence, in the language in use."""
        if self.intact:
            return _("Signed by {name}, and unchanged since. Nobody but this name vouches for it.").format(name=self.by)
        return _("Signed by {name}, but changed since: {why}.").format(name=self.by, why=", ".join(self.why))


def place() -> Path:
    """The folder of the key and of its certificate."""
    return home.home() / "identity"


def exists() -> bool:
    """Whether this person signs works."""
    return (place() / KEY).is_file()


def create(name: str) -> Path:
    """A key to sign with, and a certificate that bears a name; returns their folder.

    Raises:
        UsageError: no name, there is a key already, or the package ``c2pa-python`` is missing.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _library()
    if not name.strip():
        raise UsageError(_("Say under which name your works are to be signed."))
    if exists():
        message = _("There is an identity in {folder} already; move it elsewhere to make another one.")
        raise UsageError(message.format(folder=place()))
    root, key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    of_root = f"{name.strip()} (Bottega)"
    chain = [_certificate(name.strip(), of_root, key, root), _certificate(of_root, of_root, root, root)]
    words = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with disk_errors(place()):
        place().mkdir(parents=True, exist_ok=True, mode=0o700)
        (place() / CERTIFICATE).write_bytes(words)
        with open(os.open(place() / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
    return place()


def _certificate(subject: str, issuer: str, key: Any, root: Any) -> "x509.Certificate":
    """A certificate as C2PA wants it: of a root, or of a signer (§14.5.1)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(kind, name) for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)])

    is_root, now = key is root, datetime.now(UTC)
    usage = {
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    }
    allowed = dict.fromkeys(usage, False) | {"digital_signature": True, "key_cert_sign": is_root, "crl_sign": is_root}
    made = (
        x509.CertificateBuilder(named(issuer), named(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(x509.KeyUsage(**allowed), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(root, None)


def sign(path: Path, record: dict[str, Any]) -> bool:
    """Sign a work in its place, if this person signs works and its kind of file can be signed; whether that was done.

    Args:
        record: what the file says of itself; the signature says the same.
    """
    if not exists() or path.suffix.lower() not in SIGNED:
        return False
    c2pa = _library()
    chain, key = ((place() / name).read_bytes() for name in (CERTIFICATE, KEY))
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ED25519, chain, key, None))
    agent = {"name": "Bottega", "version": bottega.__version__}
    source = NAMES + record.get("digital_source_type", "trainedAlgorithmicMedia")
    action = {"action": "c2pa.created", "digitalSourceType": source, "softwareAgent": agent}
    manifest = {
        "claim_generator_info": [agent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
            {"label": RECORD, "data": record | {"unsigned": sha256(path)}},
        ],
    }
    with whole_file(path) as part, open(path, "rb") as source, open(part, "w+b") as signed:
        c2pa.Builder(json.dumps(manifest)).sign(signer, path.suffix[1:].lower(), source, signed)
    return True


def credentials(path: Path) -> Credentials | None:
    """What the signature in a file says; None when it bears none.

    Raises:
        DataError: there is no such file.
        UsageError: the package ``c2pa-python`` is missing.
    """
    if not path.is_file():
        raise DataError(_("{path} does not exist.").format(path=path))
    if not bears(path):
        return None
    c2pa = _library()
    try:
        with c2pa.Reader(str(path), context=c2pa.Context.from_dict(OFFLINE)) as reader:
            told = json.loads(reader.json())
    except c2pa.C2paError:  # no signature, or no kind of file that could bear one
        return None
    manifest = told["manifests"][told["active_manifest"]]
    wrong = [one["code"] for one in told.get("validation_status", []) if one["code"] != "signingCredential.untrusted"]
    said = next((one["data"] for one in manifest.get("assertions", []) if one["label"] == RECORD), {})
    by = manifest.get("signature_info", {}).get("common_name") or manifest["signature_info"].get("issuer", "–")
    name = "".join(letter if letter.isprintable() else " " for letter in str(by))  # a stranger chose it
    return Credentials(name, not wrong, said.get("unsigned"), tuple(wrong))


def digest(path: Path) -> str:
    """The content hash of a file as it was before it was signed, or of a folder."""
    if path.suffix.lower() in SIGNED:
        try:
            found = credentials(path)
        except UsageError:  # without the package nothing was signed here
            found = None
        if found and found.intact and found.unsigned:
            return found.unsigned
    return sha256(path)


def bears(path: Path) -> bool:
    """Whether a file could bear a signature: all that do name the standard."""
    last = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"c2pa" in last + block:
                return True
            last = block[-3:]
    return False


def _library() -> Any:
    try:
        import c2pa
    except ImportError as error:
        message = _("Signatures need the package “c2pa-python”: pip install 'bottega[credentials]'.")
        raise UsageError(message) from error
    return c2pa

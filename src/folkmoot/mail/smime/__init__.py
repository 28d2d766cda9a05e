"""S/MIME (RFC 8551): signing, encrypting, verifying and opening messages; keys and certificates.

What parses hostile octets, or takes as long as their author likes, runs in short-lived ``openssl`` processes with
bounds on time, output and number; they get everything through memory that no file system holds.  ``Smime`` is the way
in.
"""

from folkmoot.mail.smime.certificates import Certificate, read_certificates
from folkmoot.mail.smime.keys import Key
from folkmoot.mail.smime.openssl import Openssl
from folkmoot.mail.smime.smime import Smime
from folkmoot.mail.smime.values import Layer, Opened, Signature, Verdict

__all__ = [
    "Certificate",
    "Key",
    "Layer",
    "Opened",
    "Openssl",
    "Signature",
    "Smime",
    "Verdict",
    "read_certificates",
]

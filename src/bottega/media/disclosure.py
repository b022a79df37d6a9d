"""What a work says of itself to other programs: that a model made it, in the words of IPTC, as XMP.

(IPTC Photo Metadata Standard 2025.1, "Digital Source Type"; XMP Specification Part 1, ISO 16684-1.)
"""

from typing import Any

NAMES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
<xmp:CreatorTool>Bottega</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def xmp(record: dict[str, Any] | None) -> bytes | None:
    """The XMP packet of a work with such a record; None when the record does not say where the work comes from."""
    source = (record or {}).get("digital_source_type")
    return PACKET.format(source=NAMES + source).encode() if source else None

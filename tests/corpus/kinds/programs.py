"""More mail programs: those of free software, of phones, and those that nobody lists."""

from collections.abc import Iterator

from tests.corpus import files
from tests.corpus.kinds.vendors import PDF, TEXT, vendor
from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import attached, multipart, part


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _free_software()
    yield from _phones()
    yield from _others()


def _free_software() -> Iterator[Sample]:
    yield vendor(
        "thunderbird-flowed",
        "Thunderbird's flowed text and quotation",
        part(
            "text/plain; charset=UTF-8; format=flowed",
            "Guten Tag, anbei der Entwurf \nmit den Änderungen.\n\nAm 09.03.26 um 17:03 schrieb Erika:\n> Der alte \n> Text\n>> noch älter\n\n-- \nAnja\n",
            encoding="8bit",
        ),
        "User-Agent: Mozilla Thunderbird",
        "Content-Language: de-DE",
        charset="utf-8",
        text=(TEXT, "Der alte Text", "noch älter"),
    )
    yield vendor(
        "thunderbird-html",
        "Thunderbird's HTML with a cited block and a signature",
        multipart(
            "alternative",
            "------------x7Z1",
            part("text/plain; charset=UTF-8; format=flowed", TEXT, encoding="8bit"),
            part(
                "text/html; charset=UTF-8",
                f'<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><p>{TEXT}</p><div class="moz-cite-prefix">Am 09.03.26 schrieb Erika:<br></div><blockquote type="cite" cite="mid:1@folkmoot.example">Der alte Text</blockquote><div class="moz-signature">-- <br>Anja</div></body></html>',
                encoding="8bit",
            ),
        ),
        "User-Agent: Mozilla Thunderbird",
        text=(TEXT, "Der alte Text"),
    )
    yield vendor(
        "thunderbird-vcard",
        "Thunderbird's card",
        multipart(
            "mixed",
            "------------v1",
            part("text/plain; charset=UTF-8", TEXT, encoding="8bit"),
            attached("text/vcard; charset=utf-8", "jonas.vcf", files.VCARD),
        ),
        attachments=(Attached("jonas.vcf", "text/vcard", len(files.VCARD)),),
    )
    yield vendor(
        "evolution-camel",
        "Evolution's HTML",
        multipart(
            "alternative",
            "=-XyZ1abc",
            part('text/plain; charset="UTF-8"', TEXT + "\n", encoding="8bit"),
            part(
                'text/html; charset="utf-8"',
                f"<!DOCTYPE html><html><head></head><body><div>{TEXT}</div><div><br></div><div><span><pre>-- <br></pre></span></div></body></html>",
                encoding="quoted-printable",
            ),
        ),
        "User-Agent: Evolution 3.46.4-2",
    )
    yield vendor(
        "kmail-html",
        "KMail's rich text",
        multipart(
            "alternative",
            "nextPart1.abc",
            part('text/plain; charset="utf-8"', TEXT, encoding="quoted-printable"),
            part(
                'text/html; charset="utf-8"',
                f'<html><body><p style="margin-top:0;margin-bottom:0;margin-left:0;margin-right:0;">{TEXT}</p></body></html>',
                encoding="quoted-printable",
            ),
            preamble=b"This is a multi-part message in MIME format.",
        ),
    )
    yield vendor(
        "mutt-plain",
        "mutt",
        part("text/plain; charset=utf-8", TEXT + "\n\n-- \nA.\n", "Content-Disposition: inline", encoding="8bit"),
        "User-Agent: Mutt/2.2.9",
        charset="utf-8",
    )
    yield vendor(
        "alpine-flowed",
        "Alpine, with a boundary full of numbers",
        multipart(
            "mixed",
            "8323329-1234567890-1773130500=:42",
            part("text/plain; charset=UTF-8; format=flowed", TEXT, encoding="8bit"),
            more="",
            preamble=b"  This message is in MIME format.  The first part should be readable text.",
        ),
    )
    yield vendor(
        "gnus-inline",
        "Gnus puts files between texts",
        multipart(
            "mixed",
            "=-=-=",
            part("text/plain; charset=utf-8", TEXT, encoding="8bit"),
            part(
                "text/x-patch; charset=utf-8",
                "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-alt\n+neu\n",
                "Content-Disposition: inline; filename=fix.patch",
                encoding="7bit",
            ),
            part("text/plain", "\nGruß\n"),
        ),
        text=(TEXT,),
    )
    yield vendor(
        "claws-plain",
        "Claws Mail",
        part("text/plain; charset=UTF-8", TEXT, encoding="quoted-printable"),
        "X-Mailer: Claws Mail 4.1.1",
        charset="utf-8",
    )
    yield vendor(
        "roundcube-html",
        "Roundcube's HTML",
        multipart(
            "alternative",
            "=_0a1b2c",
            part("text/plain; charset=UTF-8; format=flowed", TEXT, encoding="8bit"),
            part(
                "text/html; charset=UTF-8",
                f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8" /></head><body style="font-size: 10pt; font-family: Verdana,Geneva,sans-serif"><p>{TEXT}</p></body></html>',
                encoding="quoted-printable",
            ),
        ),
        "User-Agent: Roundcube Webmail/1.6.11",
    )
    yield vendor(
        "sogo-html",
        "SOGo's HTML, with its X-Forward",
        multipart(
            "alternative",
            "----=_=-_OpenGroupware_org_NGMime-123-1773130500.1-1------",
            part("text/plain; charset=utf-8", TEXT, encoding="quoted-printable"),
            part("text/html; charset=utf-8", f"<html><p>{TEXT}</p></html>", encoding="quoted-printable"),
        ),
        "X-Forward: 127.0.0.1",
        "User-Agent: SOGoMail 5.12.4",
    )
    yield vendor(
        "zimbra-html",
        "Zimbra's HTML",
        multipart(
            "alternative",
            "----=_Part_1_2.1773130500000",
            part("text/plain; charset=utf-8", TEXT, encoding="quoted-printable"),
            part(
                "text/html; charset=utf-8",
                f'<html><body><div style="font-family: arial, helvetica, sans-serif; font-size: 12pt; color: #000000"><div>{TEXT}</div></div></body></html>',
                encoding="quoted-printable",
            ),
        ),
        "X-Mailer: Zimbra 10.0.7_GA_4598 (ZimbraWebClient - GC122 (Linux)/10.0.7_GA_4598)",
    )
    yield vendor(
        "horde-flowed",
        "Horde",
        part(
            "text/plain; charset=utf-8; format=flowed; DelSp=Yes",
            "Guten Tag, anbei der Entwurf mit den  \nÄnderungen.\n",
            "Content-Disposition: inline",
            encoding="8bit",
        ),
        "User-Agent: Horde Application Framework 5",
    )


def _phones() -> Iterator[Sample]:
    yield vendor(
        "k9-plain",
        "K-9 Mail",
        multipart(
            "alternative",
            "----ABCDEF",
            part("text/plain; charset=utf-8", TEXT, encoding="quoted-printable"),
            part(
                "text/html; charset=utf-8",
                f"<!DOCTYPE html><html><body>{TEXT}<br><br>-- <br>Gesendet mit K-9</body></html>",
                encoding="quoted-printable",
            ),
        ),
        "User-Agent: K-9 Mail for Android",
    )
    yield vendor(
        "samsung-html",
        "Samsung Mail with its empty lines",
        multipart(
            "alternative",
            "--_com.samsung.android.email_1",
            part("text/plain; charset=utf-8", TEXT, encoding="base64"),
            part(
                "text/html; charset=utf-8",
                f'<html><head></head><body dir="auto"><div dir="auto">{TEXT}</div><div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757">Von meinem Galaxy gesendet</div></div></body></html>',
                encoding="base64",
            ),
        ),
    )
    yield vendor(
        "android-gmail",
        "Gmail on Android, with dir=auto",
        part('text/html; charset="UTF-8"', f'<div dir="auto">{TEXT}</div>', encoding="quoted-printable"),
    )
    yield vendor(
        "blackberry-base64",
        "a BlackBerry of 2010",
        part('text/plain; charset="Windows-1252"', TEXT, encoding="base64", charset="cp1252"),
        "X-rim-org-msg-ref-id: 1",
        charset="windows-1252",
    )
    yield vendor(
        "fairemail-html",
        "FairEmail",
        multipart(
            "alternative",
            "----FE1",
            part("text/plain; charset=utf-8", TEXT, encoding="quoted-printable"),
            part(
                "text/html; charset=utf-8",
                f"<html><body><div><p>{TEXT}</p></div></body></html>",
                encoding="quoted-printable",
            ),
        ),
    )


def _others() -> Iterator[Sample]:
    yield vendor(
        "yahoo-html",
        "Yahoo's divs in divs",
        multipart(
            "alternative",
            "----=_Part_9_1.1",
            part("text/plain; charset=UTF-8", TEXT, encoding="quoted-printable"),
            part(
                "text/html; charset=UTF-8",
                f'<html><head></head><body><div class="ydp1yahoo-style-wrap" style="font-family:Helvetica;font-size:16px;"><div dir="ltr" data-setdir="false">{TEXT}</div></div></body></html>',
                encoding="quoted-printable",
            ),
        ),
        "X-Mailer: WebService/1.1.22 YMailNorrin",
    )
    yield vendor(
        "notes-html",
        "Lotus Notes: FONT elements, a picture by cid with blanks",
        multipart(
            "related",
            "=_related 003C5A0EC1258DB0_=",
            multipart(
                "alternative",
                "=_alternative 003C5A0FC1258DB0_=",
                part('text/plain; charset="ISO-8859-1"', TEXT, encoding="quoted-printable", charset="latin_1"),
                part(
                    'text/html; charset="ISO-8859-1"',
                    f'<font size=2 face="sans-serif">{TEXT}</font><br><img src=cid:_1_0A1B2C3D003C5A0EC1258DB0>',
                    encoding="quoted-printable",
                    charset="latin_1",
                ),
            ),
            part("image/gif", files.GIF, "Content-ID: <_1_0A1B2C3D003C5A0EC1258DB0>", encoding="base64"),
        ),
        "X-Mailer: Lotus Notes Release 8.5.3",
        pictures=1,
        charset="iso-8859-1",
    )
    yield vendor(
        "groupwise-parts",
        "GroupWise: text, TEXT.htm and Mime.822",
        multipart(
            "mixed",
            "=__Part1A2B.0__=",
            multipart(
                "alternative",
                "=__Part1A2B.1__=",
                part("text/plain; charset=utf-8", TEXT, "Content-Disposition: inline", encoding="8bit"),
                part(
                    "text/html; charset=utf-8",
                    f"<HTML><HEAD></HEAD><BODY><DIV>{TEXT}</DIV></BODY></HTML>",
                    "Content-Description: HTML",
                    encoding="8bit",
                ),
            ),
            attached("application/pdf", "Entwurf.pdf", PDF),
        ),
        "X-Mailer: Novell GroupWise Internet Agent 18.4",
        attachments=(Attached("Entwurf.pdf", "application/pdf", len(PDF)),),
    )
    yield vendor(
        "thebat-plain",
        "The Bat! in koi8-r",
        part("text/plain; charset=koi8-r", "Добрый день, посылаю черновик.", encoding="8bit", charset="koi8_r"),
        "X-Mailer: The Bat! (v9.3.4)",
        text=("Добрый день, посылаю черновик.",),
        charset="koi8-r",
    )
    yield vendor(
        "gmx-html",
        "GMX and WEB.DE",
        part(
            "text/html; charset=UTF-8",
            f'<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>{TEXT}</div><div>&nbsp;</div></div></body></html>',
            encoding="quoted-printable",
        ),
        "X-UI-Sender-Class: abc",
    )
    yield vendor(
        "protonmail-html",
        "Proton Mail's empty mixed multipart",
        multipart(
            "mixed",
            "b1_abc",
            multipart(
                "alternative",
                "b2_abc",
                part("text/plain; charset=utf-8", TEXT, encoding="base64"),
                part(
                    "text/html; charset=utf-8",
                    f'<div style="font-family: Arial; font-size: 14px;">{TEXT}</div>',
                    encoding="base64",
                ),
            ),
        ),
    )
    yield vendor(
        "fastmail-html",
        "Fastmail",
        multipart(
            "alternative",
            "1a2b3c4d",
            part("text/plain;charset=utf-8;format=flowed", TEXT, encoding="quoted-printable"),
            part(
                "text/html;charset=utf-8",
                f'<!DOCTYPE html><html><head><style type="text/css">p.MsoNormal,p.MsoNoSpacing{{margin:0}}</style></head><body><div>{TEXT}</div></body></html>',
                encoding="quoted-printable",
            ),
        ),
    )
    yield vendor(
        "eudora-enriched",
        "text/enriched (RFC 1896)",
        part(
            "text/enriched; charset=us-ascii",
            "<bold>Guten Tag</bold>, <italic>anbei</italic> der Entwurf.\n\n<<kein Befehl>",
        ),
        text=("Guten Tag", "anbei"),
    )
    yield vendor(
        "aol-multipart",
        "AOL with a multipart of one part",
        multipart(
            "alternative",
            "--------MB_8DC",
            part('text/plain; charset="us-ascii"', "Guten Tag.\n"),
            part('text/html; charset="us-ascii"', '<font color="black" size="2" face="arial">Guten Tag.</font>'),
        ),
        text=("Guten Tag.",),
    )
    yield vendor(
        "php-mail-script",
        "a script that wrote its own multipart badly",
        multipart(
            "alternative",
            "PHP-alt-1",
            part('text/plain; charset="iso-8859-1"', "Bestellung Nr. 7\n", encoding="7bit"),
            part('text/html; charset="iso-8859-1"', "<h2>Bestellung Nr. 7</h2>", encoding="7bit"),
        ).replace(b"\r\n\r\n--PHP", b"\n\n--PHP"),
        "X-PHP-Originating-Script: 33:bestellung.php",
        text=("Bestellung Nr. 7",),
    )
    yield vendor(
        "sap-otf",
        "SAP sends its form as an attachment, and no text",
        attached("application/pdf", "BESTELLUNG_4500001.PDF", PDF),
        "X-Mailer: SAP NetWeaver 7.50",
        text=(),
        attachments=(Attached("BESTELLUNG_4500001.PDF", "application/pdf", len(PDF)),),
        shape="application/pdf",
    )
    yield vendor(
        "scanner-tiff",
        "a copier that scans to mail",
        multipart(
            "mixed",
            "MFP-1",
            part("text/plain; charset=us-ascii", "Scan from MFP."),
            attached("image/tiff", "SCN_0001.tif", b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        ),
        text=("Scan from MFP.",),
        attachments=(Attached("SCN_0001.tif", "image/tiff", 14),),
    )
    yield vendor(
        "voicemail-wav",
        "a telephone system with a voice mail",
        multipart(
            "voice-message",
            "Asterisk-1",
            part("text/plain; charset=utf-8", "Neue Nachricht von 0221 555 0100."),
            attached("audio/x-wav", "msg0000.wav", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"),
            more="; version=2.0",
        ),
        text=("Neue Nachricht von 0221 555 0100.",),
        attachments=(Attached("msg0000.wav", "audio/x-wav", 20),),
    )

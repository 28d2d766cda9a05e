"""What the mail programs of the world make of "Guten Tag": their fields, their nesting, their markup."""

from collections.abc import Iterator

from tests.corpus import files
from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import message, multipart, part, word_q

TEXT = "Guten Tag, anbei der Entwurf mit den Änderungen."
PNG = files.png()
PDF = files.pdf()


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _microsoft()
    yield from _apple()
    yield from _google()


def vendor(
    name: str,
    special: str,
    content: bytes,
    *fields: str,
    text: tuple[str, ...] = (TEXT,),
    attachments: tuple[Attached, ...] = (),
    pictures: int = 0,
    remote: bool = False,
    charset: str = "",
    shape: str = "",
) -> Sample:
    sender = f"absender@{name.split('-')[0]}.example"
    return Sample(
        name=f"vendor-{name}",
        special=special,
        octets=message(
            f"Anja Groß <{sender}>".replace("Groß", word_q("Groß")),
            f"AW: {name}",
            content,
            *fields,
            message_id=f"<{name}@{sender.split('@')[1]}>",
        ),
        subject=f"AW: {name}",
        sender=sender,
        text=text,
        attachments=attachments,
        pictures=pictures,
        remote=remote,
        charset=charset,
        message_id=f"<{name}@{sender.split('@')[1]}>",
        shape=shape,
    )


def _picture(name: str, cid: str, *, disposition: str = "inline") -> bytes:
    return part(
        f'image/png; name="{name}"',
        PNG,
        f'Content-Disposition: {disposition}; filename="{name}"',
        f"Content-ID: <{cid}>",
        encoding="base64",
    )


_WORD = """\
<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta name="Generator" content="Microsoft Word 15 (filtered medium)">
<!--[if !mso]><style>v\\:* {{behavior:url(#default#VML);}} o\\:* {{behavior:url(#default#VML);}}</style><![endif]-->
<style><!-- @font-face {{font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}} p.MsoNormal, li.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif; mso-fareast-language:EN-US;}}
div.WordSection1 {{page:WordSection1;}} @page WordSection1 {{size:612.0pt 792.0pt; margin:70.85pt;}} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head>
<body lang="DE" link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><div class="WordSection1">
<p class="MsoNormal"><span style='mso-fareast-language:EN-US'>{text}<o:p></o:p></span></p>{more}
<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class="MsoNormal"><b>Von:</b> Erika Muster &lt;erika@folkmoot.example&gt; <br><b>Gesendet:</b> Montag, 9. März 2026 17:03<br><b>Betreff:</b> Entwurf<o:p></o:p></p></div>
</div></body></html>
"""
_EXCHANGE_FIELDS = (
    "Thread-Topic: Entwurf",
    "Thread-Index: AdywZm9sa21vb3QgdGhyZWFkIGluZGV4AA==",
    "Accept-Language: de-DE, en-US",
    "Content-Language: de-DE",
    "X-MS-Has-Attach:",
    "X-MS-TNEF-Correlator:",
    "x-ms-exchange-messagesentrepresentingtype: 1",
    "X-OriginatorOrg: microsoft.example",
)


def _microsoft() -> Iterator[Sample]:
    plain = part('text/plain; charset="utf-8"', TEXT + "\n\nVon: Erika Muster\n", encoding="base64")
    word = part('text/html; charset="utf-8"', _WORD.format(text=TEXT, more=""), encoding="quoted-printable")
    yield vendor(
        "outlook-word",
        "Outlook with Word's HTML: conditional comments, o:p, mso properties",
        multipart(
            "alternative",
            "----=_NextPart_000_0001_01DCB0AA.5F3C2E10",
            plain,
            word,
            more="",
            preamble=b"This is a multipart message in MIME format.\r\n",
        ),
        *_EXCHANGE_FIELDS,
        "X-Mailer: Microsoft Outlook 16.0",
        shape="alternative(text/plain,text/html)",
    )
    inline = _WORD.format(
        text=TEXT,
        more='<p class="MsoNormal"><img width="8" height="8" id="Bild_x0020_1" src="cid:image001.png@01DCB0AA.5F3C2E10" alt="Logo"></p>',
    )
    yield vendor(
        "outlook-inline-picture",
        "Outlook's picture in the signature, by cid",
        multipart(
            "related",
            "_004_AM0PR01MB0001_",
            multipart(
                "alternative",
                "_000_AM0PR01MB0001_",
                plain,
                part('text/html; charset="utf-8"', inline, encoding="quoted-printable"),
            ),
            _picture("image001.png", "image001.png@01DCB0AA.5F3C2E10"),
            more='; type="multipart/alternative"',
        ),
        *_EXCHANGE_FIELDS,
        pictures=1,
        shape="related(alternative(text/plain,text/html),image/png)",
    )
    yield vendor(
        "outlook-picture-and-file",
        "mixed, related and alternative within each other",
        multipart(
            "mixed",
            "_005_X_",
            multipart(
                "related",
                "_004_X_",
                multipart(
                    "alternative", "_000_X_", plain, part('text/html; charset="utf-8"', inline, encoding="base64")
                ),
                _picture("image001.png", "image001.png@01DCB0AA.5F3C2E10"),
                more='; type="multipart/alternative"',
            ),
            part(
                'application/pdf; name="Entwurf.pdf"',
                PDF,
                "Content-Description: Entwurf.pdf",
                f'Content-Disposition: attachment; filename="Entwurf.pdf"; size={len(PDF)};\r\n\tcreation-date="Tue, 10 Mar 2026 08:00:00 GMT"',
                encoding="base64",
            ),
        ),
        *_EXCHANGE_FIELDS,
        pictures=1,
        attachments=(Attached("Entwurf.pdf", "application/pdf", len(PDF)),),
        shape="mixed(related(alternative(text/plain,text/html),image/png),application/pdf)",
    )
    yield vendor(
        "outlook-plain",
        "Outlook's plain text with its separator",
        part(
            'text/plain; charset="iso-8859-1"',
            TEXT + "\n\n-----Ursprüngliche Nachricht-----\nVon: Erika\n",
            encoding="quoted-printable",
            charset="latin_1",
        ),
        "X-Mailer: Microsoft Outlook 14.0",
        charset="iso-8859-1",
    )
    yield vendor(
        "outlookcom-html",
        "Outlook.com: elementToProof, and the rule above the quotation",
        multipart(
            "alternative",
            "_000_DB9P_",
            plain,
            part(
                "text/html; charset=utf-8",
                f'<html><head><style type="text/css" style="display:none;"> P {{margin-top:0;margin-bottom:0;}} </style></head><body dir="ltr"><div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt;">{TEXT}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">Von: Erika</div></body></html>',
                encoding="quoted-printable",
            ),
        ),
        *_EXCHANGE_FIELDS,
    )
    yield vendor(
        "outlookexpress-rich",
        "Outlook Express 6 of 2004",
        multipart(
            "alternative",
            "----=_NextPart_000_0008_01C4F0E0.7B1F1E20",
            part('text/plain; charset="Windows-1252"', TEXT, encoding="quoted-printable", charset="cp1252"),
            part(
                'text/html; charset="Windows-1252"',
                f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN"><HTML><BODY bgColor=#ffffff><DIV><FONT face=Arial size=2>{TEXT}</FONT></DIV></BODY></HTML>',
                encoding="quoted-printable",
                charset="cp1252",
            ),
        ),
        "X-Priority: 3",
        "X-MSMail-Priority: Normal",
        "X-Mailer: Microsoft Outlook Express 6.00.2900.2180",
        charset="windows-1252",
    )
    yield vendor(
        "exchange-high-priority",
        "Exchange's importance and sensitivity",
        part("text/plain; charset=utf-8", TEXT, encoding="8bit"),
        "Importance: high",
        "X-Priority: 1",
        "Sensitivity: company-confidential",
        *_EXCHANGE_FIELDS,
    )
    yield vendor(
        "exchange-disclaimer",
        "a transport rule puts a banner above the text",
        part(
            "text/html; charset=utf-8",
            f'<html><body><table border="0" bgcolor="#ffeb9c"><tr><td>Diese Mail kommt von außerhalb.</td></tr></table><div>{TEXT}</div></body></html>',
            encoding="base64",
        ),
        *_EXCHANGE_FIELDS,
        text=(TEXT, "Diese Mail kommt von außerhalb."),
    )
    yield vendor(
        "outlookmac-html",
        "Outlook for Mac",
        multipart(
            "alternative",
            "B_3856000000_123",
            part("text/plain; charset=UTF-8", TEXT, encoding="quoted-printable"),
            part(
                "text/html; charset=UTF-8",
                f'<html><body lang="EN-US"><div><p class="MsoNormal">{TEXT}</p></div></body></html>',
                encoding="quoted-printable",
            ),
        ),
        "User-Agent: Microsoft-MacOutlook/16.83.24031120",
    )


def _apple() -> Iterator[Sample]:
    yield vendor(
        "apple-flowed",
        "Apple Mail's plain text, format=flowed with delsp",
        part(
            "text/plain; charset=utf-8; format=flowed; delsp=yes",
            "Guten Tag, anbei der Entwurf mit den Ände \nrungen.\n\n> Zitat\n",
            encoding="quoted-printable",
        ),
        "X-Mailer: Apple Mail (2.3774.600.62)",
        charset="utf-8",
    )
    yield vendor(
        "apple-pdf-in-the-middle",
        "HTML, a PDF shown in place, and HTML again",
        multipart(
            "alternative",
            "Apple-Mail=_A1",
            part("text/plain; charset=utf-8", TEXT + "\n\n\n\nViele Grüße", encoding="quoted-printable"),
            multipart(
                "mixed",
                "Apple-Mail=_A2",
                part(
                    "text/html; charset=utf-8",
                    f"<html><head></head><body>{TEXT}<div></div></body></html>",
                    encoding="quoted-printable",
                ),
                part(
                    'application/pdf; name="Entwurf.pdf"; x-unix-mode=0644',
                    PDF,
                    "Content-Disposition: inline; filename=Entwurf.pdf",
                    encoding="base64",
                ),
                part(
                    "text/html; charset=us-ascii",
                    "<html><body><div>Viele Gr&uuml;&szlig;e</div></body></html>",
                    encoding="7bit",
                ),
            ),
        ),
        "X-Mailer: Apple Mail (2.3774.600.62)",
        text=(TEXT, "Viele Grüße"),
        attachments=(Attached("Entwurf.pdf", "application/pdf", len(PDF)),),
        shape="alternative(text/plain,mixed(text/html,application/pdf,text/html))",
    )
    yield vendor(
        "apple-related-in-alternative",
        "Apple Mail puts the related multipart into the alternative",
        multipart(
            "alternative",
            "Apple-Mail=_B1",
            part("text/plain; charset=utf-8", TEXT, encoding="8bit"),
            multipart(
                "related",
                "Apple-Mail=_B2",
                part(
                    "text/html; charset=utf-8",
                    f'<html><body>{TEXT}<img src="cid:7A1@home"></body></html>',
                    encoding="8bit",
                ),
                _picture("Bild.png", "7A1@home"),
                more=';\r\n\ttype="text/html"',
            ),
        ),
        "X-Mailer: Apple Mail (2.3774.600.62)",
        pictures=1,
        shape="alternative(text/plain,related(text/html,image/png))",
    )
    yield vendor(
        "apple-double",
        "AppleDouble: a resource fork beside the file (RFC 1740)",
        multipart(
            "mixed",
            "Apple-Mail=_C1",
            part("text/plain; charset=utf-8", TEXT, encoding="8bit"),
            multipart(
                "appledouble",
                "Apple-Mail=_C2",
                part(
                    'application/applefile; name="Entwurf.pdf"',
                    b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \x00\x01\x00\x00\x00\x09\x00\x00\x00\x26\x00\x00\x00\x04fork",
                    "Content-Disposition: attachment; filename=Entwurf.pdf",
                    encoding="base64",
                ),
                part(
                    'application/pdf; name="Entwurf.pdf"',
                    PDF,
                    "Content-Disposition: attachment; filename=Entwurf.pdf",
                    encoding="base64",
                ),
            ),
        ),
        "X-Mailer: Apple Mail (2.936)",
        attachments=(Attached("Entwurf.pdf", "application/pdf", len(PDF)),),
        shape="mixed(text/plain,appledouble(application/applefile,application/pdf))",
    )
    yield vendor(
        "iphone-photo",
        "a photo from an iPhone between two texts",
        multipart(
            "mixed",
            "Apple-Mail-D1",
            part("text/plain; charset=us-ascii", "\n\n", encoding="7bit"),
            part(
                "image/jpeg; name=IMG_0001.jpeg; x-apple-part-url=0E8F",
                files.JPEG,
                "Content-Disposition: inline; filename=IMG_0001.jpeg",
                encoding="base64",
            ),
            part("text/plain; charset=utf-8", f"\n\n{TEXT}\n\nVon meinem iPhone gesendet", encoding="quoted-printable"),
        ),
        "X-Mailer: iPhone Mail (23D127)",
        text=(TEXT, "Von meinem iPhone gesendet"),
    )


def _google() -> Iterator[Sample]:
    quote = '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Am Mo., 9. März 2026 um 17:03 Uhr schrieb Erika Muster &lt;<a href="mailto:erika@folkmoot.example">erika@folkmoot.example</a>&gt;:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">Der alte Text</blockquote></div>'
    yield vendor(
        "gmail-reply",
        "Gmail's quotation",
        multipart(
            "alternative",
            "000000000000a1b2c3",
            part(
                'text/plain; charset="UTF-8"',
                TEXT + "\n\nAm Mo., 9. März 2026 um 17:03 Uhr schrieb Erika:\n\n> Der alte Text\n",
                encoding="quoted-printable",
            ),
            part('text/html; charset="UTF-8"', f'<div dir="ltr">{TEXT}</div>{quote}', encoding="quoted-printable"),
        ),
        "X-Gm-Message-State: AOJu0Yx",
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=gmail.example; s=20230601; b=abc",
        text=(TEXT, "Der alte Text"),
        charset="utf-8",
    )
    yield vendor(
        "gmail-inline-picture",
        "Gmail names its pictures ii_ and lists them as attachments too",
        multipart(
            "related",
            "000000000000r1",
            multipart(
                "alternative",
                "000000000000r2",
                part('text/plain; charset="UTF-8"', TEXT + "\n[image: logo.png]\n", encoding="quoted-printable"),
                part(
                    'text/html; charset="UTF-8"',
                    f'<div dir="ltr">{TEXT}<br><img src="cid:ii_m8x1" alt="logo.png" width="8" height="8"></div>',
                    encoding="quoted-printable",
                ),
            ),
            part(
                'image/png; name="logo.png"',
                PNG,
                'Content-Disposition: attachment; filename="logo.png"',
                "X-Attachment-Id: ii_m8x1",
                "Content-ID: <ii_m8x1>",
                encoding="base64",
            ),
        ),
        pictures=1,
    )
    yield vendor(
        "gmail-attachment",
        "a file, with Google's own identifiers",
        multipart(
            "mixed",
            "000000000000m1",
            multipart(
                "alternative",
                "000000000000m2",
                part('text/plain; charset="UTF-8"', TEXT, encoding="base64"),
                part('text/html; charset="UTF-8"', f'<div dir="ltr">{TEXT}</div>', encoding="base64"),
            ),
            part(
                'application/pdf; name="Entwurf.pdf"',
                PDF,
                'Content-Disposition: attachment; filename="Entwurf.pdf"',
                "X-Attachment-Id: f_m8x2",
                "Content-ID: <f_m8x2>",
                encoding="base64",
            ),
        ),
        attachments=(Attached("Entwurf.pdf", "application/pdf", len(PDF)),),
    )
    yield vendor(
        "googlegroups-footer",
        "Google Groups puts its footer below",
        multipart(
            "alternative",
            "000000000000g1",
            part(
                'text/plain; charset="UTF-8"',
                TEXT + "\n\n-- \nSie erhalten diese Nachricht, weil Sie abonniert haben.\n",
                encoding="quoted-printable",
            ),
            part(
                'text/html; charset="UTF-8"',
                f'<div dir="ltr">{TEXT}</div><p></p>-- <br />Sie erhalten diese Nachricht, weil Sie abonniert haben.<br />',
                encoding="quoted-printable",
            ),
        ),
        "List-ID: <gruppe.googlegroups.example>",
        "Precedence: list",
        "List-Unsubscribe: <mailto:googlegroups-manage+1+unsubscribe@googlegroups.example>",
    )
    yield vendor(
        "gmail-emoji-reaction",
        "a reaction: an emoji and a part of JSON that says so",
        multipart(
            "alternative",
            "000000000000e1",
            part('text/plain; charset="UTF-8"', "👍\n", encoding="base64"),
            part("text/vnd.google.email-reaction+json; charset=UTF-8", '{"version":1,"emoji":"👍"}', encoding="base64"),
            part(
                'text/html; charset="UTF-8"',
                '<p style="font-size:50px">👍</p><p>Anja hat reagiert</p>',
                encoding="base64",
            ),
        ),
        text=("👍",),
    )

"""Mailing lists and newsletters."""

from collections.abc import Iterator

from tests.corpus.sample import Sample
from tests.corpus.writing import message, multipart, octets, part

_BODY = "Wer kommt am Samstag zum Arbeitseinsatz?"


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield _list(
        "mailman2",
        multipart(
            "mixed",
            "===============123==",
            part("text/plain; charset=utf-8", _BODY, encoding="8bit"),
            part(
                "text/plain; charset=us-ascii",
                "_______________________________________________\nVerein mailing list\n",
                "Content-Disposition: inline",
                encoding="7bit",
            ),
        ),
        "List-Id: Verein <verein.lists.example>",
        "List-Unsubscribe: <https://lists.example/options/verein>,\r\n <mailto:verein-request@lists.example?subject=unsubscribe>",
        "X-Mailman-Version: 2.1.39",
        "Precedence: list",
        special="Mailman 2 appends its footer as a part",
    )
    yield _list(
        "mailman3",
        part(
            "text/plain; charset=utf-8",
            _BODY + "\n_______\nVerein mailing list -- verein@lists.example\n",
            encoding="8bit",
        ),
        "List-Id: Verein <verein.lists.example>",
        "List-Unsubscribe: <mailto:verein-leave@lists.example>",
        "Archived-At: <https://lists.example/hyperkitty/1/>",
        special="Mailman 3 rewrites the sender",
        sender='"Jonas via Verein" <verein@lists.example>',
        address="verein@lists.example",
    )
    yield _list(
        "mailman-wrapped",
        multipart(
            "mixed",
            "===============9==",
            part(
                "message/rfc822",
                message(
                    "Jonas <jonas@streng.example>", "innen", part("text/plain; charset=utf-8", _BODY, encoding="8bit")
                ),
            ),
            part("text/plain", "footer\n"),
        ),
        "List-Id: <verein.lists.example>",
        special="Mailman wraps what DMARC would refuse",
    )
    yield _list(
        "sympa",
        part("text/plain; charset=utf-8", _BODY, encoding="8bit"),
        "X-Loop: verein@listes.example",
        "X-Sequence: 42",
        "Errors-to: verein-owner@listes.example",
        "List-Id: <verein.listes.example>",
        "List-Unsubscribe: <https://listes.example/sympa/auto_signoff/verein/erika>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        special="Sympa with one-click unsubscription",
    )
    yield _list(
        "ezmlm",
        part("text/plain; charset=us-ascii", "Wer kommt?"),
        "Mailing-List: contact verein-help@ezmlm.example; run by ezmlm",
        "List-Unsubscribe: <mailto:verein-unsubscribe@ezmlm.example>",
        "Delivered-To: mailing list verein@ezmlm.example",
        special="ezmlm",
        text="Wer kommt?",
    )
    digest = multipart(
        "digest",
        "digest-1",
        *(
            b"\r\n"
            + message(
                f"p{number}@lists.example", f"Beitrag {number}", part("text/plain", f"Text des Beitrags {number}.\n")
            )
            for number in range(1, 6)
        ),
    )
    yield _list(
        "digest",
        multipart("mixed", "digest-0", part("text/plain", "Today's Topics: 5\n"), digest),
        "List-Id: <verein.lists.example>",
        special="a digest: parts without a type are messages (RFC 2046 section 5.1.5)",
        text="Today's Topics: 5",
    )
    yield _list(
        "listserv",
        part("text/plain; charset=iso-8859-1", "Grüße an alle", encoding="8bit", charset="latin_1"),
        "Comments: To: VEREIN@LISTSERV.EXAMPLE",
        "List-Owner: <mailto:VEREIN-request@LISTSERV.EXAMPLE>",
        special="LISTSERV",
        text="Grüße an alle",
    )
    yield from _newsletters()


def _list(
    name: str,
    content: bytes,
    *fields: str,
    special: str,
    sender: str = "Jonas <jonas@lists.example>",
    address: str = "jonas@lists.example",
    text: str = _BODY,
) -> Sample:
    return Sample(
        name=f"list-{name}",
        special=special,
        octets=message(sender, f"[Verein] {name}", content, *fields, to="verein@lists.example"),
        subject=f"[Verein] {name}",
        sender=address,
        text=(text,),
    )


_TABLES = """\
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta name="viewport" content="width=device-width"/><title>Neues</title>
<style type="text/css">#outlook a {{padding:0}} .ReadMsgBody {{width:100%}} @media only screen and (max-width:480px) {{ .column {{width:100% !important}} }} @import url("https://css.newsletter.example/x.css");</style>
<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--></head>
<body bgcolor="#f4f4f4" style="margin:0;padding:0"><div style="display:none;max-height:0;overflow:hidden">Vorschautext</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" background="https://img.newsletter.example/bg.png"><table width="600" class="column"><tr><td style="padding:20px;font-family:Arial">{body}</td></tr></table></td></tr></table></body></html>
"""


def _newsletters() -> Iterator[Sample]:
    for name, special, body, remote in (
        (
            "pictures",
            "pictures from elsewhere in tables",
            '<img src="https://img.newsletter.example/kopf.jpg" width="560"><h1>Neues im März</h1>',
            True,
        ),
        (
            "pixel",
            "a picture of one pixel that counts readers",
            '<h1>Neues im März</h1><img src="https://track.newsletter.example/open?u=1" width="1" height="1" style="display:none">',
            True,
        ),
        (
            "srcset",
            "several sizes of a picture",
            '<h1>Neues im März</h1><img srcset="https://img.newsletter.example/1x.png 1x, https://img.newsletter.example/2x.png 2x" alt="">',
            True,
        ),
        (
            "css-background",
            "a picture in a style",
            '<div style="background-image:url(https://img.newsletter.example/b.png)"><h1>Neues im März</h1></div>',
            True,
        ),
        (
            "protocol-relative",
            "a picture without a scheme",
            '<h1>Neues im März</h1><img src="//img.newsletter.example/p.png">',
            True,
        ),
        (
            "form",
            "a survey as a form",
            '<h1>Neues im März</h1><form action="https://umfrage.newsletter.example/"><input name="q" value="x"><button>Absenden</button></form>',
            True,
        ),
        (
            "video",
            "a film that starts by itself",
            '<h1>Neues im März</h1><video autoplay poster="https://img.newsletter.example/v.jpg"><source src="https://img.newsletter.example/v.mp4"></video>',
            True,
        ),
        ("amp", "one choice is AMP, which we do not show", "<h1>Neues im März</h1>", True),
    ):
        page = part("text/html; charset=utf-8", _TABLES.format(body=body), encoding="quoted-printable")
        choices = [part("text/plain; charset=utf-8", "Neues im März (Text)", encoding="quoted-printable")]
        if name == "amp":
            choices.append(
                part(
                    'text/x-amp-html; charset="utf-8"',
                    "<!doctype html><html ⚡4email><body>amp</body></html>",
                    encoding="base64",
                )
            )
        yield Sample(
            name=f"newsletter-{name}",
            special=special,
            octets=message(
                "Laden <news@newsletter.example>",
                f"Neues: {name}",
                multipart("alternative", f"nl-{name}", *choices, page),
                "List-Unsubscribe: <https://newsletter.example/u/1>, <mailto:u@newsletter.example>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
                "Precedence: bulk",
                "Feedback-ID: 1:newsletter",
            ),
            subject=f"Neues: {name}",
            sender="news@newsletter.example",
            text=("Neues im März",),
            remote=remote,
        )
    rows = "".join(
        f'<tr><td style="color:#{number % 16:x}00;padding:{number % 9}px;border:1px solid #ccc">Zeile {number}</td><td style="font-weight:bold">{number * 7} €</td></tr>'
        for number in range(900)
    )
    yield Sample(
        name="newsletter-large",
        special="a table of 900 rows with a style on each cell: about 100 kB",
        octets=message(
            "Laden <news@newsletter.example>",
            "Preisliste",
            part("text/html; charset=utf-8", octets(_TABLES.format(body=f"<table>{rows}</table>")), encoding="base64"),
        ),
        subject="Preisliste",
        sender="news@newsletter.example",
        text=("Zeile 899", "6293 €"),
        remote=True,
    )

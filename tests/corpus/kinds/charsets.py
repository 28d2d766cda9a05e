"""Texts and header fields in the character sets of the world, declared well, badly and not at all."""

from collections.abc import Iterator

from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import base64_of, entity, message, multipart, octets, part, word_b, word_q

JAPANESE = "来週の会議は木曜日の午後三時からです。資料を添付しました。"
KOREAN = "다음 주 회의는 목요일 오후 세 시에 시작합니다. 자료를 보내 드립니다."
TRADITIONAL = "下週的會議改到星期四下午三點，請記得帶資料。"
SIMPLIFIED = "下周的会议改到星期四下午三点，请记得带上资料。"
RUSSIAN = "Совещание переносится на четверг, пятнадцать часов. Пожалуйста, принесите отчёт о продажах за февраль."
UKRAINIAN = "Нарада переноситься на четвер. Її проведе пані Ґалаґан, звіт надішліть до середи."
POLISH = "Zebranie przełożono na czwartek. Proszę wziąć ze sobą źródła i książkę gości."
CZECH = "Schůzka se přesouvá na čtvrtek. Přineste prosím žlutý šanon a účtenky."
GREEK = "Η συνάντηση μεταφέρεται για την Πέμπτη. Παρακαλώ φέρτε την έκθεση του Φεβρουαρίου."
TURKISH = "Toplantı perşembe gününe alındı. Lütfen şubat ayı raporunu ve çizelgeyi getirin."
HEBREW = "הפגישה נדחתה ליום חמישי בשעה שלוש. נא להביא את הדוח."
ARABIC = "تم تأجيل الاجتماع إلى يوم الخميس الساعة الثالثة. يرجى إحضار التقرير."
LITHUANIAN = "Susirinkimas perkeltas į ketvirtadienį. Prašome atsinešti ataskaitą ir žemėlapį."
GERMAN = "Die Sitzung ist auf Donnerstag verlegt. Bitte die Prüfberichte und das Müslirezept mitbringen."
FRENCH = "La réunion est déplacée à jeudi. Merci d'apporter le rapport de février et le café."
EURO = "Das Angebot über 1.250 € gilt bis Freitag, Œuvre und Žižkov inbegriffen."
QUOTES = "“Ja”, sagte er – ‘das kostet 12 €’ …"
THAI = "การประชุมเลื่อนไปเป็นวันพฤหัสบดี กรุณานำรายงานมาด้วย"

# label, Python's codec, text, transfer encoding
_DECLARED = (
    ("iso-2022-jp", "iso2022_jp", JAPANESE, "7bit"),
    ("shift_jis", "cp932", JAPANESE, "8bit"),
    ("euc-jp", "euc_jp", JAPANESE, "8bit"),
    ("windows-31j", "cp932", "株式会社①より㈱のご連絡です。", "base64"),
    ("euc-kr", "euc_kr", KOREAN, "8bit"),
    ("ks_c_5601-1987", "cp949", KOREAN + " 똠방각하", "base64"),
    ("big5", "big5", TRADITIONAL, "8bit"),
    ("big5-hkscs", "big5hkscs", "我哋嘅會議改咗喺星期四。", "base64"),
    ("gb2312", "gbk", SIMPLIFIED + "朱镕基", "8bit"),
    ("gbk", "gbk", SIMPLIFIED, "quoted-printable"),
    ("gb18030", "gb18030", SIMPLIFIED + "𠀀", "base64"),
    ("koi8-r", "koi8_r", RUSSIAN, "8bit"),
    ("koi8-u", "koi8_u", UKRAINIAN, "8bit"),
    ("windows-1251", "cp1251", RUSSIAN, "8bit"),
    ("iso-8859-5", "iso8859_5", RUSSIAN, "quoted-printable"),
    ("windows-1250", "cp1250", CZECH, "8bit"),
    ("iso-8859-2", "iso8859_2", POLISH, "8bit"),
    ("windows-1253", "cp1253", GREEK, "8bit"),
    ("iso-8859-7", "iso8859_7", GREEK, "quoted-printable"),
    ("windows-1254", "cp1254", TURKISH, "8bit"),
    ("iso-8859-9", "iso8859_9", TURKISH, "quoted-printable"),
    ("windows-1255", "cp1255", HEBREW, "8bit"),
    ("iso-8859-8-i", "iso8859_8", HEBREW, "8bit"),
    ("windows-1256", "cp1256", ARABIC, "8bit"),
    ("iso-8859-6", "iso8859_6", ARABIC, "base64"),
    ("windows-1257", "cp1257", LITHUANIAN, "8bit"),
    ("iso-8859-13", "iso8859_13", LITHUANIAN, "quoted-printable"),
    ("iso-8859-1", "latin_1", FRENCH, "8bit"),
    ("iso-8859-15", "iso8859_15", EURO, "quoted-printable"),
    ("windows-1252", "cp1252", QUOTES, "8bit"),
    ("windows-874", "cp874", THAI, "8bit"),
    ("tis-620", "tis_620", THAI, "base64"),
    ("macintosh", "mac_roman", GERMAN, "quoted-printable"),
    ("utf-8", "utf_8", GERMAN + " 🎉", "8bit"),
    ("utf-16", "utf_16", GERMAN, "base64"),
    ("utf-16be", "utf_16_be", JAPANESE, "base64"),
    ("utf-16le", "utf_16_le", RUSSIAN, "base64"),
)


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    for label, codec, text, encoding in _DECLARED:
        yield _declared(label, codec, text, encoding)
    yield from _odd_labels()
    yield from _undeclared()
    yield from _html()
    yield from _subjects()
    yield from _names_of_files()


def _declared(label: str, codec: str, text: str, encoding: str) -> Sample:
    wide = label.startswith("utf-16")
    title = text.split("。")[0].split(".")[0][:16].strip()
    subject = title if wide else word_b(title, codec, label)
    sender = "Absender" if wide else word_q(title[:4], codec, label)
    return Sample(
        name=f"charset-{label}",
        special=f"text and fields in {label}, {encoding}",
        octets=message(
            f"{sender} <sender@{label.replace('_', '-')}.example>",
            subject,
            part(f"text/plain; charset={label}", text + "\n", encoding=encoding, charset=codec),
        ),
        subject=title,
        sender=f"sender@{label.replace('_', '-')}.example",
        text=(text,),
        charset=label,
    )


def _plain(name: str, special: str, content: bytes, *, text: str, charset: str = "") -> Sample:
    return Sample(
        name=name,
        special=special,
        octets=message("post@charsets.example", name, content),
        subject=name,
        sender="post@charsets.example",
        text=(text,),
        charset=charset,
    )


def _odd_labels() -> Iterator[Sample]:
    for name, label, codec, text in (
        ("label-utf8", "utf8", "utf_8", GERMAN),
        ("label-quoted-twice", "\"'utf-8'\"", "utf_8", GERMAN),
        ("label-upper-case", "ISO-8859-1", "latin_1", FRENCH),
        ("label-latin1", "latin1", "latin_1", FRENCH),
        ("label-cp1252", "cp1252", "cp1252", QUOTES),
        ("label-ascii-with-octets", "us-ascii", "utf_8", GERMAN),
        ("label-iso-with-windows-quotes", "iso-8859-1", "cp1252", QUOTES),
        ("label-x-sjis", "x-sjis", "cp932", JAPANESE),
        ("label-x-gbk", "x-gbk", "gbk", SIMPLIFIED),
        ("label-unicode-1-1-utf-8", "unicode-1-1-utf-8", "utf_8", GERMAN),
        ("label-unknown-8bit", "unknown-8bit", "utf_8", GERMAN),
        ("label-x-unknown", "x-unknown", "utf_8", RUSSIAN),
        ("label-defaultcharset", "_autodetect_all", "utf_8", KOREAN),
        ("label-with-comment", "utf-8 (Unicode)", "utf_8", GERMAN),
        ("label-utf-8-but-latin", "utf-8", "cp1252", FRENCH),
    ):
        encoding = "8bit"
        yield _plain(
            name,
            f"the label is {label}, the text {codec}",
            part(f"text/plain; charset={label}", text, encoding=encoding, charset=codec),
            text=text,
        )
    yield _plain(
        "label-iso-2022-jp-half-width",
        "half-width katakana by ESC ( I, which the standard does not have and phones write",
        part("text/plain; charset=iso-2022-jp", b"\x1b(I6^2$H=\x1b(B ok\r\n", encoding="7bit"),
        text="ok",
    )
    yield _plain(
        "label-iso-2022-jp-unclosed",
        "no return to ASCII at the end of the line",
        part("text/plain; charset=iso-2022-jp", b"\x1b$B2q5D\r\n", encoding="7bit"),
        text="会議",
    )
    yield _plain(
        "label-utf-8-with-mark",
        "a byte order mark before the text",
        part("text/plain; charset=utf-8", b"\xef\xbb\xbf" + octets(GERMAN), encoding="8bit"),
        text=GERMAN,
    )
    yield _plain(
        "label-utf-8-cut",
        "a limit cut a character in two",
        part("text/plain; charset=utf-8", octets(GERMAN + " Ende ü")[:-1], encoding="8bit"),
        text=GERMAN + " Ende",
    )
    yield _plain(
        "utf-7-harmless",
        "UTF-7, which browsers must never see as such",
        part("text/plain; charset=utf-7", b"Pr+APw-fung am Donnerstag\r\n", encoding="7bit"),
        text="am Donnerstag",
    )
    yield Sample(
        name="utf-7-script",
        special="markup hidden in UTF-7",
        octets=message(
            "x@charsets.example",
            "utf-7",
            part("text/html; charset=utf-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-Hallo"),
        ),
        subject="utf-7",
        sender="x@charsets.example",
    )


def _undeclared() -> Iterator[Sample]:
    for name, codec, text in (
        ("undeclared-utf-8", "utf_8", GERMAN + " " + RUSSIAN),
        ("undeclared-iso-2022-jp", "iso2022_jp", JAPANESE),
        ("undeclared-windows-1252", "cp1252", " ".join((FRENCH, GERMAN, FRENCH))),
    ):
        yield _plain(name, f"{codec}, and no word about it", part("text/plain", text, charset=codec), text=text)
    for name, codec, text in (
        ("undeclared-koi8-r", "koi8_r", RUSSIAN * 3),
        ("undeclared-windows-1251", "cp1251", RUSSIAN * 3),
        ("undeclared-shift_jis", "cp932", JAPANESE * 3),
        ("undeclared-big5", "big5", TRADITIONAL * 3),
    ):
        # Guessing may miss: what matters is that it is shown, and that the reader may choose.
        yield Sample(
            name=name,
            special=f"{codec}, and no word about it; one has to guess",
            octets=message("post@charsets.example", name, part("text/plain", text, charset=codec)),
            subject=name,
            sender="post@charsets.example",
        )
    yield Sample(
        name="undeclared-no-mime",
        special="UTF-8 in a message from before MIME",
        octets=entity(
            ["From: old@charsets.example", "Subject: undeclared", "Date: Tue, 10 Mar 2026 09:15:00 +0100"],
            octets(GERMAN),
        ),
        subject="undeclared",
        sender="old@charsets.example",
        text=(GERMAN,),
    )


def _html() -> Iterator[Sample]:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset={}"></head><body><p>{}</p></body></html>'
    for name, label, meta, codec, text in (
        ("html-meta-only", "", "windows-1251", "cp1251", RUSSIAN),
        ("html-meta-same", "; charset=utf-8", "utf-8", "utf_8", GERMAN),
        ("html-meta-contradicts", "; charset=utf-8", "iso-8859-1", "utf_8", GERMAN),
        ("html-entities", "; charset=us-ascii", "us-ascii", "ascii", "Pr&uuml;fung &#8211; &#x20AC;"),
        ("html-big5", "; charset=big5", "big5", "big5", TRADITIONAL),
    ):
        yield Sample(
            name=f"charset-{name}",
            special=f"a page whose field says {label or 'nothing'} and whose meta element says {meta}",
            octets=message(
                "web@charsets.example",
                name,
                part(f"text/html{label}", page.format(meta, text), encoding="quoted-printable", charset=codec),
            ),
            subject=name,
            sender="web@charsets.example",
            text=("Prüfung – €" if name == "html-entities" else text,),
        )
    yield Sample(
        name="charset-mixed",
        special="three parts in three character sets, all shown",
        octets=message(
            "viele@charsets.example",
            "mixed",
            multipart(
                "mixed",
                "=-mixed-1",
                part("text/plain; charset=koi8-r", RUSSIAN, encoding="8bit", charset="koi8_r"),
                part("text/plain; charset=iso-8859-1", FRENCH, encoding="8bit", charset="latin_1"),
                part("text/plain; charset=shift_jis", JAPANESE, encoding="base64", charset="cp932"),
            ),
        ),
        subject="mixed",
        sender="viele@charsets.example",
        text=(RUSSIAN, FRENCH, JAPANESE),
        charset="koi8-r",
        shape="mixed(text/plain,text/plain,text/plain)",
    )


def _subjects() -> Iterator[Sample]:
    split = base64_of("会議のお知らせ".encode())
    first, second = "会議のお知らせ".encode()[:7], "会議のお知らせ".encode()[7:]
    for name, special, written, shown in (
        (
            "adjacent",
            "white space between encoded words is not shown",
            f"{word_b('Prü')}\r\n {word_b('fung')}",
            "Prüfung",
        ),
        (
            "split-character",
            "a character split over two words",
            f"=?utf-8?B?{base64_of(first).decode()}?=\r\n =?utf-8?B?{base64_of(second).decode()}?=",
            "会議のお知らせ",
        ),
        ("no-padding", "base64 without its padding", f"=?utf-8?B?{split.decode().rstrip('=')}?=", "会議のお知らせ"),
        ("spaces-inside", "blanks within a Q word", "=?iso-8859-1?Q?Pr=FCfung am Montag?=", "Prüfung am Montag"),
        ("lower-case", "everything in lower case", "=?utf-8?q?pr=c3=bcfung?=", "prüfung"),
        ("language", "a language after the character set (RFC 2231)", "=?iso-8859-1*de?Q?Pr=FCfung?=", "Prüfung"),
        ("underscore", "underscores are blanks", "=?utf-8?Q?Pr=C3=BCfung_am_Montag?=", "Prüfung am Montag"),
        ("among-text", "words and plain text in turn", f"Re: {word_q('Prüfung')} [Nr. 7]", "Re: Prüfung [Nr. 7]"),
        ("glued", "no blank before the word", f"Re:{word_q('Prüfung')}", None),
        ("unknown-charset", "a character set nobody knows", "=?x-nobody?Q?Hallo?=", None),
        ("unfinished", "a word that never ends", "=?utf-8?B?UHLDvGZ1bmc", None),
        ("empty-word", "a word with nothing in it", "=?utf-8?Q??= leer", None),
        ("folded-many", "folded over many lines", "eins\r\n zwei\r\n\tdrei\r\n vier", "eins zwei drei vier"),
    ):
        yield Sample(
            name=f"subject-{name}",
            special=special,
            octets=message("kopf@charsets.example", written, part("text/plain", "Text\n")),
            subject=shown or "",
            sender="kopf@charsets.example",
            text=("Text",),
        )
    for name, codec, text in (("utf-8", "utf_8", "Prüfung 会議"), ("latin", "cp1252", "Prüfung für Müller")):
        yield Sample(
            name=f"subject-raw-{name}",
            special=f"the octets of {codec} in the field itself",
            octets=message("kopf@charsets.example", text.encode(codec), part("text/plain", "Text\n")),
            subject=text,
            sender="kopf@charsets.example",
        )
    yield Sample(
        name="subject-injected-lines",
        special="an encoded word with line ends in it",
        octets=message(
            "kopf@charsets.example", "=?utf-8?Q?Hallo=0D=0ABcc:_x@y.example?=", part("text/plain", "Text\n")
        ),
        sender="kopf@charsets.example",
    )
    for name, written, address in (
        ("quoted-word", '"=?utf-8?Q?M=C3=BCller?=" <m@charsets.example>', "m@charsets.example"),
        ("comma", '"Müller, Jörg" <jm@charsets.example>', "jm@charsets.example"),
        ("comma-unquoted", "=?utf-8?Q?M=C3=BCller=2C_J=C3=B6rg?= <jm@charsets.example>", "jm@charsets.example"),
        ("comment", "c@charsets.example (Carla (aus Köln))", "c@charsets.example"),
        ("bare", "bare@charsets.example", "bare@charsets.example"),
        ("spaces", "Some  One   <   s.one@charsets.example  >", "s.one@charsets.example"),
        ("two-addresses", "a@charsets.example, b@charsets.example", "a@charsets.example"),
        ("quoted-local", '"jo hn"@charsets.example', '"jo hn"@charsets.example'),
        ("no-domain", "Cron Daemon <root>", "root"),
        ("idn", "Post <post@bücher.example>", "post@bücher.example"),
    ):
        yield Sample(
            name=f"from-{name}",
            special=f"a sender written as {name}",
            octets=message(written, f"from {name}", part("text/plain", "Text\n")),
            subject=f"from {name}",
            sender=address,
            text=("Text",),
        )


def _names_of_files() -> Iterator[Sample]:
    content = b"%PDF-1.4 kurz"
    for name, fields, shown in (
        ("rfc2231", ["Content-Disposition: attachment; filename*=UTF-8''Pr%C3%BCfbericht.pdf"], "Prüfbericht.pdf"),
        (
            "rfc2231-pieces",
            [
                "Content-Disposition: attachment;\r\n filename*0*=iso-8859-1'de'Pr%FCf;\r\n filename*1*=bericht%20;\r\n filename*2=\"2026.pdf\""
            ],
            "Prüfbericht 2026.pdf",
        ),
        (
            "rfc2231-and-plain",
            ["Content-Disposition: attachment; filename=\"Pr_fbericht.pdf\"; filename*=UTF-8''Pr%C3%BCfbericht.pdf"],
            "Prüfbericht.pdf",
        ),
        (
            "encoded-word",
            ['Content-Disposition: attachment; filename="=?utf-8?Q?Pr=C3=BCfbericht=2Epdf?="'],
            "Prüfbericht.pdf",
        ),
        ("raw-utf-8", ['Content-Disposition: attachment; filename="Prüfbericht.pdf"'], "Prüfbericht.pdf"),
        ("unquoted-blanks", ["Content-Disposition: attachment; filename=Bericht 2026.pdf"], "Bericht 2026.pdf"),
        ("only-in-type", ["Content-Disposition: attachment"], "Bericht.pdf"),
        ("wrong-order", ['Content-Disposition: attachment; filename*1="icht.pdf"; filename*0="Ber"'], "Bericht.pdf"),
    ):
        kind = 'application/pdf; name="Bericht.pdf"' if name == "only-in-type" else "application/pdf"
        yield Sample(
            name=f"filename-{name}",
            special=f"the name of a file written as {name}",
            octets=message(
                "datei@charsets.example",
                name,
                multipart(
                    "mixed",
                    "=-datei",
                    part("text/plain; charset=utf-8", "Anbei.\n", encoding="8bit"),
                    part(kind, content, *fields, encoding="base64"),
                ),
            ),
            subject=name,
            sender="datei@charsets.example",
            text=("Anbei.",),
            attachments=(Attached(shown, "application/pdf", len(content)),),
        )

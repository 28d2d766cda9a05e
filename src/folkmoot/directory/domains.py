"""Which domains there are, who sees whom across them, and what addresses they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.config.settings import Settings

NO_DOMAIN: Final = ""


@dataclass(frozen=True, slots=True)
class AddressRule:
    """The address made of user name and domain (``SOGoMailDomain``), unless hidden."""

    mail_domain: str = "localhost"
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Domains:
    """The rules of a server with several domains; names compare without case."""

    known: frozenset[str] = frozenset()  # configured, or allowed beside these
    configured: frozenset[str] = frozenset()
    forbid_unknown: bool = False
    in_ids: bool = False
    login_domains: tuple[str, ...] = ()
    visible: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: Mapping[str, AddressRule] = field(default_factory=dict)  # the system's under NO_DOMAIN

    def may_log_in(self, domain: str | None) -> bool:
        """Return whether log-ins of that domain are taken at all; none is for people without a domain."""
        return not self.forbid_unknown or not domain or domain.casefold() in self.known

    def seen_from(self, domain: str | None) -> frozenset[str] | None:
        """Return the domains whose people somebody of ``domain`` finds; ``None`` for all."""
        if not domain:
            return None
        return self.visible.get(domain.casefold(), frozenset()) | {domain.casefold()}

    def address_rule(self, domain: str | None) -> AddressRule:
        """Return the rule for people of that domain."""
        rule = self.rules.get((domain or NO_DOMAIN).casefold()) or self.rules.get(NO_DOMAIN)
        return rule if rule is not None else AddressRule()


def domains_of(settings: Settings) -> Domains:
    """Return the domain rules of the settings."""
    configured = frozenset(name.casefold() for name in settings.domains)
    allowed = frozenset(name.casefold() for name in settings.security.allowed_domains)
    rules = {name.casefold(): _address_rule(of_domain) for name, of_domain in settings.domains.items()}
    rules[NO_DOMAIN] = _address_rule(settings)
    return Domains(
        known=configured | allowed,
        configured=configured,
        forbid_unknown=settings.security.forbid_unknown_domains,
        in_ids=settings.people.domain_in_user_ids,
        login_domains=tuple(d for d in settings.people.login_domains if d.casefold() in configured | allowed),
        visible=_visible(settings.people.domains_visibility),
        rules=rules,
    )


def _address_rule(settings: Settings) -> AddressRule:
    return AddressRule(settings.people.mail_domain, settings.people.hide_system_address)


def _visible(groups: Sequence[Sequence[str]]) -> Mapping[str, frozenset[str]]:
    visible: dict[str, frozenset[str]] = {}
    for group in groups:
        together = frozenset(name.casefold() for name in group)
        for name in together:
            visible[name] = visible.get(name, frozenset()) | together
    return visible

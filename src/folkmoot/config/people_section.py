"""Parameters of people and domains: user sources, LDAP defaults, the multi-domain family."""

from dataclasses import dataclass

from folkmoot.config.declaring import domain, system
from folkmoot.config.kinds import array, boolean, integer, names, text
from folkmoot.config.sources import UserSource, user_source


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """Where people come from and how domains part them."""

    sources: tuple[UserSource, ...] = domain(
        "SOGoUserSources",
        array(user_source),
        (),
        "The directories of people, asked in this order. Without any, people are kept in a table of Folkmoot's own.",
        served=True,
        aliases=("SOGoLDAPSources",),
    )
    mail_domain: str = domain(
        "SOGoMailDomain",
        text,
        "localhost",
        "Domain of the address of a user without one.",
        served=True,
        aliases=("SOGoDefaultMailDomain",),
    )
    hide_system_address: bool = domain(
        "SOGoHideSystemEMail",
        boolean,
        default=False,
        doc="Leave the address made of user name and `SOGoMailDomain` out of a user's calendar addresses.",
        served=True,
    )
    domain_in_user_ids: bool = system(
        "SOGoEnableDomainBasedUID",
        boolean,
        default=False,
        doc="Users of a domain are known as `uid@domain`, so that domains may have the same user names.",
        served=True,
    )
    login_domains: tuple[str, ...] = system("SOGoLoginDomains", names, (), "Domains offered on the sign-in page.")
    domains_visibility: tuple[tuple[str, ...], ...] = system(
        "SOGoDomainsVisibility", array(names), (), "Groups of domains whose people see one another.", served=True
    )
    login_suffix: str = system("SOGoLoginSuffix", text, "", "Text appended to the user name typed on the sign-in page.")
    ldap_contact_attribute: str = domain(
        "SOGoLDAPContactInfoAttribute",
        text,
        "description",
        "LDAP attribute shown beside a person's name.",
        aliases=("LDAPContactInfoAttribute",),
    )
    ldap_query_limit: int = domain(
        "SOGoLDAPQueryLimit", integer(), 0, "Entries an LDAP search may give; 0: no limit.", served=True
    )
    ldap_query_timeout_seconds: int = domain(
        "SOGoLDAPQueryTimeout",
        integer(),
        0,
        "How long an LDAP search may take; 0: 15 seconds.",
        unit="seconds",
        served=True,
    )
    ldap_group_expansion: bool = domain(
        "SOGoLDAPGroupExpansionEnabled",
        boolean,
        default=False,
        doc="Groups given as members of address lists or attendees are replaced by their members.",
    )

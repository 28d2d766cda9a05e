"""Parameters of single sign-on: CAS, SAML 2 and OpenID Connect."""

from collections.abc import Mapping
from dataclasses import dataclass

from folkmoot.config.declaring import domain, nested, system
from folkmoot.config.kinds import boolean, choice, integer, mapping, names, path, text
from folkmoot.config.reading import dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLogin:
    """How people of one domain sign in; keys left out are as for the whole system."""

    type: str = nested("type", choice("plain", "openid"), "plain", "How people of the domain sign in.")
    imap_mechanism: str = nested("imapAuthMech", text, "", "Mechanism towards the IMAP server.")
    smtp_mechanism: str = nested("smtpAuthMech", text, "", "Mechanism towards the SMTP server.")
    openid_configuration_url: str = nested("SOGoOpenIdConfigUrl", text, "", "As the parameter of the system.")
    openid_client: str = nested("SOGoOpenIdClient", text, "", "As the parameter of the system.")
    openid_client_secret: str = nested(
        "SOGoOpenIdClientSecret", text, "", "As the parameter of the system.", secret=True
    )
    openid_scope: str = nested("SOGoOpenIdScope", text, "", "As the parameter of the system.")
    openid_email_claim: str = nested("SOGoOpenIdEmailParam", text, "", "As the parameter of the system.")
    openid_refresh_tokens: bool = nested(
        "SOGoOpenIdEnableRefreshToken", boolean, default=False, doc="As the parameter of the system."
    )
    openid_check_seconds: int = nested(
        "SOGoOpenIdTokenCheckInterval", integer(), 0, "As the parameter of the system.", unit="seconds"
    )
    openid_logout: bool = nested(
        "SOGoOpenIdLogoutEnabled", boolean, default=False, doc="As the parameter of the system."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SsoSettings:
    """Single sign-on."""

    type: str = system(
        "SOGoAuthenticationType",
        choice("", "cas", "saml2", "openid"),
        "",
        "Single sign-on in use; empty for passwords.",
    )
    dav_type: str = system(
        "SOGoDAVAuthenticationType", choice("", "cas"), "", "With `cas`, a DAV password may be a proxy ticket."
    )
    by_domain: Mapping[str, DomainLogin] = system(
        "SOGoLoginTypeByDomain",
        mapping(dictionary("log-in of a domain", DomainLogin)),
        {},
        "How people of single domains sign in; `login_default` for the rest.",
    )
    cas_url: str = system("SOGoCASServiceURL", text, "", "The CAS server.")
    cas_logout: bool = system("SOGoCASLogoutEnabled", boolean, default=False, doc="Signing out signs out of CAS.")
    cas_imap_service: str = domain("SOGoIMAPCASServiceName", text, "", "Service name of the IMAP server in CAS.")
    saml_private_key_path: str = system("SOGoSAML2PrivateKeyLocation", path, "", "Our private key, PEM.")
    saml_certificate_path: str = system("SOGoSAML2CertificateLocation", path, "", "Our certificate, PEM.")
    saml_idp_metadata_path: str = system("SOGoSAML2IdpMetadataLocation", path, "", "The provider's metadata.")
    saml_idp_public_key_path: str = system("SOGoSAML2IdpPublicKeyLocation", path, "", "The provider's public key.")
    saml_idp_certificate_path: str = system("SOGoSAML2IdpCertificateLocation", path, "", "The provider's certificate.")
    saml_login_attribute: str = system("SOGoSAML2LoginAttribute", text, "", "Attribute that holds the user name.")
    saml_logout: bool = system(
        "SOGoSAML2LogoutEnabled", boolean, default=False, doc="Signing out signs out of the provider."
    )
    saml_logout_url: str = system("SOGoSAML2LogoutURL", text, "", "Page shown after signing out.")
    openid_configuration_url: str = system(
        "SOGoOpenIdConfigUrl",
        text,
        "",
        "The provider's configuration document; with it, signed access tokens of the provider open JMAP and DAV.",
        served=True,
    )
    openid_client: str = system(
        "SOGoOpenIdClient", text, "", "Our client id; a token must be made for it.", served=True
    )
    openid_audiences: tuple[str, ...] = system(
        "FolkmootOpenIdAudiences",
        names,
        (),
        "Further clients and audiences whose access tokens are taken, such as those of mail programs.",
        served=True,
    )
    openid_client_secret: str = system("SOGoOpenIdClientSecret", text, "", "Our client secret.", secret=True)
    openid_scope: str = system("SOGoOpenIdScope", text, "", "Scopes asked for, parted by blanks.")
    openid_email_claim: str = system(
        "SOGoOpenIdEmailParam", text, "email", "Claim that holds the user's address or login.", served=True
    )
    openid_refresh_tokens: bool = system(
        "SOGoOpenIdEnableRefreshToken", boolean, default=False, doc="Renew tokens while a session lasts."
    )
    openid_check_seconds: int = system(
        "SOGoOpenIdTokenCheckInterval", integer(), 0, "How often a token is checked with the provider.", unit="seconds"
    )
    openid_logout: bool = system(
        "SOGoOpenIdLogoutEnabled", boolean, default=False, doc="Signing out signs out of the provider."
    )
    openid_send_domain: bool = system(
        "SOGoOpenIdSendDomainInfo", boolean, default=False, doc="Tell the provider the user's domain."
    )

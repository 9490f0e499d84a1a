"""allauth's forms, with our words and our services behind them."""

from collections.abc import Callable
from typing import Any

from allauth.account import forms as account
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.core import context
from allauth.mfa.base import forms as second_factor
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.adapter import WRONG_CODE
from accounts.auth import session_ids
from accounts.models import User
from accounts.services.invitation import invitation_redeem, invitation_spend
from accounts.services.second_factor import second_factor_use
from accounts.services.user import user_create, user_email_ask, user_password_set


class SignInForm(LoginForm):  # type: ignore[misc]
    """By e-mail address or handle."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("E-mail address or handle")
        login.max_length = 254
        login.widget.attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        login.widget.attrs |= {"maxlength": "254"}
        password.label = _("Password")
        _plain(password)
        # A refused form comes back with the name kept and the password emptied.
        first = password if self.is_bound and self.data.get(self.add_prefix("login")) else login
        first.widget.attrs |= {"autofocus": True}


class SignUpForm(account.SignupForm):  # type: ignore[misc]
    """A name, a handle, an address, a password, a language; by invitation where the request has one."""

    field_order = ["name", "username", "email", "password1", "language"]

    name = forms.CharField(label=_("Your name"), max_length=64)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.token: str = kwargs.pop("token", "")
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autocomplete": "name", "autofocus": True}
        self.fields["language"].initial = get_language()
        handle, email, password = self.fields["username"], self.fields["email"], self.fields["password1"]
        handle.label = _("Handle")
        handle.max_length = None
        handle.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false", "maxlength": "32"}
        _plain(handle)
        handle.help_text = _("How others mention you: @handle. Letters of any script, digits and _ - .")
        email.label = _("E-mail address")
        _plain(email)
        password.label = _("Password")
        _plain(password)
        password.help_text = _("At least 10 characters.")

    def clean_name(self) -> str:
        return validators.display_name(self.cleaned_data["name"])

    def validate_unique_email(self, value: str) -> str:
        domain = value.rpartition("@")[2]
        if not self.token and settings.SIGNUP == "domain" and domain not in settings.SIGNUP_DOMAINS:
            raise ValidationError(_("Only addresses of this organization may sign up."))
        email: str = super().validate_unique_email(value)
        return email

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            # As much work, and as much of the invitation, as for somebody new: the answer does not tell.
            make_password(self.cleaned_data["password1"])
            if self.token:
                invitation_spend(token=self.token, email=self.cleaned_data["email"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        given = self.cleaned_data
        person = {
            "handle": given["username"],
            "email": given["email"],
            "password": given["password1"],
            "display_name": given["name"],
            "language": given["language"],
        }
        if self.token:
            return invitation_redeem(token=self.token, **person)
        return user_create(**person, email_verified=False)


class EmailChangeForm(account.AddEmailForm):  # type: ignore[misc]
    """The address to change to; it counts once its owner has followed the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        _plain(self.fields["email"])

    def save(self, request: HttpRequest) -> Any:
        # allauth's own would forget an address in force that was never confirmed.
        address = user_email_ask(user_id=self.user.pk, email=self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before what concerns the account's safety."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs |= {"autofocus": True}
        _plain(self.fields["password"])


class _CodeMixin:
    """A code of the second factor, each good once (`accounts.services.second_factor`)."""

    user: User
    cleaned_data: dict[str, Any]
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"])

    def clean_code(self) -> str:
        clear = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        self.authenticator = second_factor_use(user=self.user, code=code)
        if self.authenticator is None:
            raise ValidationError(WRONG_CODE)
        self.authenticator.user = self.user
        clear()
        return code


class SecondFactorForm(_CodeMixin, second_factor.AuthenticateForm):  # type: ignore[misc]
    """When signing in."""


class SecondFactorAgainForm(_CodeMixin, second_factor.ReauthenticateForm):  # type: ignore[misc]
    """Once more, before what concerns the account's safety."""


class AuthenticatorAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app, to show that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"])


class _CredentialMixin:
    """What a browser answers with is anything at all: whatever allauth or fido2 stumble over is not a passkey."""

    def clean_credential(self) -> Any:
        clean = getattr(super(), "clean_credential", None)
        return _passkey(clean) if clean is not None else self.cleaned_data["credential"]  # type: ignore[attr-defined]

    def clean(self) -> Any:
        return _passkey(super().clean)  # type: ignore[misc]


def _passkey(clean: Callable[[], Any]) -> Any:
    try:
        return clean()
    except ValidationError:
        raise
    except Exception:
        raise ValidationError(_("This is not a passkey we know.")) from None


class PasskeySignInForm(_CredentialMixin, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """Instead of a password."""


class PasskeySecondForm(_CredentialMixin, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After the password."""


class PasskeyAgainForm(_CredentialMixin, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Once more, before what concerns the account's safety."""


class PasskeyForm(_CredentialMixin, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey of the device, or a security key as a second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _key_name(self.fields["name"])
        self.fields["passwordless"].label = _("Sign in with it alone, without the password")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = ""


class PasskeyNameForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """What it is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _key_name(self.fields["name"])

    def save(self) -> Any:
        with transaction.atomic():
            return super().save()


class PasswordChangeForm(ChangePasswordForm):  # type: ignore[misc]
    """Ends every other sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        _new_password(self)
        _plain(self.fields["oldpassword"])

    def save(self) -> None:
        signed_in = session_ids(context.request.session)
        spare = signed_in[0] if signed_in else None
        user_password_set(user=self.user, password=self.cleaned_data["password1"], spare=spare)


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget.attrs |= {"autofocus": True}
        _plain(self.fields["email"])

    def clean_email(self) -> str:
        """Only an address that is somebody's own: allauth would also write to one that is still to be confirmed."""
        email: str = super().clean_email()
        self.users = list(User.objects.filter(email=email.lower(), is_active=True))
        return email


class PasswordResetKeyForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """Ends every sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)

    def save(self) -> None:
        user_password_set(user=self.user, password=self.cleaned_data["password1"])


def _new_password(form: Any) -> None:
    form.fields["password1"].label = _("New password")
    form.fields["password2"].label = _("New password, again")
    for name in ("password1", "password2"):
        _plain(form.fields[name])


def _code(field: Any) -> None:
    field.label = _("Code")
    field.max_length = 64
    field.widget.attrs |= {"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
    _plain(field)


def _key_name(field: Any) -> None:
    field.label = _("Name")
    field.max_length = 80
    field.validators.append(_short)
    field.widget.attrs |= {"maxlength": "80"}


def _short(text: str) -> None:
    validators.token_name(text)


def _plain(field: Any) -> None:
    """A label says what a placeholder would; the page links to the reset by itself."""
    field.widget.attrs.pop("placeholder", None)
    field.help_text = ""

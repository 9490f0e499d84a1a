"""allauth's forms, with our words and our services behind them."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.core import context
from django.utils.translation import gettext_lazy as _

from accounts.auth import session_ids
from accounts.services.user import user_password_set


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


def _plain(field: Any) -> None:
    """A label says what a placeholder would; the page links to the reset by itself."""
    field.widget.attrs.pop("placeholder", None)
    field.help_text = ""

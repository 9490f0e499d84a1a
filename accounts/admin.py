"""Staff see who there is. Changing people goes through the services, which this page does not call yet."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Device, User

# Staff sign in where everybody does: the same limits, the same devices.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class ReadOnly(admin.ModelAdmin):
    """Every member of the staff may look; nothing can be added, changed or deleted here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("handle", "display_name", "email", "role", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("role", "is_staff", "is_active")
    search_fields = ("handle", "display_name", "email")
    ordering = ("handle_key",)
    exclude = ("password", "groups", "user_permissions")


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    list_display = ("user", "kind", "label", "created_at", "last_seen_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__handle", "label")
    ordering = ("-last_seen_at",)
    exclude = ("refresh_id", "refresh_previous_id", "refresh_rotated_at", "user_rev")

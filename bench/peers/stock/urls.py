"""Nothing but sockets is asked of it."""

urlpatterns: list[object] = []

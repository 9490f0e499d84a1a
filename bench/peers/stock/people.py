"""`python -m bench.peers.stock.people N`: the tables, and N signed-in people, a session's key a line."""

import os
import sys

import django


def main(count: int) -> None:
    """Make them as Django's own sign-in would leave them; only the hashing of passwords is spared."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.stock.settings"
    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    first = User.objects.count()
    people = User.objects.bulk_create(User(username=f"p{first + number}", password="!") for number in range(count))
    for person in people:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        print(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))

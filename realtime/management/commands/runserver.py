"""`manage.py runserver`, with our server below it."""

from daphne.management.commands.runserver import Command as DaphneCommand

from realtime.daphne import Server


class Command(DaphneCommand):
    """Daphne's, and its seam for a server class."""

    server_cls = Server

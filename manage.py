#!/usr/bin/env python3
"""Django's command line for Parley."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    from realtime.outage import is_away

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except Error as error:
        if not is_away(error):
            raise
        sys.exit(f"manage.py: the database of DATABASE_URL cannot be used: {error}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Django's command line for Parley."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except OperationalError as error:
        sys.exit(f"manage.py: the database of DATABASE_URL cannot be used: {error}")


if __name__ == "__main__":
    main()

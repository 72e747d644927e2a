"""Takes a snapshot before `manage.py migrate` changes anything, if there is anything to change.

Copy this directory into the project and add "savepoint_django" to INSTALLED_APPS. Without a snapshot nothing is
migrated; SAVEPOINT=0 in the environment does without it, and so does a machine on which savepoint is not installed.
SAVEPOINT_EXECUTABLE in the settings names another executable.
"""
import os
import shutil
import subprocess

from django.apps import AppConfig
from django.conf import settings
from django.core import mail
from django.core.management.base import CommandError
from django.db.models.signals import pre_migrate


class SavepointConfig(AppConfig):
    name = "savepoint_django"
    plan = None

    def ready(self):
        pre_migrate.connect(self.take_snapshot)

    def take_snapshot(self, plan=(), **_):
        is_test = hasattr(mail, "outbox")  # set by Django's test runner, whose databases are its own
        if not plan or plan is self.plan or is_test or os.environ.get("SAVEPOINT") == "0":
            return
        self.plan = plan  # the signal is sent for every app, with the same plan
        executable = shutil.which(getattr(settings, "SAVEPOINT_EXECUTABLE", "savepoint"))
        if executable is None:
            return
        done = subprocess.run([executable, "-C", str(getattr(settings, "BASE_DIR", ".")), "snapshot",
                               "--trigger", "run:django migrate"], check=False)
        if done.returncode != 0:
            raise CommandError(f"nothing was migrated: savepoint snapshot ended with {done.returncode} "
                               "(SAVEPOINT=0 migrates without it)", returncode=done.returncode)

"""A Django project as Debian's Django makes it, on SQLite and on PostgreSQL."""
import json
import unittest

from frameworks import FrameworkCase
from servers import Postgres

PYTHON = "/usr/bin/python3"  # the one that Debian's Django belongs to

MODELS = """
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    what = models.CharField(max_length=50)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    paid = models.DecimalField(max_digits=9, decimal_places=2)
    at = models.DateTimeField(auto_now_add=True)
"""
MODELS_AFTERWARDS = """
from django.db import models


class Order(models.Model):
    what = models.CharField(max_length=50)
    at = models.DateTimeField(auto_now_add=True)
"""
FIRST_CUSTOMER = """
from django.db import migrations


def add(apps, _):
    apps.get_model('orders', 'Customer').objects.create(name='Zoë')


class Migration(migrations.Migration):
    dependencies = [('orders', '0001_initial'), ('sessions', '0001_initial')]
    operations = [migrations.RunPython(add)]
"""
DESTRUCTIVE = """
from django.db import migrations


def delete(apps, _):
    apps.get_model('orders', 'Order').objects.exclude(what='pears').delete()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [('orders', '0002_first_customer')]
    operations = [
        migrations.RunPython(delete),
        migrations.RemoveField('order', 'customer'),
        migrations.RemoveField('order', 'paid'),
        migrations.DeleteModel('Customer'),
    ]
"""
# Prints JSON; the fields are those that the models have at that time.
READ = """
import json
from orders.models import Order
print(json.dumps([[str(getattr(order, field.attname)) for field in Order._meta.fields]
                  for order in Order.objects.order_by('pk')]))
"""
ADD = """
from orders.models import Customer, Order
Order.objects.create(what='%s', customer=Customer.objects.get(name='Zoë'), paid='12.50')
"""
APPLIED = """
import json
from django.db.migrations.recorder import MigrationRecorder
print(json.dumps([m.app + '.' + m.name for m in MigrationRecorder.Migration.objects.order_by('pk')]))
"""
POSTGRES = """{
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'shop',
        'USER': 'app',
        'PASSWORD': os.environ.get('SHOP_PASSWORD', ''),
        'HOST': '127.0.0.1',
        'PORT': '%d',
    }
}
"""


class Django(FrameworkCase):
    def setUp(self):
        super().setUp()
        self.environment["PYTHONDONTWRITEBYTECODE"] = "1"
        self.run_checked(PYTHON, "-m", "django", "startproject", "shop", ".")
        self.manage("startapp", "orders")
        self.write("orders/models.py", MODELS)
        self.write(".gitignore", "*.sqlite3\n*.pyc\n")
        self.settings = self.root / "shop/settings.py"
        self.edit("INSTALLED_APPS = [", "INSTALLED_APPS = [\n    'orders',")
        self.manage("makemigrations", "orders")
        self.write("orders/migrations/0002_first_customer.py", FIRST_CUSTOMER)

    def edit(self, before, after):
        text = self.settings.read_text()
        self.assertEqual(text.count(before), 1, text)
        self.settings.write_text(text.replace(before, after))

    def manage(self, *arguments):
        return self.run_checked(PYTHON, "manage.py", *arguments)

    def shell(self, script):
        return self.manage("shell", "-c", script)

    def migrate(self):
        self.manage("migrate")

    def migrations(self):
        return json.loads(self.shell(APPLIED))

    def orders(self):
        return json.loads(self.shell(READ))

    def add_order(self, what):
        self.shell(ADD % what)

    def make_destructive_migration(self):
        self.write("orders/models.py", MODELS_AFTERWARDS)
        self.write("orders/migrations/0003_destructive.py", DESTRUCTIVE)

    def is_up_to_date(self):
        # Each ends in an error where something is missing.
        self.manage("migrate", "--check")
        self.manage("makemigrations", "--check", "--dry-run")
        return "no issues" in self.manage("check", "--database", "default")

    def test_on_sqlite(self):
        self.go_through("db.sqlite3", r"shop/settings\.py:\d+")

    def test_on_postgresql(self):
        server = Postgres()
        self.addCleanup(server.close)
        server.create("shop")
        text = self.settings.read_text()
        sqlite = text[text.index("DATABASES = {") + len("DATABASES = "):text.index("# Password validation")]
        self.edit(sqlite, POSTGRES % server.port)
        self.edit("from pathlib import Path", "import os\nfrom pathlib import Path")
        self.environment["SHOP_PASSWORD"] = "open-sesame"

        self.go_through("shop", r"shop/settings\.py:\d+")

        self.assertEqual(server.databases(), {"postgres", "shop"})


if __name__ == "__main__":
    unittest.main()

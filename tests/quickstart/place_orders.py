"""Places orders in the shop's database until it is told to stop, as its users would. usage: place_orders.py DATABASE"""
import random
import sqlite3
import sys
import time

database = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
print("open", flush=True)
while True:
    database.execute('INSERT INTO "Order" ("customerId", product, quantity) VALUES (?, ?, ?)',
                     (random.randint(1, 800), "tea", 1))
    time.sleep(0.005)

"""Makes a small web application to try savepoint on: sources, a Prisma-style schema with migrations, an SQLite database
with a few thousand rows, secrets in .env.local, and a git history with staged, unstaged and untracked changes.

usage: make_project.py DIR
"""
import pathlib
import random
import sqlite3
import subprocess
import sys

FILES = {
    "package.json": """{
  "name": "corner-shop",
  "version": "1.4.0",
  "private": true,
  "type": "module",
  "scripts": {"dev": "node --watch src/server.js", "migrate": "prisma migrate dev"},
  "dependencies": {"@prisma/client": "^6.0.0", "express": "^5.0.0"}
}
""",
    "tsconfig.json": '{"compilerOptions": {"strict": true, "target": "es2022"}}\n',
    "README.md": "# Corner shop\n\nOrders for the corner shop. `npm run dev` starts it.\n",
    ".gitignore": "node_modules/\n.env*\n*.db\n*.db-*\n.next/\n",
    "Dockerfile": "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"src/server.js\"]\n",
    "public/index.html": "<!doctype html>\n<title>Corner shop</title>\n<h1>Orders</h1>\n<main id=\"orders\"></main>\n",
    "public/app.css": "main { font-family: sans-serif; max-width: 60rem; margin: auto }\n",
    "src/server.js": """import express from 'express';
import { orders, placeOrder } from './orders.js';

const app = express();
app.use(express.static('public'), express.json());
app.get('/orders', async (request, response) => response.json(await orders(request.query)));
app.post('/orders', async (request, response) => response.status(201).json(await placeOrder(request.body)));
app.listen(process.env.PORT ?? 3000);
""",
    "src/orders.js": """import { database } from './database.js';

export function orders({ customer, limit = 50 }) {
  return database.order.findMany({ where: { customerId: customer }, take: Number(limit) });
}

export function placeOrder({ customer, product, quantity }) {
  return database.order.create({ data: { customerId: customer, product, quantity } });
}
""",
    "src/database.js": "import { PrismaClient } from '@prisma/client';\n\nexport const database = new PrismaClient();\n",
    "src/prices.js": "export const prices = { apple: 40, bread: 320, cheese: 780, tea: 550 };\n",
    "prisma/schema.prisma": """datasource db {
  provider = "sqlite"
  url      = env("DATABASE_URL")
}

model Customer {
  id     Int     @id @default(autoincrement())
  name   String
  orders Order[]
}

model Order {
  id         Int      @id @default(autoincrement())
  customer   Customer @relation(fields: [customerId], references: [id])
  customerId Int
  product    String
  quantity   Int
}
""",
    "prisma/migrations/20260901090000_init/migration.sql": """CREATE TABLE "Customer" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "name" TEXT NOT NULL
);
""",
    "prisma/migrations/20260914143000_orders/migration.sql": """CREATE TABLE "Order" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "customerId" INTEGER NOT NULL REFERENCES "Customer" ("id"),
  "product" TEXT NOT NULL,
  "quantity" INTEGER NOT NULL
);
CREATE INDEX "Order_customerId" ON "Order" ("customerId");
""",
    ".env.local": "DATABASE_URL=file:./dev.db\nSESSION_SECRET=not-for-anybody-else\nPORT=3000\n",
}
PRODUCTS = ["apple", "bread", "cheese", "tea"]
NAMES = ["Ada", "Barbara", "Dennis", "Edsger", "Grace", "Ken", "Margaret", "Niklaus"]


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def git(root, *arguments):
    subprocess.run(["git", "-c", "user.name=Quick Start", "-c", "user.email=quick@start.example", *arguments],
                   cwd=root, check=True, stdout=subprocess.DEVNULL)


def migrate(root):
    database = sqlite3.connect(root / "prisma/dev.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute('CREATE TABLE "_prisma_migrations" (id TEXT PRIMARY KEY, checksum TEXT NOT NULL, finished_at DATETIME, '
                     "migration_name TEXT NOT NULL, applied_steps_count INTEGER NOT NULL DEFAULT 0)")
    for number, folder in enumerate(sorted((root / "prisma/migrations").iterdir())):
        database.executescript((folder / "migration.sql").read_text())
        database.execute("INSERT INTO _prisma_migrations VALUES (?, 'x', ?, ?, 1)",
                         (str(number), 1_757_000_000_000 + number, folder.name))
    rng = random.Random(4)
    database.executemany('INSERT INTO "Customer" (name) VALUES (?)',
                         [(f"{rng.choice(NAMES)} {i}",) for i in range(800)])
    database.executemany('INSERT INTO "Order" ("customerId", product, quantity) VALUES (?, ?, ?)',
                         [(rng.randint(1, 800), rng.choice(PRODUCTS), rng.randint(1, 9)) for _ in range(5000)])
    database.commit()
    database.close()


def main(root):
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main", ".")
    for path, text in FILES.items():
        write(root, path, text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Orders for the corner shop")
    write(root, "src/prices.js", FILES["src/prices.js"].replace("tea: 550", "tea: 575"))
    git(root, "commit", "-q", "-am", "Tea is dearer")
    migrate(root)
    # Work in progress: one thing staged, one not, one untracked.
    write(root, "src/orders.js", FILES["src/orders.js"].replace("limit = 50", "limit = 100"))
    git(root, "add", "src/orders.js")
    write(root, "public/app.css", FILES["public/app.css"] + "h1 { color: teal }\n")
    write(root, "src/discounts.js", "export const discounts = { Grace: 0.1 };\n")
    write(root, "docs/ideas with spaces.txt", "A page for suppliers?\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

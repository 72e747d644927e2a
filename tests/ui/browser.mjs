// The browser, the page in it, and what scenarios ask of them.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

export const given = JSON.parse(process.env.GIVEN);
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const trouble = [];
export const outside = [];

export const browser = await chromium.launch({ executablePath: given.chromium, args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP evil.example 127.0.0.1"] });

export async function open({ scheme = "light", width = 1280, height = 800, url = given.url, before } = {}) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height }, bypassCSP: false, locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  page.on("response", (response) => response.status() >= 400 && trouble.push(`${response.status()} ${response.url()}`));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith("data:") && new URL(asked).host !== `127.0.0.1:${given.port}`) outside.push(asked);
  });
  await before?.(page);
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  return page;
}

export const titles = (page) => page.locator("#timeline .row .title").allInnerTexts();
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const dialog = (page) => page.getByRole("dialog");
export const selectedTitle = (page) => page.locator("#timeline .row.selected .title").innerText();
export const ready = (page) => page.locator("#timeline .row").first().waitFor();
export const code = () => readFileSync(path.join(given.root, "code.txt"), "utf8");
export const picture = (page, name, more = {}) => (given.pictures ? page.screenshot({ path: path.join(given.pictures, `${name}.png`), ...more }) : null);
export const settled = async (page) => {
  await dialog(page).getByRole("button", { name: /^(Restore|Undo|Delete|Finish it)$/ }).waitFor();
  await page.locator("dialog button[type=submit]:not([disabled])").waitFor();
};

/** Asks the server as the page does. */
export const ask = (page, path, wanted) =>
  page.evaluate(([where, secret, body]) => fetch(where, { ...(body && { method: "POST", body }), headers: { "X-Savepoint": secret, "Content-Type": "application/json" } }).then((response) => response.json()), [path, new URL(given.url).hash.slice(1), wanted && JSON.stringify(wanted)]);

/** Has a program do something while the page is open. */
export const run = ([program, ...words]) => execFileSync(program, words);

/** Holds requests back until `release` is called. */
export async function hold(page, pattern) {
  let release;
  const gate = new Promise((done) => (release = done));
  let held = 0;
  await page.route(pattern, async (route) => {
    held += 1;
    await gate;
    await route.continue();
  });
  return { release, held: () => held };
}

/** The only child of a process, whichever of its threads started it. */
export function childOf(id) {
  const threads = readdirSync(`/proc/${id}/task`);
  return Number(threads.map((thread) => readFileSync(`/proc/${id}/task/${thread}/children`, "utf8")).join(" ").trim());
}

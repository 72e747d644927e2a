// What people do with the page: one function for each, called by test_long_page.py with SCENARIO and GIVEN. The last line
// printed is what was seen.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const given = JSON.parse(process.env.GIVEN);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const trouble = [];
const outside = [];

const browser = await chromium.launch({ executablePath: given.chromium, args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP evil.example 127.0.0.1"] });

async function open({ scheme = "light", width = 1280, height = 800, url = given.url, before } = {}) {
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

const titles = (page) => page.locator("#timeline .row .title").allInnerTexts();
const button = (page, name) => page.getByRole("button", { name, exact: true });
const dialog = (page) => page.getByRole("dialog");
const selectedTitle = (page) => page.locator("#timeline .row.selected .title").innerText();
const ready = (page) => page.locator("#timeline .row").first().waitFor();
const code = () => readFileSync(path.join(given.root, "code.txt"), "utf8");
const picture = (page, name) => (given.pictures ? page.screenshot({ path: path.join(given.pictures, `${name}.png`) }) : null);
const settled = async (page) => {
  await dialog(page).getByRole("button", { name: /^(Restore|Undo|Delete|Finish it)$/ }).waitFor();
  await page.locator("dialog button[type=submit]:not([disabled])").waitFor();
};

/** The only child of a process, whichever of its threads started it. */
function childOf(id) {
  const threads = readdirSync(`/proc/${id}/task`);
  return Number(threads.map((thread) => readFileSync(`/proc/${id}/task/${thread}/children`, "utf8")).join(" ").trim());
}

const scenarios = {
  async timeline() {
    const page = await open();
    await ready(page);
    return { titles: await titles(page), text: await page.locator("#timeline").innerText() };
  },

  async details() {
    const page = await open();
    await ready(page);
    await page.locator(".title", { hasText: "the second one" }).first().click();
    await page.getByText("1 table").click();
    const overview = await page.locator("#view").innerText();
    await page.getByRole("tab", { name: "Files" }).click();
    await page.locator("#files .row").first().waitFor();
    const root = await page.locator("#files .name").allInnerTexts();
    await page.locator("#files .row").first().dblclick();
    await page.locator("#files .name", { hasText: "new.txt" }).waitFor();
    const inside = await page.locator("#files .name").allInnerTexts();
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    return { overview, root, inside, changes: await page.locator("#view").innerText() };
  },

  async note() {
    const page = await open();
    await ready(page);
    await page.locator("#view .facts").waitFor();
    const seen = { titles: await titles(page), overview: await page.locator("#view").innerText() };
    await button(page, "Note…").click();
    const field = dialog(page).getByLabel("Note");
    await field.fill(`${await field.inputValue()}, and more`);
    await button(page, "Note it").click();
    await page.locator("#view .facts", { hasText: "and more" }).waitFor();
    return seen;
  },

  async compare() {
    const page = await open();
    await ready(page);
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.getByLabel("compare with").selectOption("now");
    await page.locator("#changes .name", { hasText: "made-now.txt" }).waitFor();
    const now = await page.locator("#changes").innerText();
    await page.locator(".title", { hasText: "the first one" }).click();
    await button(page, "Pick to compare").click();
    await page.locator(".title", { hasText: "on a branch" }).first().click();
    await page.getByLabel("compare with").selectOption("picked");
    await page.locator("#changes .name", { hasText: "new.txt" }).waitFor();
    return { now, picked: await page.locator("#view").innerText() };
  },

  async keys() {
    const page = await open();
    await ready(page);
    const selected = [await selectedTitle(page)];
    for (const key of ["j", "j", "k"]) {
      await page.keyboard.press(key);
      selected.push(await selectedTitle(page));
    }
    await page.keyboard.press("/");
    await page.keyboard.type("first");
    await page.locator("#timeline .row").nth(1).waitFor({ state: "detached" });
    const filtered = await titles(page);
    await page.keyboard.press("Escape");
    await page.keyboard.press("End");
    await page.keyboard.press("?");
    await dialog(page).getByText("take a snapshot").waitFor();
    const help = await dialog(page).innerText();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    const dialogs = [];
    for (const key of ["s", "r", "u", "t", "n", "Delete"]) {
      await page.keyboard.press(key);
      dialogs.push(await dialog(page).getByRole("heading").innerText());
      await page.locator("dialog progress").waitFor({ state: "detached" });
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
    }
    return { selected, filtered, help, dialogs };
  },

  async views() {
    const page = await open();
    await ready(page);
    await button(page, "Space").click();
    await page.locator(".plot canvas").waitFor();
    const plotted = await page.locator(".plot canvas").evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((byte) => byte !== 0);
    });
    const space = await page.locator("main").innerText();
    await button(page, "Health").click();
    await page.getByText("last verified").waitFor();
    const health = await page.locator("main").innerText();
    await button(page, "Verify now").click();
    await page.getByText("are whole").waitFor();
    return { space, plotted, health, verified: await page.locator("main").innerText() };
  },

  async accessibility() {
    const page = await open({ scheme: given.scheme, before: (fresh) => fresh.addInitScript(axe) });
    await ready(page);
    const faults = [];
    const look = async (where) => {
      await picture(page, `${given.scheme}-${where}`);
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const fault of found.violations.filter((one) => ["serious", "critical"].includes(one.impact))) {
        faults.push(`${where}: ${fault.id}: ${fault.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
      }
    };
    await page.locator("#view .facts").waitFor();
    await look("timeline");
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    await look("changes");
    await page.getByRole("tab", { name: "Files" }).click();
    await page.locator("#files .row").first().waitFor();
    await look("files");
    await page.keyboard.press("?");
    await look("help");
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await look("snapshot");
    await page.keyboard.press("Escape");
    await page.locator(".title", { hasText: "the first one" }).first().click();
    await button(page, "Restore…").click();
    await settled(page);
    await look("restore");
    await page.keyboard.press("Escape");
    await button(page, "Space").click();
    await page.locator(".plot canvas").waitFor();
    await look("space");
    await button(page, "Health").click();
    await page.locator(".log").waitFor();
    await look("health");
    return { faults };
  },

  async phone() {
    const page = await open({ width: 380, height: 760 });
    await ready(page);
    const wider = [];
    const look = async (where) => {
      await picture(page, `phone-${where}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 380) wider.push(`${where}: ${width}`);
    };
    await look("timeline");
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    await look("changes");
    await page.keyboard.press("r");
    await settled(page).catch(() => {});
    await look("restore");
    await page.keyboard.press("Escape");
    for (const view of ["Space", "Health"]) {
      await button(page, view).click();
      await page.getByRole("heading", { level: 1, name: view }).waitFor();
      await look(view.toLowerCase());
    }
    return { wider };
  },

  async marks() {
    const page = await open();
    await ready(page);
    await button(page, "Snapshot…").click();
    await dialog(page).getByLabel("What is it for?").fill("by hand");
    await dialog(page).getByLabel("Tags").fill("by-hand");
    await button(page, "Take it").click();
    await page.locator(".row.selected .title", { hasText: "by hand" }).waitFor();
    await button(page, "Pin").click();
    await button(page, "Unpin").waitFor();
    await button(page, "Tag…").click();
    await dialog(page).getByLabel("Tag").fill("more");
    await button(page, "Tag it").click();
    await page.locator(".row.selected .chip", { hasText: "more" }).waitFor();
    await button(page, "Note…").click();
    await dialog(page).getByLabel("Note").fill("changed by hand");
    await button(page, "Note it").click();
    await page.locator(".row.selected .title", { hasText: "changed by hand" }).waitFor();
    await page.locator(".title", { hasText: "the second one" }).first().click();
    await button(page, "Delete…").click();
    await settled(page);
    await button(page, "Delete").click();
    await dialog(page).getByText("Deleted").waitFor();
    await button(page, "Close").click();
    await page.locator("#timeline .title", { hasText: "the second one" }).waitFor({ state: "detached" });
    return {};
  },

  async restore() {
    const page = await open();
    await ready(page);
    await page.locator(".title", { hasText: "the first one" }).click();
    await button(page, "Restore…").click();
    await settled(page);
    const plan = await page.locator("#plan").innerText();
    await button(page, "Restore").click();
    await dialog(page).getByRole("heading", { name: "Restored" }).waitFor();
    const restored = code();
    await button(page, "Undo…").last().click();
    await settled(page);
    await button(page, "Undo").click();
    await dialog(page).getByRole("heading", { name: "Undone" }).waitFor();
    return { plan, restored, undone: code() };
  },

  async protected() {
    const page = await open();
    await ready(page);
    await page.keyboard.press("r");
    const field = dialog(page).getByLabel("production.sqlite3");
    await field.waitFor();
    const go = dialog(page).getByRole("button", { name: "Restore", exact: true });
    const enabled = [await go.isEnabled()];
    for (const typed of ["production", "production.sqlite3"]) {
      await field.fill(typed);
      enabled.push(await go.isEnabled());
    }
    await go.click();
    await dialog(page).getByRole("heading", { name: "Restored" }).waitFor();
    return { enabled };
  },

  async behind() {
    const page = await open();
    await ready(page);
    execFileSync(given.command[0], given.command.slice(1));
    await page.locator("#timeline .title", { hasText: "behind its back" }).waitFor();
    return { first: (await titles(page))[0] };
  },

  async recover() {
    const page = await open();
    await page.getByText("was interrupted").waitFor();
    await button(page, "Finish it…").click();
    await settled(page);
    await button(page, "Finish it").click();
    await dialog(page).getByRole("heading", { name: "Finished" }).waitFor();
    return {};
  },

  async recovered() {
    const page = await open();
    await page.getByText("was interrupted").waitFor();
    const before = await page.evaluate(() => fetch("/api/state", { headers: { "X-Savepoint": "1" } }).then((response) => response.json()));
    await page.route("**/api/state", (route) => route.fulfill({ json: before })); // the page has not looked again yet
    execFileSync(given.command[0], given.command.slice(1));
    await button(page, "Finish it…").click();
    await dialog(page).getByText("Nothing to do").waitFor();
    const go = dialog(page).getByRole("button", { name: "Finish it", exact: true });
    return { plan: await dialog(page).innerText(), enabled: await go.isEnabled() };
  },

  async killed() {
    const page = await open();
    await button(page, "Snapshot…").click();
    await button(page, "Take it").click();
    await dialog(page).getByText("slow").waitFor();
    process.kill(childOf(given.server), "SIGKILL");
    await dialog(page).getByRole("alert").waitFor();
    return { said: await dialog(page).innerText() };
  },

  async names() {
    const page = await open();
    await ready(page);
    let text = await page.locator("body").innerText();
    for (const [tab, shown] of [["Files", "#files .row"], ["Changes", "#changes .row"], ["Overview", ".facts code"]]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator(shown).first().waitFor();
      text += await page.locator("body").innerText();
    }
    await page.locator("summary").first().click();
    await button(page, "Space").click();
    await page.locator(".plot canvas").waitFor();
    await button(page, "Health").click();
    await page.locator(".log").waitFor();
    return { text, outside, stolen: await page.evaluate(() => Boolean(window.stolen)), images: await page.locator("img").count() };
  },

  async doors() {
    const page = await open();
    await ready(page);
    const here = `http://127.0.0.1:${given.port}`;
    const stranger = await (await browser.newContext()).newPage();
    const without = (await stranger.goto(`${here}/`)).status();
    const rebound = (await stranger.goto(given.url.replace("127.0.0.1", "evil.example"))).status();
    // A page of another port, in the browser that is let in: it gets the cookie sent, and must learn and do nothing.
    const { createServer } = await import("node:http");
    const evil = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<p>evil"));
    await new Promise((done) => evil.listen(0, "127.0.0.1", done));
    const other = await page.context().newPage();
    // What it is answered, which the browser keeps from it.
    const asked = new Map();
    const answers = { read: [], posted: [] };
    const network = await page.context().newCDPSession(other);
    network.on("Network.requestWillBeSent", ({ requestId, request }) => request.url.startsWith(`${here}/api/`) && asked.set(requestId, { GET: "read", POST: "posted" }[request.method]));
    network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => answers[asked.get(requestId)]?.push(statusCode));
    await network.send("Network.enable");
    await other.goto(`http://127.0.0.1:${evil.address().port}/`);
    const told = await other.evaluate(async (server) => {
      const learnt = [];
      const ask = async (name, path, options) => {
        try {
          const response = await fetch(server + path, { credentials: "include", ...options });
          if (response.type !== "opaque") learnt.push(`${name}: ${response.status}`);
        } catch {
          // not told
        }
      };
      await ask("plain", "/api/state", {});
      await ask("header", "/api/state", { headers: { "X-Savepoint": "1" } });
      await ask("blind", "/api/state", { mode: "no-cors" });
      await ask("post", "/api/actions", { method: "POST", mode: "no-cors", body: '{"action":"snapshot"}' });
      const frame = document.createElement("iframe");
      const loaded = new Promise((done) => frame.addEventListener("load", done));
      frame.src = `${server}/`;
      document.body.append(frame);
      await loaded;
      const script = document.createElement("script");
      const run = new Promise((done) => {
        script.addEventListener("load", () => done("run"));
        script.addEventListener("error", () => done("refused"));
      });
      script.src = `${server}/page.js`;
      document.body.append(script);
      return { learnt, run: await run };
    }, here);
    const framed = other.frames().slice(1).map((frame) => frame.url());
    evil.close();
    trouble.length = 0; // the browser complains of what it kept out
    return { without, rebound, answers, framed, ...told };
  },

  async dead() {
    const page = await open();
    await ready(page);
    process.kill(given.server, "SIGTERM");
    await page.getByRole("alert").getByText("has ended").waitFor();
    trouble.length = 0; // of requests that nobody answers
    return { banner: await page.getByRole("alert").first().innerText() };
  },

  async many() {
    const page = await open({
      before: (fresh) =>
        fresh.route("**/api/snapshots?*", async (route) => {
          const query = new URL(route.request().url()).searchParams;
          const [offset, limit] = [Number(query.get("offset") ?? 0), Number(query.get("limit"))];
          const snapshots = [];
          for (let at = offset; at < Math.min(offset + limit, given.count); at += 1) {
            const number = given.count - at;
            snapshots.push({ id: `20260101-000000-${number.toString(16).padStart(8, "0")}`, created_at: new Date(1.7e12 + number * 6e5).toISOString(), trigger: "manual", note: `number ${number}`, tags: [], pinned: false, branch: `branch-${number % 4}`, commit: null, dirty: false, components: [], bytes: 1, bytes_added: 1, complete: true });
          }
          await route.fulfill({ json: { schema: 1, snapshots, total: given.count } });
        }),
    });
    await ready(page);
    await page.getByText("10,000 snapshots").waitFor();
    await page.locator("#timeline").focus();
    await page.keyboard.press("End");
    const rows = await page.locator("#timeline .row").count();
    const total = Number(await page.locator("#timeline .row").first().getAttribute("aria-setsize"));
    trouble.length = 0; // details of snapshots that are not there
    return { rows, total, last: await page.locator("#timeline .row.selected").innerText() };
  },
};

try {
  const seen = await scenarios[process.env.SCENARIO]();
  if (trouble.length > 0) throw new Error(`the page complains: ${trouble.join("\n")}`);
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}

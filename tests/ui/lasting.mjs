// What must not slip away under people's hands: what they have selected, how something ended, what others did meanwhile.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ask, button, dialog, given, hold, open, ready, run, settled, titles, trouble } from "./browser.mjs";

const heading = (page) => page.locator(".details h2").innerText();
const savepoint = (...words) => run([...given.command, ...words]);
const letGo = () => writeFileSync(given.gate, "x");
const startRestore = async (page) => {
  await page.locator(".title", { hasText: "the first one" }).first().click();
  await button(page, "Restore…").click();
  await settled(page);
};

export const lasting = {
  async selection() {
    const page = await open();
    await page.getByText("450 snapshots").waitFor();
    await page.locator("#timeline").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("k");
    const selected = [await heading(page)];
    // The list is read anew, and the part that has the selected one is late.
    const rest = await hold(page, /snapshots\?offset=[1-9]/);
    const first = page.waitForResponse(/snapshots\?offset=0/);
    await page.keyboard.press("p");
    await (await first).finished();
    while (rest.held() === 0) await page.waitForTimeout(20);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    selected.push(await heading(page));
    rest.release();
    await button(page, "Unpin").waitFor();
    selected.push(await heading(page));
    // Somebody looks at the newest ones when one more comes.
    await page.locator("#timeline").evaluate((list) => (list.scrollTop = 0));
    writeFileSync(path.join(given.root, "code.txt"), "by a hook");
    savepoint("snapshot", "-m", "from elsewhere");
    await page.locator("#timeline .title", { hasText: "from elsewhere" }).waitFor();
    const scrolled = await page.locator("#timeline").evaluate((list) => list.scrollTop);
    selected.push(await heading(page));
    await button(page, "Unpin").click();
    await button(page, "Pin").waitFor();
    await button(page, "Delete…").click();
    await settled(page);
    await button(page, "Delete").click();
    await button(page, "Close").click();
    await page.getByText("450 snapshots").waitFor();
    selected.push(await heading(page));
    // What is filtered out makes room for the first that is left.
    await page.getByLabel("Filter snapshots").fill("from elsewhere");
    await page.getByText("1 of 450 snapshots").waitFor();
    await page.locator(".details h2", { hasNotText: "number" }).waitFor();
    selected.push(await heading(page));
    return { selected, scrolled };
  },

  async held() {
    const page = await open();
    await ready(page);
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    let asked = 0;
    page.on("request", (request) => request.url().includes("/api/diff") && (asked += 1));
    await page.evaluate(async () => {
      for (let times = 0; times < 30; times += 1) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
        await new Promise((done) => setTimeout(done, 30));
      }
    });
    await page.getByRole("option", { name: "the one before" }).waitFor({ state: "attached" });
    await page.locator("#changes .row").first().waitFor();
    return { asked, selected: await heading(page) };
  },

  async unknownEnd() {
    const page = await open();
    await ready(page);
    await startRestore(page);
    await page.route("**/api/job?*", (route) => route.fulfill({ status: 404, json: { schema: 1, error: { code: "not_found", message: "there is no job", changed: false, hint: "" } } }));
    await button(page, "Restore").click();
    await dialog(page).getByRole("alert").waitFor();
    trouble.length = 0; // of what was not found
    return { said: await dialog(page).getByRole("alert").innerText() };
  },

  async ended() {
    const page = await open();
    await ready(page);
    await startRestore(page);
    await button(page, "Restore").click();
    await dialog(page).locator("progress").waitFor();
    await page.reload();
    const banner = page.locator(".banner");
    await banner.getByText("A restore is at work.").waitFor();
    letGo();
    await banner.getByText("What was there before is in").waitFor();
    await page.waitForTimeout(6500); // longer than what need not be read
    const said = await banner.innerText();
    await banner.getByRole("button", { name: "Undo…" }).click();
    await dialog(page).getByRole("heading", { name: "Undo the last restore" }).waitFor();
    await page.keyboard.press("Escape");
    await button(page, "Dismiss").click();
    await banner.waitFor({ state: "detached" });
    return { said };
  },

  async own() {
    const page = await open();
    const before = await ask(page, "/api/state");
    await button(page, "Snapshot…").click();
    await button(page, "Take it").click();
    await page.locator("#timeline .row").first().waitFor();
    const said = await page.locator(".toast").innerText();
    // The page learns late that it is at work, as it looks only every few seconds.
    await page.route("**/api/state", (route) => route.fulfill({ json: { ...before, job: { job: 1, action: "snapshot", plan: false } } }));
    await page.waitForResponse("**/api/state");
    await page.waitForResponse("**/api/state");
    return { said, banners: await page.locator(".banner").count(), later: await page.locator(".toast").innerText() };
  },

  async gaps() {
    const page = await open();
    await button(page, "Snapshot…").click();
    await button(page, "Take it").click();
    await dialog(page).getByText("something was left out").waitFor();
    const said = await dialog(page).innerText();
    await button(page, "Close").click();
    await page.locator("#timeline .row.selected").waitFor();
    // Neither can it be compared.
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.getByText("1 path could not be compared").click();
    await page.locator("#view .paths").waitFor();
    return { said, compared: await page.locator("#view .paths").innerText() };
  },

  async failed() {
    const page = await open();
    await ready(page);
    await page.locator(".title", { hasText: "the first one" }).first().click();
    const before = await ask(page, "/api/state");
    await page.route("**/api/state", (route) => route.fulfill({ json: before })); // the page has not looked again yet
    savepoint("tag", given.first, "start", "--delete");
    await button(page, "Take the tag start away").click();
    await page.locator(".banner").getByRole("alert").waitFor();
    await page.waitForTimeout(6500);
    return { said: await page.locator(".banner").innerText() };
  },

  async foreignMarks() {
    const page = await open();
    await ready(page);
    await page.locator(".title", { hasText: "the first one" }).first().click();
    await button(page, "Note…").click();
    const field = dialog(page).getByLabel("Note");
    savepoint("note", given.first, "noted elsewhere");
    await page.waitForFunction(() => document.querySelector("dialog textarea").value === "noted elsewhere");
    await field.fill("noted here");
    savepoint("note", given.first, "noted elsewhere again");
    await dialog(page).getByText("meanwhile: noted elsewhere again").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".details h2", { hasText: "noted elsewhere again" }).waitFor();
    savepoint("tag", given.first, "terminal");
    await page.locator(".details .chip", { hasText: "terminal" }).waitFor();
    return {};
  },

  async health() {
    const page = await open();
    await ready(page);
    await page.route("**/api/health", (route) => route.fulfill({ status: 500, json: { schema: 1, error: { code: "io", message: "cannot look", changed: false, hint: "" } } }));
    await button(page, "Health").click();
    await page.getByRole("alert").waitFor();
    trouble.length = 0;
    await page.unroute("**/api/health");
    savepoint("tag", given.first, "later");
    await page.getByText("last verified").waitFor();
    return { alerts: await page.getByRole("alert").count() };
  },

  async hidden() {
    const page = await open();
    await ready(page);
    await page.evaluate(() => Object.defineProperty(document, "hidden", { value: true, configurable: true }));
    await page.keyboard.press("p");
    await page.locator(".toast").getByText("npinned").waitFor();
    savepoint("tag", given.first, "meanwhile");
    await page.waitForTimeout(500);
    await page.evaluate(() => Object.defineProperty(document, "hidden", { value: false }));
    await page.locator("#timeline .chip", { hasText: "meanwhile" }).waitFor();
    return {};
  },

  async noting() {
    const page = await open();
    await ready(page);
    await button(page, "Note…").click();
    await dialog(page).getByLabel("Note").fill("in the middle");
    const answers = await hold(page, "**/api/job?*");
    await button(page, "Note it").click();
    await dialog(page).locator("progress").waitFor();
    const enabled = await button(page, "Note it").isEnabled();
    await page.keyboard.press("Escape");
    const open_ = await dialog(page).isVisible();
    answers.release();
    await dialog(page).waitFor({ state: "detached" });
    return { enabled, open: open_ };
  },

  async again() {
    const page = await open();
    await ready(page);
    await page.locator(".title", { hasText: "the first one" }).first().click();
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.getByLabel("compare with").selectOption("now");
    await page.locator("#changes .name", { hasText: "code.txt" }).waitFor();
    await startRestore(page);
    await button(page, "Restore").click();
    await button(page, "Close").click();
    await page.getByText("No differences.").waitFor();
    writeFileSync(path.join(given.root, "made.txt"), "made");
    await button(page, "Look again").click();
    await page.locator("#changes .name", { hasText: "made.txt" }).waitFor();
    await page.getByLabel("Only paths with").fill("later");
    await page.locator("#changes .row").first().waitFor({ state: "detached" });
    writeFileSync(path.join(given.root, "later.txt"), "made");
    await button(page, "Look again").click();
    await page.locator("#changes .name", { hasText: "later.txt" }).waitFor();
    return {};
  },

  async before() {
    const page = await open();
    await ready(page);
    const shown = await titles(page);
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .name").first().waitFor();
    const changes = await page.locator("#changes").innerText();
    await page.locator(".title", { hasText: "of another project" }).first().click();
    await page.locator(".details h2", { hasText: "of another project" }).waitFor();
    const alone = await page.getByLabel("compare with").innerText();
    await page.getByRole("alert").waitFor();
    trouble.length = 0; // there is no project to compare with
    return { titles: shown, changes, alone };
  },

  async turns() {
    const page = await open();
    await ready(page);
    await page.getByRole("tab", { name: "Changes" }).click();
    const slow = () => ask(page, "/api/actions", { action: "snapshot" });
    const rows = page.getByRole("region", { name: "Rows", exact: true });
    await button(page, "Rows of people").waitFor();
    // What only looks waits for its turn.
    await slow();
    await button(page, "Rows of people").click();
    await rows.locator("progress").waitFor();
    await page.waitForTimeout(500);
    const refused = await rows.getByRole("alert").count();
    letGo();
    await rows.locator(".patch").waitFor();
    // What nobody looks at any more does not begin when its turn comes.
    await slow();
    await button(page, "Undo…").click();
    await dialog(page).locator("progress").waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    let asked = 0;
    page.on("request", (request) => request.url().endsWith("/api/actions") && (asked += 1));
    letGo();
    await page.waitForTimeout(1000);
    trouble.length = 0; // of what had to wait
    return { refused, asked };
  },
};

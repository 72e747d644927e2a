// What people look at: a function for each scenario, which returns what was seen.
import { axe, button, dialog, given, open, picture, ready, selectedTitle, settled, titles } from "./browser.mjs";

export const looking = {
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
    await page.locator("#files .row").first().click();
    await page.locator("#files .name", { hasText: "new.txt" }).waitFor();
    const inside = await page.locator("#files .name").allInnerTexts();
    await page.locator("#files .name", { hasText: "new.txt" }).click();
    await page.locator(".patch").waitFor();
    const contents = await page.getByRole("region", { name: "Contents" }).innerText();
    await page.keyboard.press("Escape");
    await page.locator("#files .name", { hasText: "new.txt" }).click();
    await page.locator(".patch").waitFor();
    await button(page, "/ src").click();
    await page.locator("#files .name", { hasText: "new.txt" }).waitFor();
    await page.locator("#files").focus();
    // Another snapshot, which need not have this directory, is shown from its root; the keys stay in the list.
    await page.keyboard.press("j");
    await page.locator("#files .name", { hasText: "code.txt" }).waitFor();
    const focus = await page.evaluate(() => document.activeElement.id);
    await page.keyboard.press("k");
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    return { focus, overview, root, inside, contents, changes: await page.locator("#view").innerText() };
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

  async graph() {
    const page = await open();
    await ready(page);
    const rows = () =>
      page.locator("#timeline .row").evaluateAll((all) =>
        all.map((row) => ({
          title: row.querySelector(".title").innerText,
          into: row.querySelectorAll(".entry .into").length,
          commits: [...row.querySelectorAll(".commit-line")].map((line) => ({
            text: line.innerText.replace(/\s+/g, " ").trim(),
            isAbove: Boolean(line.compareDocumentPosition(row.querySelector(".entry")) & Node.DOCUMENT_POSITION_FOLLOWING),
            out: line.querySelectorAll(".out").length,
          })),
        })),
      );
    await page.locator(".commit-line").first().waitFor();
    await picture(page, "light-graph");
    const whole = await rows();
    await page.getByLabel("Filter snapshots").fill("kept");
    await page.locator("#timeline .row").nth(2).waitFor({ state: "detached" });
    return { whole, filtered: await rows() };
  },

  async contents() {
    const page = await open();
    await ready(page);
    const section = page.getByRole("region", { name: "Contents" });
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .name", { hasText: "code.txt" }).click();
    await section.locator(".patch").waitFor();
    const lines = await section.locator(".patch tr").evaluateAll((all) => all.map((row) => [row.className, ...[...row.querySelectorAll(".at")].map((cell) => cell.dataset.at), row.querySelector("code").textContent]));
    await picture(page, "light-contents");
    const others = {};
    for (const name of ["image", "latin", "long.txt", "settings/.env"]) {
      await page.keyboard.press("Escape");
      await page.locator("#changes .name", { hasText: name }).click();
      await section.getByRole("heading", { name }).waitFor();
      await section.locator(".waiting").waitFor({ state: "detached" });
      others[name] = await section.innerText();
    }
    await page.keyboard.press("Escape");
    await page.locator("#changes .name", { hasText: "long.txt" }).click();
    for (const lines of [4000, 5001]) {
      await button(page, "Show more").evaluate((more) => [1, 2].forEach(() => more.click())); // two clicks before anything is there
      await section.locator(".patch tr").nth(lines - 1).waitFor({ state: "attached" });
    }
    await button(page, "Show more").waitFor({ state: "detached" });
    const all = await section.locator(".patch tr").count();
    // By keys, and to the next file.
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.id === "changes");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const heading = section.getByRole("heading");
    const steps = [await heading.innerText()];
    await button(page, "The next file").click();
    await page.waitForFunction((before) => document.querySelector(".inner h3").innerText !== before, steps[0]);
    steps.push(await heading.innerText());
    // What is open is not looked for in another comparison, which need not have it.
    await page.getByLabel("compare with").selectOption("now");
    await section.waitFor({ state: "detached" });
    await page.locator("#changes .name", { hasText: "code.txt" }).click();
    await section.locator(".patch").waitFor();
    return { lines, others, all, steps, now: await section.innerText() };
  },

  async rows() {
    const page = await open();
    await ready(page);
    await page.getByRole("tab", { name: "Changes" }).click();
    await button(page, "Rows of people").click();
    const section = page.getByRole("region", { name: "Rows", exact: true });
    await section.locator(".patch").waitFor();
    const rows = () => section.locator(".patch tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
    const between = await rows();
    await picture(page, "light-rows");
    await page.keyboard.press("Escape");
    await page.getByLabel("compare with").selectOption("now");
    await button(page, "Rows of people").click();
    await section.locator(".patch").waitFor();
    return { between, now: await rows(), counts: await section.locator(".counts").innerText() };
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
    await button(page, "Space").click();
    await page.locator(".plot canvas").waitFor();
    await button(page, "Health").click();
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
    for (const [key, name] of [["?", "help"], ["s", "snapshot"]]) {
      await page.keyboard.press(key);
      await dialog(page).waitFor();
      await look(name);
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
    }
    await page.locator(".title", { hasText: "the first one" }).first().click();
    await button(page, "Restore…").click();
    await settled(page);
    await look("restore");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().click();
    await page.locator(".patch").waitFor();
    await look("contents");
    await page.keyboard.press("Escape");
    await page.locator(".title", { hasText: "the second one" }).first().click();
    await button(page, "Rows of people").click();
    await page.locator(".patch.rows").waitFor();
    await look("rows");
    await button(page, "Space").click();
    await page.locator(".plot canvas").waitFor();
    await look("space");
    await button(page, "Health").click();
    await page.locator(".log").waitFor();
    await page.getByText("last verified").waitFor();
    await look("health");
    return { faults };
  },

  async phone() {
    const page = await open({ width: 380, height: 760 });
    await ready(page);
    const wider = [];
    const ends = []; // what is to be seen of the end of a long path
    const seeEnd = async () =>
      ends.push(
        await page.locator(".pathname bdi", { hasText: "part19/name.txt" }).last().evaluate((shown) => {
          const text = shown.firstChild;
          const range = document.createRange();
          const frame = shown.parentElement.getBoundingClientRect();
          range.setStart(text, text.length - "name.txt".length);
          range.setEnd(text, text.length);
          const end = range.getBoundingClientRect();
          return end.left >= frame.left && end.right <= Math.min(frame.right, innerWidth) + 1 ? range.toString() : "";
        }),
      );
    const look = async (where) => {
      await picture(page, `phone-${where}`, { fullPage: true });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 380) wider.push(`${where}: ${width}`);
    };
    await look("timeline");
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    await seeEnd();
    await look("changes");
    await page.keyboard.press("r");
    await settled(page);
    await seeEnd();
    await look("restore");
    await page.keyboard.press("Escape");
    for (const view of ["Space", "Health"]) {
      await button(page, view).click();
      await page.getByRole("heading", { level: 1, name: view }).waitFor();
      await page.locator(view === "Space" ? ".plot canvas" : ".problems").waitFor({ state: "attached" });
      await look(view.toLowerCase());
    }
    return { wider, ends };
  },
};

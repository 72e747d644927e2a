// Long histories and wide differences: the page must be of use before all of it is there, and stay so.
import { button, given, hold, open, picture } from "./browser.mjs";

/** Notes when something is first seen, and how long the page did not listen. */
function watch(selector) {
  window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({ entryTypes: ["longtask"] });
  const look = () => {
    if (document.querySelector(selector)) window.firstSeen ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

const measured = (page) => page.evaluate(() => ({ first: Math.round(window.firstSeen), longest: Math.round(window.longest) }));
const drawn = (page, list) => page.locator(`${list} .row`).count();

export const large = {
  async long() {
    const page = await open({ before: (fresh) => fresh.addInitScript(watch, "#timeline .row .title") });
    await page.getByText("10,000 snapshots").waitFor();
    const times = [];
    for (let at = 0; at < 3; at += 1) {
      await page.goto(`http://127.0.0.1:${given.port}/`);
      await page.locator("#timeline .row").first().waitFor();
      await page.waitForLoadState("networkidle");
      times.push(await measured(page));
    }
    // What is below the first part does not come: what is there is of use.
    const rest = await hold(page, /snapshots\?offset=[1-9]/);
    await page.goto(`http://127.0.0.1:${given.port}/`);
    await page.locator("#timeline .row").first().waitFor();
    await page.keyboard.press("j");
    await page.locator("#timeline .row.selected .title", { hasText: "number 9,999" }).waitFor();
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row").first().waitFor();
    const early = { held: rest.held(), total: Number(await page.locator("#timeline .row").first().getAttribute("aria-setsize")) };
    rest.release();
    await page.locator('#timeline .row[aria-setsize="10000"]').first().waitFor();
    const ids = await page.locator("#timeline .row .line2 > code:first-child").allInnerTexts();
    await page.locator("#timeline").focus();
    await page.keyboard.press("End");
    await page.locator("#timeline .row.selected .title", { hasText: /^number 1$/ }).waitFor();
    const rows = await drawn(page, "#timeline");
    const commits = await page.locator(".commit-line").count();
    await picture(page, "light-long");
    await page.getByLabel("Filter snapshots").fill("number 5,0");
    await page.getByText("100 of 10,000 snapshots").waitFor();
    await page.locator("#timeline .row .title", { hasText: "number 5,099" }).waitFor();
    return { times, early, rows, ids, commits };
  },

  async wide() {
    const page = await open({ before: (fresh) => fresh.addInitScript(watch, "#changes .row .name") });
    await page.locator("#timeline .row").first().waitFor();
    const rest = await hold(page, /diff\?.*offset=[1-9]/);
    const began = await page.evaluate(() => performance.now());
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.locator("#changes .row .name").first().waitFor();
    const { first, longest } = await measured(page);
    const early = { held: rest.held(), rows: await drawn(page, "#changes") };
    await page.locator("#changes").focus();
    await page.keyboard.press("End");
    rest.release();
    await page.locator("#changes .row.selected .name", { hasText: "d99/f99" }).waitFor();
    const rows = await drawn(page, "#changes");
    await picture(page, "light-wide");
    await page.keyboard.press("Enter");
    await page.locator(".patch").getByText("+second 99 99").waitFor();
    await button(page, "← All changes").click();
    await page.getByLabel("Only paths with").fill("d5/f17");
    await page.locator("#changes .row .name", { hasText: "d5/f179" }).waitFor();
    const found = Number(await page.locator("#changes .row").first().getAttribute("aria-setsize"));
    await page.getByLabel("Only paths with").fill("");
    await page.getByLabel("compare with").selectOption("now");
    await page.locator("#changes .row .name", { hasText: "only-now" }).waitFor();
    return { time: { first: Math.round(first - began), longest }, early, rows, found };
  },
};

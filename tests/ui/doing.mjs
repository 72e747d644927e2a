// What people do with the page, and what becomes of it.
import { ask, button, childOf, code, dialog, given, open, picture, ready, run, settled, titles } from "./browser.mjs";

export const doing = {
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
    await button(page, "Take the tag by-hand away").click();
    await page.locator(".row.selected .chip", { hasText: "by-hand" }).waitFor({ state: "detached" });
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
    const field = dialog(page).getByLabel(given.name);
    await field.waitFor();
    const go = dialog(page).getByRole("button", { name: "Restore", exact: true });
    const enabled = [await go.isEnabled()];
    for (const typed of ["production", given.name]) {
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
    run(given.command);
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
    const before = await ask(page, "/api/state");
    await page.route("**/api/state", (route) => route.fulfill({ json: before })); // the page has not looked again yet
    run(given.command);
    await button(page, "Finish it…").click();
    await dialog(page).getByText("Nothing to do").waitFor();
    const go = dialog(page).getByRole("button", { name: "Finish it", exact: true });
    return { plan: await dialog(page).innerText(), enabled: await go.isEnabled() };
  },

  async stopped() {
    const page = await open();
    await button(page, "Snapshot…").click();
    await button(page, "Take it").click();
    await dialog(page).getByText("slow").waitFor();
    await button(page, "Stop").click();
    await dialog(page).getByRole("alert").waitFor();
    const said = await dialog(page).getByRole("alert").innerText();
    await button(page, "Cancel").click();
    await dialog(page).waitFor({ state: "detached" });
    return { said };
  },

  async atWork() {
    const page = await open();
    await button(page, "Snapshot…").click();
    await button(page, "Take it").click();
    await dialog(page).getByText("slow").waitFor();
    await page.reload();
    await page.getByText("A snapshot is being taken.").waitFor();
    await page.locator(".banner").getByText("slow").waitFor();
    await picture(page, "light-at-work");
    await button(page, "Stop").click();
    const banner = page.locator(".banner");
    await banner.getByText("stopped on request").waitFor();
    const said = await banner.innerText();
    await button(page, "Dismiss").click();
    await banner.waitFor({ state: "detached" });
    return { said };
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
};

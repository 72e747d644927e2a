// What must never happen, whatever is in the project or asks from outside.
import { browser, button, code, given, open, outside, ready, trouble } from "./browser.mjs";

export const keeping = {
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
    const cookies = await page.context().cookies();
    const shown = page.url();
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(`${here}/`);
    await stranger.getByText("Open the address").waitFor();
    const without = await stranger.content();
    const rebound = (await stranger.goto(given.url.replace("127.0.0.1", "evil.example"))).status();
    // Another server of this machine, opened in the browser that is let in: it must learn and do nothing.
    const { createServer } = await import("node:http");
    const noted = [];
    const evil = createServer((request, response) => {
      noted.push(`${request.url} ${request.rawHeaders.join(" ")}`);
      response.setHeader("Content-Type", "text/html").end("<p>evil");
    });
    await new Promise((done) => evil.listen(0, "127.0.0.1", done));
    const other = await page.context().newPage();
    // What it is answered, which the browser keeps from it.
    const asked = new Map();
    const statuses = new Map();
    let seen;
    const complete = new Promise((done) => (seen = () => [...asked.keys()].filter((id) => statuses.has(id)).length === 3 && done()));
    const network = await page.context().newCDPSession(other);
    network.on("Network.requestWillBeSent", ({ requestId, request }) => {
      if (request.url.startsWith(`${here}/api/`) && request.method !== "OPTIONS") asked.set(requestId, request.method === "POST" ? "posted" : "read");
      seen();
    });
    network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
      statuses.set(requestId, statusCode);
      seen();
    });
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
    await complete;
    const answers = { read: [], posted: [] };
    asked.forEach((what, id) => statuses.has(id) && answers[what].push(statuses.get(id)));
    evil.close();
    trouble.length = 0; // the browser complains of what it kept out
    return { cookies, shown, without, rebound, noted, answers, framed, ...told };
  },

  /** A tab is loaded anew, and is given the address of another run, which differs behind the # alone. */
  async address() {
    const page = await open();
    await ready(page);
    await page.reload();
    await ready(page);
    const paste = (address) => page.evaluate((to) => (location.href = to), address).catch(() => {}); // it is loaded anew meanwhile
    await paste(`/#${"0".repeat(64)}`);
    await page.getByText("has ended").first().waitFor();
    trouble.length = 0; // of requests that were refused
    await paste(given.url);
    await ready(page);
    return { shown: page.url() };
  },

  async dead() {
    const page = await open();
    await ready(page);
    process.kill(given.server, "SIGTERM");
    await page.getByRole("alert").getByText("has ended").waitFor();
    trouble.length = 0; // of requests that nobody answers
    return { banner: await page.getByRole("alert").first().innerText() };
  },
};

// Plays the scenario that SCENARIO names, on the page that GIVEN tells of. The last line printed is what was seen.
import { browser, trouble } from "./browser.mjs";
import { doing } from "./doing.mjs";
import { keeping } from "./keeping.mjs";
import { lasting } from "./lasting.mjs";
import { large } from "./large.mjs";
import { looking } from "./looking.mjs";

const scenarios = { ...looking, ...doing, ...keeping, ...lasting, ...large };

try {
  const seen = await scenarios[process.env.SCENARIO]();
  if (trouble.length > 0) throw new Error(`the page complains: ${trouble.join("\n")}`);
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}

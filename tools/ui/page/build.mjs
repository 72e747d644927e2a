// Bundles the page into one C++ source: node build.mjs SOURCE BUILD OUTPUT. BUILD has node_modules. The same input
// gives the same bytes.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [source, build, output] = process.argv.slice(2);
const modules = path.join(build, "node_modules");
const esbuild = createRequire(path.join(modules, "x"))("esbuild");

const bundled = await esbuild.build({
  entryPoints: { page: path.join(source, "src/main.jsx") },
  absWorkingDir: source,
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: "es2021",
  charset: "utf8",
  outdir: "/",
  nodePaths: [modules],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
const file = (name) => bundled.outputFiles.find((one) => one.path.endsWith(name)).contents;

const licenses = ["preact", "uplot"]
  .map((name) => {
    const about = JSON.parse(readFileSync(path.join(modules, name, "package.json"), "utf8"));
    return `${name} ${about.version} (${about.license})\n\n${readFileSync(path.join(modules, name, "LICENSE"), "utf8").trim()}\n`;
  })
  .join("\n\n");

const assets = [
  ["/", "text/html; charset=utf-8", readFileSync(path.join(source, "src/index.html"))],
  ["/page.js", "text/javascript; charset=utf-8", file("page.js")],
  ["/page.css", "text/css; charset=utf-8", file("page.css")],
  ["/licenses.txt", "text/plain; charset=utf-8", Buffer.from(licenses)],
];

// As C++ writes any bytes: three octal digits for what is not plain, a line for each hundred bytes.
function literal(content) {
  const lines = [];
  for (let from = 0; from < content.length; from += 100) {
    const bytes = [...content.subarray(from, from + 100)];
    const written = bytes.map((byte) => (byte >= 32 && byte < 127 && !'"\\?'.includes(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`));
    lines.push(`    "${written.join("")}"`);
  }
  return lines.join("\n");
}

let text = '#include "ui/with_page/assets.hpp"\n\n#include <array>\n\nnamespace savepoint::tools {\nnamespace {\n\n';
assets.forEach(([, , content], at) => {
  text += `constexpr std::string_view k_asset_${at}(\n${literal(Buffer.from(content))},\n    ${content.length});\n`;
});
text += `\nconstexpr std::array<web::Asset, ${assets.length}> k_assets{{\n`;
assets.forEach(([where, type], at) => {
  text += `    {"${where}", "${type}", k_asset_${at}},\n`;
});
text += "}};\n\n} // namespace\n\nstd::span<const web::Asset> page_assets() {\n  return k_assets;\n}\n\n} // namespace savepoint::tools\n";
writeFileSync(output, text);

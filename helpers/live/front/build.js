// Bundle each widget's module and style, and Twilio's SDK for agents' pages, into `dist/`, which is committed: whoever
// uses the widgets needs no Node.
// With --check nothing is written; fails when `dist/` is not what the sources give.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { bundleSdk } from "./sdk.js";

const CHECK = process.argv.includes("--check");
const DIST = new URL("dist/", import.meta.url);
const FOLDER = new URL(".", import.meta.url).pathname.replace(/^\/(\w:)/, "$1");
const WIDGETS = {
  activity_toggle: "widgets/activity_toggle",
  task_inspector: "widgets/task_inspector",
  callback_log: "widgets/callback_log",
  doctor: "widgets/doctor",
  phone: "widgets/phone",
  prediction: "widgets/prediction",
  agent_window: "widgets/agent_window",
  agent_page: "agent_page/page",
  board: "board/board",
};
const BANNER = "/* Built from helpers/live/front/src by `npm run build`: change the sources, not this file. */";

const entries = Object.entries(WIDGETS).flatMap(([out, source]) => [
  { out, in: `src/${source}.js` },
  { out, in: `src/${source}.css` },
]);
const { outputFiles } = await build({
  absWorkingDir: FOLDER,
  entryPoints: entries,
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minifySyntax: true,
  legalComments: "eof",
  banner: { js: BANNER, css: BANNER },
  write: false,
});
const built = [...outputFiles, ...(await bundleSdk(FOLDER.replace(/\/$/, ""), "dist"))];

if (CHECK) {
  const names = built.map((file) => file.path.split(/[\\/]/).at(-1));
  const stale = (await readdir(DIST)).filter((name) => !names.includes(name));
  for (const file of built) {
    const name = file.path.split(/[\\/]/).at(-1);
    const committed = await readFile(new URL(name, DIST), "utf8").catch(() => "");
    if (committed.replaceAll("\r\n", "\n") !== file.text) stale.push(name);
  }
  if (stale.length) {
    process.stderr.write(`dist/ is not what src/ gives (${stale.join(", ")}): run \`npm run build\`.\n`);
    process.exitCode = 1;
  }
} else {
  await Promise.all(built.map((file) => writeFile(file.path, file.text)));
}

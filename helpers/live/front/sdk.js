// Twilio's SDK for agents' pages, `twilio-taskrouter` from npm, as one script with the global name `TaskRouter`: what
// npm brings for pages still has its `require()` calls in it. With the licence of each package that is part of it.

import { readdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const NAME = "twilio-taskrouter";

/** Bundle it.
 * @param {string} folder where `node_modules` is
 * @param {string} outdir
 * @returns {Promise<{ path: string, text: string }[]>} the script and the licences, unwritten */
export async function bundleSdk(folder, outdir) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents: `export * from "${NAME}";`, resolveDir: folder },
    outfile: `${outdir}/${NAME}.js`,
    bundle: true,
    format: "iife",
    globalName: "TaskRouter",
    platform: "browser",
    define: { global: "globalThis" },
    alias: { "graphql-ws": "./node_modules/graphql-ws/umd/graphql-ws.js" }, // its own build for pages, without `graphql`
    target: "es2022",
    charset: "utf8",
    minify: true,
    legalComments: "none", // they are among the licences
    banner: { js: `/* ${NAME} from npm, unmodified, with what it needs. Licences: ${NAME}.licenses.txt */` },
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs).map((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const packages = [...new Set(inputs.filter((name) => name !== undefined))].sort();
  const licences = await Promise.all(packages.map((name) => licenceOf(`${folder}/node_modules/${name}`)));
  const [script] = outputFiles;
  return [script, { path: script.path.replace(/js$/, "licenses.txt"), text: licences.join(`\n${"-".repeat(80)}\n\n`) }];
}

/** Give name, version and licence of a package.
 * @param {string} folder
 * @throws when it brings no licence */
async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${name} brings no licence: look for it, and keep it here.`);
  const text = (await readFile(`${folder}/${file}`, "utf8")).replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (package.json: ${license})\n\n${text}\n`;
}

// Vite plugin: writes third-party-notices.txt with the licence of every npm package in the bundle.
//
// Which packages are in the bundle is read from the bundle itself. Scalar is a file of its own that
// already contains its dependencies, so for it the dependency tree is walked, which names more than
// it uses; where one of those states no licence, the notice says so. A package of our own bundle
// without a licence fails the build: we ship nothing whose terms are unknown.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const prebuilt_packages = ["@scalar/api-reference"];

function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The folder of the package that `module_id` belongs to, or undefined for our own modules. */
function packageFolder(module_id) {
  const path = module_id.replace(/^\0/, "").split("?")[0];
  const at = path.lastIndexOf("/node_modules/");
  if (at < 0) return undefined;
  const [scope, name] = path.slice(at + "/node_modules/".length).split("/");
  return join(path.slice(0, at), "node_modules", scope.startsWith("@") ? join(scope, name) : scope);
}

/** Where `name` is found from `folder`, as Node looks for it. */
function resolveFrom(folder, name) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
  }
  return undefined;
}

function addTree(folder, folders) {
  if (folders.has(folder)) return;
  folders.add(folder);
  for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
    const found = resolveFrom(folder, name);
    if (found !== undefined) addTree(found, folders);
  }
}

function notice(folder, bundled) {
  const { name, version, license } = readPackage(folder);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry));
  const text = file === undefined ? undefined : readFileSync(join(folder, file), "utf8").trim();
  if (text === undefined && license === undefined && bundled) throw new Error(`${name} has no licence`);
  const terms = license === undefined ? "The package states no licence." : `Licensed under ${license}.`;
  return { title: `${name} ${version} (${license ?? "see below"})`, text: text ?? terms };
}

export function notices() {
  let root = process.cwd();
  return {
    name: "paddock-notices",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const prebuilt = new Set();
      for (const name of prebuilt_packages) addTree(join(root, "node_modules", name), prebuilt);
      const folders = new Set();
      for (const chunk of Object.values(bundle)) {
        for (const module_id of chunk.moduleIds ?? []) {
          const folder = packageFolder(module_id);
          if (folder !== undefined && existsSync(join(folder, "package.json"))) folders.add(folder);
        }
      }
      const all = [...new Set([...folders, ...prebuilt])]
        .map((folder) => notice(folder, folders.has(folder)))
        .sort((a, b) => (a.title < b.title ? -1 : 1));
      const line = "=".repeat(78);
      const source = [...new Set(all.map(({ title, text }) => `${line}\n${title}\n${line}\n\n${text}\n`))].join("\n");
      this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source });
    },
  };
}

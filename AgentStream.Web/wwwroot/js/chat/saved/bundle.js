/**
 * The page's own modules as one script, for a file that asks nobody for anything. It reads what these modules are written in: imports and
 * exports by name, each on lines of its own. Anything else is said, not guessed.
 */

const DOC = /\/\*\*[\s\S]*?\*\//g;
const IMPORT = /^import\s+\{([^}]*)\}\s+from\s+'([^']+)';$/gm;
const EXPORT = /^export\s+(?=(?:async\s+function|function|class|const)\s+([A-Za-z_$][\w$]*))/gm;
const NOTHING = /^export \{\};$/gm;
const LATER = /\bimport\('([^']+)'\)/g;
const LEFT = /^(?:import|export)\b|\bimport\(|\bimport\.meta\b/m;
// Styles are all in the file, and there is nobody to be asked.
const IN_PLACE_OF = new Map([
  ['browser/style.js', 'export const loadStyle = () => Promise.resolve();'],
  ['markdown/read-on-server.js', 'export const readOnServer = () => Promise.resolve({ blocks: [] });'],
]);

/**
 * @param {string} entry the address of the first module
 * @param {(address: string) => Promise<string>} read
 * @returns {Promise<string>} the text of a script that is a module
 */
export async function bundle(entry, read) {
  const found = new Map();
  await collect(entry, read, found);
  const names = new Map();
  const order = [];
  for (const address of found.keys()) {
    arrange(address, found, new Set(), names, order);
  }

  return order.map((address) => written(address, found.get(address), names)).join('\n').replace(/<(?=\/script|!--)/gi, '\\x3c');
}

async function collect(address, read, found) {
  if (found.has(address)) {
    return;
  }

  // Known before it is read: others may ask for it meanwhile.
  const module = { text: '', imports: [], later: [] };
  found.set(address, module);
  const own = [...IN_PLACE_OF].find(([end]) => address.endsWith(end))?.[1];
  module.text = (own ?? await read(address)).replaceAll('\r\n', '\n').replace(DOC, '').replace(NOTHING, '');
  module.imports = [...module.text.matchAll(IMPORT)].map(([, , from]) => new URL(from, address).href);
  module.later = [...module.text.matchAll(LATER)].map(([, from]) => new URL(from, address).href);
  await Promise.all([...module.imports, ...module.later].map((other) => collect(other, read, found)));
}

// What is imported stands first.
function arrange(address, found, under, names, order) {
  if (names.has(address)) {
    return;
  }

  if (under.has(address)) {
    throw new Error(`${address} imports itself, by way of others.`);
  }

  under.add(address);
  for (const other of found.get(address).imports) {
    arrange(other, found, under, names, order);
  }

  under.delete(address);
  names.set(address, `module${names.size}`);
  order.push(address);
}

function written(address, { text }, names) {
  const exported = [];
  const nameOf = (from) => names.get(new URL(from, address).href);
  const body = text
    .replace(IMPORT, (_, members, from) => `const {${members.replace(/\s+as\s+/g, ': ')}} = ${nameOf(from)};`)
    .replace(EXPORT, (_, name) => {
      exported.push(name);
      return '';
    })
    .replace(LATER, (_, from) => `Promise.resolve().then(() => ${nameOf(from)})`);
  const [left] = LEFT.exec(body) ?? [];
  if (left) {
    throw new Error(`${address} has an ${left} that can't be put into a file.`);
  }

  return `const ${names.get(address)} = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();`;
}

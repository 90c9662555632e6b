/**
 * What an MFE's env.config.jsx says, as JSON: the file is parsed, not run.
 *
 *     node read_env_config.mjs env.config.jsx
 *
 * `imports` has what is imported when needed, `slots` what is put into slots: by which APP_ID,
 * with the properties that are plain names or texts.
 */
import { readFileSync } from 'node:fs';
import { parse } from '@babel/parser';

const code = readFileSync(process.argv[2], 'utf8');
const tree = parse(code, { sourceType: 'module', plugins: ['jsx'] });
const found = { imports: [], slots: [] };

const isNode = (value) => value !== null && typeof value === 'object' && typeof value.type === 'string';
const source = (node) => code.slice(node.start, node.end);

/** "process.env.APP_ID == 'catalog'" -> "catalog". */
function readApp(test) {
  const isApp = test.type === 'BinaryExpression' && source(test.left) === 'process.env.APP_ID';
  return isApp ? test.right.value : null;
}

function readPlugin(object) {
  return Object.fromEntries(object.properties.map(({ key, value }) => [key.name, value.value ?? source(value)]));
}

function visit(node, app) {
  let inside = app;
  if (node.type === 'IfStatement') {
    inside = readApp(node.test) ?? app;
  } else if (node.type === 'CallExpression' && node.callee.type === 'Import') {
    found.imports.push({ app, from: node.arguments[0].value });
  } else if (node.type === 'CallExpression' && node.callee.name === 'addPlugins') {
    const [, slot, plugins] = node.arguments;
    found.slots.push({ app, slot: slot.value, plugins: plugins.elements.map(readPlugin) });
  }
  Object.values(node).flat().filter(isNode).forEach((child) => visit(child, inside));
}

visit(tree.program, null);
process.stdout.write(JSON.stringify(found));

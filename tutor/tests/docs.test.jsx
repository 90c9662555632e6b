/** The snippets of docs/install.md are whole modules that a frontend can load, and do what they say. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from '@babel/parser';
import { describe, expect, it } from 'vitest';

const page = readFileSync(resolve('../docs/install.md'), 'utf8');
const snippets = [...page.matchAll(/```jsx\n([\s\S]*?)```/g)].map(([, code]) => code);

/** The default export, with the imports in the place of the real ones. */
function run(code, imports) {
  const body = code.replace(/^import .*$/gm, '').replace('export default', 'return');
  return new Function(...Object.keys(imports), body)(...Object.values(imports));
}

describe('the snippets of the installation page', () => {
  it('are there, and parse', () => {
    expect(snippets).toHaveLength(2);
    snippets.forEach((code) => parse(code, { sourceType: 'module', plugins: ['jsx'] }));
  });

  it('add Manage My Tokens to both menus of the header, behind what is there', () => {
    const code = snippets.find((each) => each.includes('addTokens'));
    const { pluginSlots } = run(code, { PLUGIN_OPERATIONS: { Modify: 'modify' } });
    const slots = Object.entries(pluginSlots);
    expect(slots.map(([name]) => name)).toEqual([
      'org.openedx.frontend.layout.header_desktop_user_menu.v1',
      'org.openedx.frontend.layout.header_mobile_user_menu.v1',
    ]);
    slots.forEach(([, { keepDefault, plugins: [plugin] }]) => {
      expect(keepDefault).toBe(true);
      expect(plugin).toMatchObject({ op: 'modify', widgetId: 'default_contents' });
      const dashboard = { items: [{ type: 'item', href: '/dashboard', content: 'Dashboard' }] };
      const { content } = plugin.fn({ content: { menu: [dashboard] } });
      expect(content.menu[0]).toBe(dashboard);
      expect(content.menu[1].items).toMatchObject([{ type: 'item', content: 'Manage My Tokens' }]);
      expect(content.menu[1].items[0].href).toMatch(/\/token-payments\/tokens\/$/);
    });
  });
});

/**
 * Bundles page/ with an env.config.jsx that Tutor wrote, as the image of the Catalog MFE would.
 *
 *     node build_page.mjs <folder of env.config.jsx> <target> <the LMS's address>
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const [written, target, lms] = process.argv.slice(2);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const CONFIG = {
  APP_ID: 'catalog',
  ACCESS_TOKEN_COOKIE_NAME: 'edx-jwt-cookie-header-payload',
  BASE_URL: 'apps.example.com',
  CSRF_TOKEN_API_PATH: '/csrf/api/v1/token',
  ENVIRONMENT: 'test',
  LANGUAGE_PREFERENCE_COOKIE_NAME: 'openedx-language-preference',
  LMS_BASE_URL: lms,
  LOGIN_URL: `${lms}/login`,
  LOGOUT_URL: `${lms}/logout`,
  LOGO_URL: '',
  MARKETING_SITE_BASE_URL: lms,
  PUBLIC_PATH: '/catalog/',
  REFRESH_ACCESS_TOKEN_ENDPOINT: `${lms}/login_refresh`,
  SITE_NAME: 'Test',
  STUDIO_BASE_URL: lms,
  USER_INFO_COOKIE_NAME: 'user-info',
};

// Beside node_modules, so that what it imports is found, as in the image.
const copy = mkdtempSync(here('../build-'));
try {
  cpSync(join(written, 'env.config.jsx'), join(copy, 'env.config.jsx'));
  cpSync(join(written, 'token-payments'), join(copy, 'token-payments'), { recursive: true });
  await build({
    root: here('page'),
    base: '/catalog/',
    logLevel: 'warn',
    plugins: [react()],
    define: {
      global: 'globalThis',
      ...Object.fromEntries(
        Object.entries(CONFIG).map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)]),
      ),
      'process.env': '{}',
    },
    resolve: {
      alias: [
        { find: 'env.config', replacement: join(copy, 'env.config.jsx') },
        { find: /^.*\.scss$/, replacement: here('nothing.js') },
      ],
      dedupe: ['react', 'react-dom', '@edx/frontend-platform', '@openedx/paragon'],
    },
    build: { outDir: target, emptyOutDir: true, minify: false, chunkSizeWarningLimit: 10_000 },
  });
} finally {
  rmSync(copy, { recursive: true, force: true });
}
